"""How accurate formcheck is, against exact truth: `python -m benchmarks.accuracy`."""
