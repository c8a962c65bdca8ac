"""Faults between nodes: three processes work with one another while they are killed and the wire fails them."""
