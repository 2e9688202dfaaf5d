"""Files to pixels and metadata, and back."""
