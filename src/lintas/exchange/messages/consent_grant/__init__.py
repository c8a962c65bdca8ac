"""The originator agrees."""
