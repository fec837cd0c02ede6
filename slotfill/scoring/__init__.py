"""How well predicted labels agree with gold ones: scores, calibration, errors. Neither torch nor training."""
