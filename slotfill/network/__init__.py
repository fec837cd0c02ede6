"""Tensors: cells, unrolling, features, the tagger network and its export. Knows nothing of training."""
