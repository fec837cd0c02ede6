"""How weights are found, and how well they do."""
