"""Floor 4: the JSON face, a drop-in for yente's."""
