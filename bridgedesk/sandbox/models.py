"""The sandbox keeps its pretend world in its own process, not in our tables."""
