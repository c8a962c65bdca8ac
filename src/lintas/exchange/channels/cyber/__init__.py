"""Cyber incidents: an indicator, what it was seen in, and when."""
