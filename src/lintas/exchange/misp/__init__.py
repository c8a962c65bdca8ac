"""The edge to MISP: events and feeds to STIX 2.1 and back, and what a message's handling becomes there."""
