"""How fast training and tagging are: `python -m benchmarks.speed`. Light to import: cold starts begin here."""
