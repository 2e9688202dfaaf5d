"""The marks that files bring along: a photo's first decision, before the user has made one."""

import logging
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from culler.catalog.scanned import Found
from culler.catalog.sidecars import SidecarRecord
from culler.domain.decision import UNMARKED, ColorLabel, Decision, Flag
from culler.domain.errors import CullerError
from culler.domain.photo import FileRole, Photo, PhotoFile
from culler.imaging import xmp_files
from culler.imaging.xmp import Marks
from culler.workflow import inside

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class FirstMarks:
    """What files say of a photo that is new to the catalog, and the sidecars to remember: none where
    they disagree, so that this is told until the user has chosen."""

    decision: Decision = UNMARKED
    sidecars: tuple[SidecarRecord, ...] = ()


def read(root: Path, found: Found) -> FirstMarks:
    """Marks from the photo's sidecars, else from inside its files, else the camera's rating; UNMARKED
    where nothing says anything. Sidecars that disagree about a mark say nothing of it."""
    if found.failure is not None and len(found.files) == 1:
        return FirstMarks()
    marks, records = _in_sidecars(root, found.files)
    within, pictures = _inside(root, found.files)
    marks = marks.or_else(within)
    rating = found.facts.camera_rating
    if rating is not None:
        camera = Marks(Flag.REJECT) if rating < 0 else Marks(stars=min(rating, 5))
        marks = marks.or_else(camera)
    decision = Decision(marks.flag or Flag.NONE, marks.stars or 0, marks.label or ColorLabel.NONE.value)
    return FirstMarks(decision, records + pictures)


def stated(photo: Photo) -> Marks:
    """What a photo's sidecars and packets say now, no marks included: a rating of 0 is a statement, too."""
    return _in_sidecars(photo.root, photo.files)[0].or_else(_inside(photo.root, photo.files)[0])


def _in_sidecars(root: Path, files: Sequence[PhotoFile]) -> tuple[Marks, tuple[SidecarRecord, ...]]:
    sidecars, records = [], []
    for file in files:
        if file.role is FileRole.SIDECAR:
            try:
                sidecar = xmp_files.read(file.path(root))
            except CullerError as error:
                log.warning("%s", error)
                continue
            sidecars.append(sidecar)
            stated = sidecar.marks.on(UNMARKED)
            records.append(SidecarRecord(file.relative_path, sidecar.digest, stated))
    marks = xmp_files.marks_in(sidecars)
    disputed = {facet.value: None for facet in xmp_files.disagreements(sidecars)}
    return replace(marks, **disputed), () if disputed else tuple(records)


def _inside(root: Path, files: Sequence[PhotoFile]) -> tuple[Marks, tuple[SidecarRecord, ...]]:
    """Marks in the XMP packet of the primary file, or of the picture beside a RAW."""
    marks, records = Marks(), []
    for file in files:
        if file.role not in inside.PICTURES:
            continue
        path = file.path(root)
        try:
            packet = inside.packet_marks(path)
        except (OSError, CullerError) as error:
            log.info("%s: %s", path, error)
            continue
        if packet is not None and packet.marks:
            marks = marks.or_else(packet.marks)
            records.append(inside.record(file.relative_path, file.stamp, packet))
    return marks, tuple(records)
