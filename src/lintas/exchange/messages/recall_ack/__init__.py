"""What was recalled is removed here."""
