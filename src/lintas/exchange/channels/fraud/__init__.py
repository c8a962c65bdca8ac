"""Fraud and scams: how victims were reached, and where their money went."""
