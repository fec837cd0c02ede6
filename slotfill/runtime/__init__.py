"""Tagging with a trained model: numpy and onnxruntime, never torch."""
