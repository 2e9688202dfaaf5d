"""One module a schema change, rev_NNNN_what.py."""
