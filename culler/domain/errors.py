"""The one error type that people read."""


class CullerError(Exception):
    """The world's fault: its text is a sentence for a person that names the file and what to do."""
