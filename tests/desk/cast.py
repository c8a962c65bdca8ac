"""Officers of fiction, as in any textbook: one owns the node, one works on it, one reads."""

from lintas.model.officer import Officer

ALICE, BOB, CHARLIE = Officer("alice", "owner"), Officer("bob", "analyst"), Officer("charlie", "reader")
