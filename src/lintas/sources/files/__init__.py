"""Files that agencies send one another: what they are by what is in them, and whether they are let through."""
