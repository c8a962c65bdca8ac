"""Channels with fields of their own: a folder each, with what one report of it says."""
