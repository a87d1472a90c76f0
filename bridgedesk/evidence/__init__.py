"""Packs for disputes: everything about one order in one signed file."""
