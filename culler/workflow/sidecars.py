"""Marks in XMP sidecars: how they stand, writing them, taking over what other programs changed.

Nothing is written or taken over but by an explicit call. What both sides changed is a conflict, told
and left alone until the user has chosen. Undo changes the catalog only: the photo is pending again.
"""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal

from culler.catalog import decisions, edits, photo_files, photos, sidecars
from culler.catalog.database import Transaction
from culler.catalog.sidecars import SidecarRecord
from culler.domain.changes import NO_CHANGES, Changed, Changes, Progress
from culler.domain.decision import UNMARKED, ByHand, Decision, Facet
from culler.domain.errors import CullerError
from culler.domain.photo import PhotoId
from culler.imaging import exiftool, placing, xmp_files
from culler.workflow import sidecar_looks, sidecar_writing
from culler.workflow.job import Job
from culler.workflow.sidecar_looks import Folders, Look, MarksState, Theirs
from culler.workflow.sidecar_writing import WriteRequest
from culler.workflow.workspace import Workspace, known_scopes

__all__ = [
    "MarksState",
    "SidecarReport",
    "SidecarStatus",
    "Theirs",
    "WriteRequest",
    "exiftool_version",
    "marked",
    "pending",
    "photos_in",
    "read",
    "resolve",
    "status",
    "status_of",
    "write",
]

STEP = 100
"""Photos looked at before the caller has a turn."""
WRITE_STEP, WRITERS = 32, 8
"""Photos a commit, and how many are written at once."""


@dataclass(frozen=True, slots=True)
class SidecarStatus:
    """One photo: its state, what was done (`action`: "", written, read, unchanged, skipped or failed;
    "would write" and so on in a dry run), and why in `message`. For a conflict, both sides."""

    photo_id: PhotoId
    path: Path
    state: MarksState
    ours: Decision
    sidecars: tuple[Path, ...] = ()
    theirs: tuple[Theirs, ...] = ()
    conflict: tuple[Facet, ...] = ()
    message: str = ""
    action: str = ""


@dataclass(frozen=True, slots=True)
class SidecarReport:
    """Every photo in order."""

    items: tuple[SidecarStatus, ...]

    @property
    def states(self) -> Mapping[MarksState, int]:
        """How many photos are in each state."""
        return Counter(item.state for item in self.items)


def photos_in(workspace: Workspace, roots: Sequence[Path] | None) -> tuple[PhotoId, ...]:
    """The present photos of some folders (None: all)."""
    scopes = known_scopes(workspace, None if roots is None else list(roots))
    with workspace.catalog.read() as tx:
        return tuple(photos.ids_in(tx, scopes))


def pending(workspace: Workspace, roots: Sequence[Path] | None = None) -> tuple[PhotoId, ...]:
    """The photos whose marks are not in their files yet. Asks the catalog only: quick at any size."""
    scopes = known_scopes(workspace, None if roots is None else list(roots))
    with workspace.catalog.read() as tx:
        ids = sidecars.candidates(tx, scopes)
        marks = decisions.decisions_of(tx, ids)
        known = sidecars.remembered(tx, ids)
    return tuple(i for i in ids if known.get(i, sidecars.NOTHING).is_pending(marks[i]))


def marked(workspace: Workspace, roots: Sequence[Path] | None = None) -> tuple[PhotoId, ...]:
    """The photos that have any mark."""
    scopes = known_scopes(workspace, None if roots is None else list(roots))
    with workspace.catalog.read() as tx:
        marks = decisions.decisions_of(tx, sidecars.candidates(tx, scopes))
    return tuple(photo_id for photo_id, decision in marks.items() if decision != UNMARKED)


def exiftool_version() -> str:
    """The version of the user's ExifTool; "" where there is none that can be used."""
    found = exiftool.find_exiftool()
    return "" if found is None else found.version


def status(workspace: Workspace, roots: Sequence[Path] | None = None) -> Job[SidecarReport]:
    """Look at the sidecars of all photos of some folders. Changes nothing."""
    return (yield from status_of(workspace, photos_in(workspace, roots)))


def status_of(workspace: Workspace, ids: Sequence[PhotoId]) -> Job[SidecarReport]:
    """Look at the sidecars of some photos. Changes nothing."""
    items: list[SidecarStatus] = []
    yield Progress(0, len(ids), "Looking at sidecars")
    for looks in _looks(workspace, ids):
        items += map(_status, looks)
        yield Progress(len(items), len(ids), "Looking at sidecars")
    return SidecarReport(tuple(items))


