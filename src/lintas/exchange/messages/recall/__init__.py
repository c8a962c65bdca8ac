"""The originator takes back what it told; the receiver removes it and signs for that."""
