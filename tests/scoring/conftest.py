"""Tiny checkpoints, one thread."""

from tiny_qalign import make_tiny, one_thread, plain, tiny

__all__ = ["make_tiny", "one_thread", "plain", "tiny"]
