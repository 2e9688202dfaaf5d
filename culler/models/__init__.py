"""Networks (tensors in, tensors out) and the reading of their checkpoints."""
