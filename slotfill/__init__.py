"""slotfill: train, score and run small recurrent slot-filling taggers."""

__version__ = "0.1.0"
