"""The experiments of `slotfill lab`."""
