"""Information that nobody asked for."""