def write(workspace: Workspace, request: WriteRequest) -> Job[SidecarReport]:
    """Write the marks of photos, merged into what their sidecars hold. Conflicts and malformed sidecars
    are reported and left alone. Raises CullerError where marks should go inside files and there is no
    ExifTool."""
    writer = sidecar_writing.Writer(workspace, request)
    items: list[SidecarStatus] = []
    folders: set[Path] = set()
    total = len(request.photo_ids)
    yield Progress(0, total, "Writing sidecars")
    # Most of a write is waiting for the disk to have it: several at once wait together.
    with ThreadPoolExecutor(WRITERS, "sidecar") as pool:
        for looks in _looks(workspace, request.photo_ids, WRITE_STEP):
            done = list(pool.map(lambda seen: _written(writer, seen), looks))
            kept = {
                seen.photo.id: (seen, outcome)
                for seen, (_, outcome) in zip(looks, done, strict=True)
                if outcome
            }
            _keep(workspace, list(kept.values()))
            folders |= {seen.photo.path.parent for seen, outcome in kept.values() if outcome.changed}
            items += [item for item, _ in done]
            changed = [photo_id for photo_id, (_, outcome) in kept.items() if outcome.changed]
            changes = Changes.of(changed, Changed.MARKS) if changed else NO_CHANGES
            yield Progress(len(items), total, "Writing sidecars", changes)
    placing.sweep(folders)
    return SidecarReport(tuple(items))


def read(workspace: Workspace, photo_ids: Sequence[PhotoId], dry_run: bool = False) -> Job[SidecarReport]:
    """Take over the marks that other programs changed, as undoable edits. What the user changed, too, is
    reported and left alone."""
    items: list[SidecarStatus] = []
    taken: list[Look] = []
    yield Progress(0, len(photo_ids), "Reading sidecars")
    for looks in _looks(workspace, photo_ids):
        for seen in looks:
            item = _status(seen)
            if seen.state is MarksState.CHANGED_OUTSIDE:
                taken.append(seen)
                item = replace(item, action="would read" if dry_run else "read")
            items.append(item)
        yield Progress(len(items), len(photo_ids), "Reading sidecars")
    if not dry_run and taken:
        with workspace.catalog.write() as tx:
            for seen in taken:
                sidecars.remember(tx, {seen.photo.id: _agreement(seen)})
            _take(tx, {seen.photo.id: (seen.decision, seen.merged) for seen in taken})
        changes = Changes.of([seen.photo.id for seen in taken], Changed.MARKS)
        yield Progress(len(items), len(photo_ids), "Reading sidecars", changes)
    return SidecarReport(tuple(items))


def resolve(
    workspace: Workspace, photo_id: PhotoId, keep: Literal["ours", "theirs"], sidecar: Path | None = None
) -> Changes:
    """Settle a conflict. In the facets in conflict "ours" writes the marks here into every sidecar;
    "theirs" takes those of the sidecars (of `sidecar`, where several disagree; else the first one's word
    counts), undoable. What only one side changed is kept either way. Nothing where there is no conflict.

    Raises CullerError when the sidecar is malformed or cannot be written.
    """
    looks = [seen for some in _looks(workspace, [photo_id]) for seen in some]
    if not looks:
        raise CullerError("This photo is no longer in the catalog.")
    (seen,) = looks
    if seen.state is MarksState.MALFORMED:
        raise CullerError(seen.message)
    if seen.state is not MarksState.CONFLICT:
        return NO_CHANGES
    if keep == "ours":
        request = WriteRequest((photo_id,))
        outcome = sidecar_writing.Writer(workspace, request).write(seen, overrule=True)
        _keep(workspace, [(seen, outcome)])
        return Changes.of([photo_id], Changed.MARKS)
    first = [each for each in seen.speaking if each.path == sidecar]
    others = [each for each in seen.speaking if each.path != sidecar]
    marks = xmp_files.marks_in([*first, *others])
    # Where the sidecars fell silent about a facet in conflict, theirs is to have none.
    silent = {facet.value: getattr(UNMARKED, facet.value) for facet in seen.conflict}
    stated = marks.on(replace(seen.known.agreed, **silent))
    wanted = replace(seen.merged, **{facet.value: getattr(stated, facet.value) for facet in seen.conflict})
    with workspace.catalog.write() as tx:
        sidecars.remember(tx, {photo_id: (stated, sidecar_looks.records(seen))})
        _take(tx, {photo_id: (seen.decision, wanted)})
    return Changes.of([photo_id], Changed.MARKS)


