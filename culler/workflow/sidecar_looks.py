"""How one photo's sidecars stand against its marks: read afresh and compared with what is remembered."""

import os
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum
from pathlib import Path

from culler.catalog.sidecars import Remembered, SidecarRecord
from culler.domain.decision import UNMARKED, Decision, Facet
from culler.domain.errors import CullerError
from culler.domain.photo import FileRole, Photo, shown_name
from culler.imaging import xmp_files, xmp_names
from culler.imaging.xmp import reconcile
from culler.imaging.xmp_files import Sidecar, Synced
from culler.imaging.xmp_names import SUFFIX, Siblings
from culler.workflow import inside
from culler.workflow.inside import Inside


class MarksState(StrEnum):
    """How a photo's marks and its sidecars stand to each other."""

    IN_SYNC = "in sync"
    PENDING = "pending"
    """Marks that are not written yet."""
    CHANGED_OUTSIDE = "changed outside"
    CONFLICT = "conflict"
    MALFORMED = "malformed"


NOTHING_INSIDE = Inside()


@dataclass(frozen=True, slots=True)
class Theirs:
    """What one sidecar says; None where it says nothing."""

    path: Path
    flag: str | None
    stars: int | None
    label: str | None


@dataclass(frozen=True, slots=True)
class Look:
    """A photo's sidecars as they are now. `merged` are the marks here with changes made outside taken
    over; of the facets in `conflict` it has ours. `message` says what is wrong with a malformed one."""

    photo: Photo
    decision: Decision
    known: Remembered
    state: MarksState
    merged: Decision
    paths: tuple[Path, ...] = ()
    sidecars: tuple[Sidecar, ...] = ()
    conflict: tuple[Facet, ...] = ()
    message: str = ""
    members: tuple[Path, ...] = field(default=(), repr=False)
    inside: Inside = field(default=NOTHING_INSIDE, repr=False)

    @property
    def theirs(self) -> tuple[Theirs, ...]:
        """What each sidecar says, and each picture whose packet was changed."""
        return tuple(
            Theirs(each.path, None if each.marks.flag is None else each.marks.flag.value, *_rest(each))
            for each in self.speaking
        )

    @property
    def speaking(self) -> tuple[Sidecar, ...]:
        """Whose word is asked: the sidecars', then that of pictures changed outside."""
        return (*self.sidecars, *self.inside.changed)

    @property
    def gone(self) -> bool:
        """Whether a sidecar that is remembered is there no more."""
        there = {relative_path(self.photo, each.path) for each in self.sidecars}
        return any(path.lower().endswith(SUFFIX) and path not in there for path in self.known.sidecars)

    def synced(self, path: Path) -> Synced:
        """What was remembered of one sidecar, for telling who changed what since."""
        record = self.known.sidecars.get(relative_path(self.photo, path))
        if record is None:
            return Synced(agreed=self.known.agreed)
        return Synced(record.digest, record.stated, self.known.agreed)


class Folders:
    """Lists each folder once, however many of its photos are looked at."""

    def __init__(self) -> None:
        self._listed: dict[Path, Siblings] = {}

    def siblings(self, folder: Path) -> Siblings:
        """The files of a folder; none where it cannot be looked into."""
        if folder not in self._listed:
            try:
                names = os.listdir(folder)
            except OSError:
                names = []
            self._listed[folder] = Siblings(folder / name for name in names)
        return self._listed[folder]


def look(photo: Photo, decision: Decision, known: Remembered, folders: Folders) -> Look:
    """Read a photo's sidecars and say how they stand. Never raises for what is in them."""
    members = members_of(photo)
    paths = tuple(xmp_names.find(photo.path, folders.siblings(photo.path.parent), members))
    blank = Look(photo, decision, known, MarksState.IN_SYNC, decision, paths, members=members)
    sidecars: list[Sidecar] = []
    for path in paths:
        try:
            sidecars.append(xmp_files.read(path))
        except CullerError as error:
            return replace(blank, state=MarksState.MALFORMED, message=str(error))
    return _compared(replace(blank, sidecars=tuple(sidecars), inside=inside.look(photo, known)))


def _compared(seen: Look) -> Look:
    changed = [each for each in seen.sidecars if each.digest != seen.synced(each.path).digest]
    changed += seen.inside.changed
    # Sidecars that contradicted each other when the user last chose between them are settled.
    disputed = xmp_files.disagreements(seen.sidecars) if changed else ()
    merged = seen.decision
    clashes = dict.fromkeys(disputed)
    for each in changed:
        merged, facets = reconcile(seen.synced(each.path).base(each.marks), merged, each.marks)
        clashes.update(dict.fromkeys(facets))
    if clashes:
        facets = tuple(clashes)
        merged = replace(merged, **{facet.value: getattr(seen.decision, facet.value) for facet in facets})
        if disputed:
            names = " and ".join(each.path.name for each in seen.sidecars)
            message = f"{names} disagree about the {_words(disputed)}; choose which marks to keep."
        else:
            names = " and ".join(each.path.name for each in changed)
            spoke = any(getattr(each.marks, facet.value) is not None for each in changed for facet in facets)
            how = "changed the {}, and so did you" if spoke else "took out the {}; choose which marks to keep"
            message = f"{names}: another program {how.format(_words(facets))}."
        return replace(seen, state=MarksState.CONFLICT, merged=merged, conflict=facets, message=message)
    seen = replace(seen, merged=merged)
    if merged != seen.decision or seen.gone:
        what = "a sidecar is gone" if seen.gone else "marks were changed by another program"
        return replace(seen, state=MarksState.CHANGED_OUTSIDE, message=f"{seen.photo.name}: {what}.")
    present = Remembered(seen.known.agreed, {record.relative_path: record for record in records(seen)})
    if present.is_pending(seen.decision):
        return replace(seen, state=MarksState.PENDING)
    return seen


def records(seen: Look) -> tuple[SidecarRecord, ...]:
    """The sidecars and pictures as they were just read, to be remembered."""
    return (*(record_of(seen.photo, each) for each in seen.sidecars), *seen.inside.records)


def record_of(photo: Photo, sidecar: Sidecar) -> SidecarRecord:
    """One sidecar, to be remembered with what its packet states and no more."""
    return SidecarRecord(relative_path(photo, sidecar.path), sidecar.digest, sidecar.marks.on(UNMARKED))


def relative_path(photo: Photo, path: Path) -> str:
    """A file of the photo as the catalog addresses it."""
    return shown_name(path.relative_to(photo.root).as_posix())[0]


def members_of(photo: Photo) -> tuple[Path, ...]:
    """The photo's files beside its primary one and its sidecars."""
    return tuple(file.path(photo.root) for file in photo.files[1:] if file.role is not FileRole.SIDECAR)


def _words(facets: Sequence[Facet]) -> str:
    return " and ".join(facet.value for facet in facets)


def _rest(sidecar: Sidecar) -> tuple[int | None, str | None]:
    return sidecar.marks.stars, sidecar.marks.label
