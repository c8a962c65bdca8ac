"""Measurements. `python -m bench` runs all of them, `python -m bench NAME` one part; see docs/benchmarks.md."""