def _looks(workspace: Workspace, photo_ids: Sequence[PhotoId], step: int = STEP) -> Iterator[list[Look]]:
    """Photos with their sidecars as they are now, some at a time."""
    folders = Folders()
    for start in range(0, len(photo_ids), step):
        ids = photo_ids[start : start + step]
        with workspace.catalog.read() as tx:
            found = photos.get(tx, ids)
            marks = decisions.decisions_of(tx, found)
            known = sidecars.remembered(tx, found)
        yield [
            sidecar_looks.look(photo, marks[photo_id], known.get(photo_id, sidecars.NOTHING), folders)
            for photo_id, photo in found.items()
        ]


def _status(seen: Look) -> SidecarStatus:
    return SidecarStatus(
        seen.photo.id,
        seen.photo.path,
        seen.state,
        seen.decision,
        seen.paths,
        seen.theirs,
        seen.conflict,
        seen.message,
    )


def _written(
    writer: sidecar_writing.Writer, seen: Look
) -> tuple[SidecarStatus, sidecar_writing.Outcome | None]:
    """What became of one photo, and what its files hold where they could be written. Any thread."""
    item = _status(seen)
    if seen.photo.missing:
        text = f"{seen.photo.name} is not there any more. Is its disk connected?"
        return replace(item, action="failed", message=text), None
    if seen.state in (MarksState.CONFLICT, MarksState.MALFORMED):
        return replace(item, action="skipped"), None
    if not writer.has_something_to_say(seen):
        return replace(item, action="unchanged"), None
    if writer.request.dry_run:
        return replace(item, action="would write", sidecars=writer.targets(seen)), None
    try:
        outcome = writer.write(seen)
    except xmp_files.SidecarConflict as conflict:
        said = replace(item, state=MarksState.CONFLICT, conflict=conflict.facets, message=str(conflict))
        return replace(said, action="skipped"), None
    except CullerError as error:
        return replace(item, action="failed", message=str(error)), None
    done = SidecarStatus(
        seen.photo.id,
        seen.photo.path,
        MarksState.IN_SYNC,
        outcome.decision,
        tuple(each.path for each in outcome.sidecars),
        action="written" if outcome.changed else "unchanged",
    )
    return done, outcome


def _keep(workspace: Workspace, written: Sequence[tuple[Look, sidecar_writing.Outcome]]) -> None:
    """Remember what was written, and take over the marks that the writes found in the sidecars."""
    if not written:
        return
    with workspace.catalog.write() as tx:
        for seen, outcome in written:
            records = [sidecar_looks.record_of(seen.photo, each) for each in outcome.sidecars]
            sidecars.remember(tx, {seen.photo.id: (outcome.decision, [*records, *outcome.pictures])})
            photo_files.put_files(tx, seen.photo.id, outcome.files)
        _take(tx, {seen.photo.id: (seen.decision, outcome.decision) for seen, outcome in written})


def _agreement(seen: Look) -> tuple[Decision, Sequence[SidecarRecord]]:
    """What to remember once outside changes are taken over: marks whose sidecar is gone are in no file;
    marks that the user changed here, beside those changed outside, are still to be written."""
    agreed = UNMARKED if seen.gone and not seen.sidecars else seen.known.agreed
    for each in reversed(seen.speaking):
        agreed = each.marks.on(agreed)
    return agreed, sidecar_looks.records(seen)


def _take(tx: Transaction, taken: Mapping[PhotoId, tuple[Decision, Decision]]) -> None:
    """Set marks found outside (from → to) as undoable edits, where the user has not changed them since."""
    present = decisions.decisions_of(tx, taken)
    wanted: dict[Facet | ByHand, Mapping[PhotoId, str | int]] = {
        facet: {
            photo_id: value
            for photo_id, (before, after) in taken.items()
            if (value := after.value(facet)) != before.value(facet)
            and present[photo_id].value(facet) == before.value(facet)
        }
        for facet in Facet
    }
    count = len({photo_id for values in wanted.values() for photo_id in values})
    what = "1 photo" if count == 1 else f"{count} photos"
    edits.do_step(tx, f"Take over the marks of {what} from sidecars", wanted)
