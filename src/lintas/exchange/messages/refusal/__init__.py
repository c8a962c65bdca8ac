"""A request is not answered, for a reason of a closed list."""
