"""The marks that files bring along: a photo's first decision, before the user has made one."""

from pathlib import Path

from culler.catalog.photos import Found
from culler.domain.decision import UNMARKED, ColorLabel, Decision, Flag


def read(root: Path, found: Found) -> Decision:
    """Ratings and marks from the photo's sidecars, else from the camera; UNMARKED where there are none."""
    rating = found.facts.camera_rating
    if rating is None:
        return UNMARKED
    if rating < 0:
        return Decision(Flag.REJECT, 0, ColorLabel.NONE.value)
    return Decision(Flag.NONE, min(rating, 5), ColorLabel.NONE.value)
