"""What became of what was told."""
