"""Floor 4: the commands. Each reads its arguments, calls one desk function, shows the result."""
