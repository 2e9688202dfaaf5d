"""Words about one or several photos."""
