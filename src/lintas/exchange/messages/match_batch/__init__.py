"""Blinded questions to a set; they travel beside it. What was asked is committed to."""
