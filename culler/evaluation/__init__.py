"""How good is the judge: metrics and benchmark readers."""
