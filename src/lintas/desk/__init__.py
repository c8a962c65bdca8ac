"""Floor 3: what an officer can do. The only place where rooms meet, and where access is asked."""
