"""Culler: cull photographs by level distributions you can look into."""

__version__ = "0.1.0"
