"""A warning to all who watch a channel; it is answered only by who knows more."""
