"""How weights are found, and what can be learnt of them."""
