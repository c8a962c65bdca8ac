"""Trends at sea: what a ship did, where and when."""
