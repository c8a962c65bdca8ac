"""The questions, answered by the holder's key, with a proof; or why not."""
