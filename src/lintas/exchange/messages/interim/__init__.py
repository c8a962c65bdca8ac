"""What is known so far; more follows."""
