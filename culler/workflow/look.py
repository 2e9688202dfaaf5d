"""Looking at every photo once without judging it: thumbnail, hash, and what cannot be shown."""

import logging
from collections.abc import Sequence
from pathlib import Path

from culler.catalog import outcomes, photos
from culler.catalog.outcomes import Decoded
from culler.domain.assessment import Failure, Stage
from culler.domain.changes import Changed, Changes, Progress
from culler.domain.errors import CullerError
from culler.domain.photo import Photo
from culler.workflow import develop
from culler.workflow.ahead import Ahead
from culler.workflow.job import Job
from culler.workflow.passing import may_pass
from culler.workflow.workspace import Workspace, known_scopes

log = logging.getLogger(__name__)

BATCH = 64
"""Photos a commit."""

_Looked = tuple[Photo, Decoded | Failure, bool]
"""What was seen of a photo, or why nothing was and whether the reason may pass."""


def look(workspace: Workspace, roots: Sequence[Path] | None = None) -> Job[int]:
    """Decode what nobody has decoded yet; how many photos were looked at."""
    scopes = known_scopes(workspace, None if roots is None else list(roots))
    with workspace.catalog.read() as tx:
        pending = outcomes.undecoded(tx, photos.ids_in(tx, scopes))
    ahead = Ahead(workspace, pending, lambda photo: _look_at(workspace, photo), 2 * BATCH)
    done = 0
    batch: list[_Looked] = []
    yield Progress(0, len(pending), "Looking")
    try:
        for item in ahead:
            if item is not None:
                batch.append(item)
            if batch and (len(batch) >= BATCH or ahead.exhausted):
                changes = _write(workspace, batch)
                done += len(batch)
                batch = []
                yield Progress(done, len(pending), "Looking", changes)
            elif item is None:
                yield Progress(done, len(pending), "Looking")
    finally:
        ahead.close()
    return done


def _look_at(workspace: Workspace, photo: Photo) -> _Looked:
    try:
        return photo, develop.decoded(photo, develop.glance(workspace, photo)), False
    except CullerError as error:
        return photo, Failure(photo.id, Stage.DECODE, str(error)), may_pass(error)
    except Exception as error:
        log.error("%s: %s", photo.path, error, exc_info=error)
        text = f"{photo.name} could not be read ({type(error).__name__})."
        return photo, Failure(photo.id, Stage.DECODE, text), False


def _write(workspace: Workspace, batch: Sequence[_Looked]) -> Changes:
    with workspace.catalog.write() as tx:
        outcomes.write_decoded(tx, [said for _, said, _ in batch if isinstance(said, Decoded)])
        good = [photo.id for photo, said, _ in batch if isinstance(said, Decoded)]
        outcomes.clear_failures(tx, good, [Stage.DECODE], outcomes.PASSING)
        for source, may_pass in (("", False), (outcomes.PASSING, True)):
            failed = [
                (said, photo.revision)
                for photo, said, passing in batch
                if isinstance(said, Failure) and passing is may_pass
            ]
            outcomes.write_failures(tx, failed, source)
    return Changes.of([photo.id for photo, _, _ in batch], Changed.PIXELS, Changed.FAILURES)
