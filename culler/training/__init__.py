"""Learning: the embedded judge, the user's taste."""
