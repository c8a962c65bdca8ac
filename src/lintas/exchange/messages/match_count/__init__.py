"""How many of the questions hit; the asker signs for it."""
