"""Floor 1: dated facts as data files, each with its source and certainty, and plain functions that ask them."""
