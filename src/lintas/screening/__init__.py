"""Floor 2: names and identifiers to matches with reasons. Knows no database, no network and no clock."""
