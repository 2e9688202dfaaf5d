"""Lists of ids in portions that every SQLite takes."""

from collections.abc import Iterable

from culler.domain.photo import PhotoId

CHUNK = 500
"""Ids in one IN (…): below every SQLite's limit on variables."""


def chunks(ids: Iterable[PhotoId]) -> Iterable[list[PhotoId]]:
    """The ids in lists of at most CHUNK."""
    all_ids = list(ids)
    return (all_ids[k : k + CHUNK] for k in range(0, len(all_ids), CHUNK))
