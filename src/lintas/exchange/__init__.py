"""Floor 2: what agencies say to each other and how they match in private. Pure."""
