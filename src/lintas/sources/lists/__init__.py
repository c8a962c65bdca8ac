"""The shelf of lists: `<publisher>_<list>/` holds `source.toml`, `parse.py`, `sample.*` and `expected.jsonl`."""
