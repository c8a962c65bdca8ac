"""An offer of private matching ends, and which of its tags were canaries is told."""
