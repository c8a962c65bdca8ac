"""The originator does not agree, and says why."""
