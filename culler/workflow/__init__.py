"""Use cases over everything below; both faces call these and nothing else."""
