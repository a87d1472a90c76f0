"""Bridgedesk: customer service for sellers with many shops on many marketplaces."""

__version__ = "0.1.0"
