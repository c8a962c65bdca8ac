"""What was told is deleted here, as its handling asked."""
