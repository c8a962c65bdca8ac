"""A node has new keys; those that were known sign for them. The node itself writes it."""
