"""Floor 2: data in. Lists and customer files become entities; nothing here writes or asks who is reading."""
