"""Networks and measurements to level distributions."""
