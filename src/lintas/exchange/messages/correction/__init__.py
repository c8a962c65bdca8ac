"""What was said before was wrong; this is right."""
