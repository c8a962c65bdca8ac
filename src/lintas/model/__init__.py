"""Floor 0: the words of the house. Frozen nouns, value types, the error tree and the shelf."""
