"""Floor 4: the pages that officers see."""
