"""How many questions of an agency hit a canary, in answer to what was told of them."""
