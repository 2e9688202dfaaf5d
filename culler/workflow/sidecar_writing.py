"""Writing one photo's marks into all its sidecars and, when asked, into its files by ExifTool."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from culler.catalog import assessments
from culler.catalog.sidecars import SidecarRecord
from culler.domain.decision import UNMARKED, Decision, Flag
from culler.domain.errors import CullerError
from culler.domain.photo import FileRole, FileStamp, Photo, PhotoFile, PhotoId, shown_name
from culler.imaging import exiftool, formats, xmp_files, xmp_names
from culler.imaging.exiftool import ExifTool
from culler.imaging.xmp import Marks, WriteOptions
from culler.imaging.xmp_files import Sidecar
from culler.workflow import inside, rank, scorers
from culler.workflow.sidecar_looks import Folders, Look, MarksState
from culler.workflow.workspace import Workspace


@dataclass(frozen=True, slots=True)
class WriteRequest:
    """Whose marks to write, and how. `reject_as_rating` also writes a rating of −1 for rejects, which
    destroys their stars; `long_names` names new sidecars IMG.CR2.xmp; `scores` adds the judge's levels in
    Culler's own namespace; `embed` also writes into JPEG, TIFF, HEIC and DNG files by ExifTool."""

    photo_ids: tuple[PhotoId, ...]
    reject_as_rating: bool = False
    long_names: bool = False
    scores: bool = False
    embed: bool = False
    dry_run: bool = False


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a photo's files hold after a write: the marks, the sidecars as read back, what to remember of
    its pictures, and the files that were written with their new stamps."""

    decision: Decision
    sidecars: tuple[Sidecar, ...]
    pictures: tuple[SidecarRecord, ...]
    files: tuple[PhotoFile, ...]
    changed: bool


class Writer:
    """Writes as one request asks. Raises CullerError where ExifTool is needed and not there."""

    def __init__(self, workspace: Workspace, request: WriteRequest) -> None:
        self.request = request
        self._folders = Folders()
        self._options = WriteOptions(rating_for_reject=request.reject_as_rating)
        self._scores = _scores(workspace, request) if request.scores else {}
        self._exiftool: ExifTool | None = None
        if request.embed:
            self._exiftool = exiftool.find_exiftool()
            if self._exiftool is None:
                oldest = ".".join(map(str, exiftool.OLDEST_VERSION))
                raise CullerError(
                    f"Writing into picture files needs ExifTool {oldest} or newer, which was not found. "
                    "Install it, or write sidecars."
                )

    def has_something_to_say(self, seen: Look) -> bool:
        """Whether anything might have to be written for this photo."""
        if seen.state is not MarksState.IN_SYNC or seen.photo.id in self._scores:
            return True
        return self._exiftool is not None and seen.decision != UNMARKED

    def targets(self, seen: Look) -> tuple[Path, ...]:
        """The sidecars that a write would write."""
        siblings = self._folders.siblings(seen.photo.path.parent)
        return tuple(
            xmp_names.targets(seen.photo.path, seen.paths, siblings, self.request.long_names, seen.members)
        )

    def write(self, seen: Look, overrule: bool = False) -> Outcome:
        """Write one photo's marks; `overrule` lets the marks here win where there is a conflict.

        Raises SidecarConflict for a change that came in between, and CullerError where a file cannot be
        written. A photo with several sidecars may then have some written: they agree with the marks here.
        """
        wanted = seen.merged
        scores = self._scores.get(seen.photo.id)
        written: list[Path] = []
        changed = False
        targets = self.targets(seen)
        beneath = _beneath(seen, targets)
        for path in targets:
            owner = xmp_names.owner_of(seen.photo.path, path, seen.members)
            done = xmp_files.write_marks(
                path,
                wanted,
                seen.synced(path),
                options=self._options,
                sidecar_for_extension=None if owner is None else owner.suffix,
                scores=scores,
                beneath=beneath,
                overrule=overrule,
            )
            wanted, changed = done.decision, changed or done.changed
            written.append(path)
        embedded = self._embed(seen, wanted, scores, beneath)
        new = {
            file.relative_path: inside.record(
                file.relative_path, file.stamp, inside.packet_marks(file.path(seen.photo.root))
            )
            for file in embedded
        }
        old = {record.relative_path: record for record in seen.inside.records}
        pictures = tuple((old | new).values())
        read_only = [path for path in seen.paths if path not in written]
        files = [_file(seen.photo, path, FileRole.SIDECAR) for path in written]
        files += embedded
        sidecars = tuple(xmp_files.read(path) for path in (*written, *read_only))
        return Outcome(wanted, sidecars, pictures, tuple(files), changed or bool(embedded))

    def _embed(
        self, seen: Look, wanted: Decision, scores: Mapping[str, float | str] | None, beneath: Marks
    ) -> list[PhotoFile]:
        if self._exiftool is None:
            return []
        done: list[PhotoFile] = []
        for file in seen.photo.files:
            path = file.path(seen.photo.root)
            can = formats.extension(path.name) in exiftool.EMBEDDABLE
            if (
                can
                and file.role is not FileRole.SIDECAR
                and self._exiftool.embed(path, wanted, options=self._options, scores=scores, beneath=beneath)
            ):
                done.append(_file(seen.photo, path, file.role))
        return done


def _beneath(seen: Look, targets: Sequence[Path]) -> Marks:
    """What would be read where the sidecars to be written are silent: other sidecars, which are not ours to
    write, then the packets inside the photo's files, then the camera's own rating."""
    marks = xmp_files.marks_in([each for each in seen.sidecars if each.path not in targets])
    for record in seen.inside.records:
        stated = record.stated
        marks = marks.or_else(
            Marks(
                None if stated.flag is UNMARKED.flag else stated.flag,
                stated.stars or None,
                None if stated.label == UNMARKED.label else stated.label,
            )
        )
    rating = seen.photo.facts.camera_rating
    if rating is not None:
        marks = marks.or_else(Marks(Flag.REJECT) if rating < 0 else Marks(stars=min(rating, 5)))
    return marks


def _file(photo: Photo, path: Path, role: FileRole) -> PhotoFile:
    relative, raw = shown_name(path.relative_to(photo.root).as_posix())
    try:
        found = path.stat()
    except OSError as error:
        raise CullerError(f"{path.name} is gone again, just after it was written.") from error
    return PhotoFile(role, relative, FileStamp(found.st_size, found.st_mtime_ns), raw)


def _scores(workspace: Workspace, request: WriteRequest) -> dict[PhotoId, dict[str, float | str]]:
    """What the current judge said, in words for Culler's own namespace; unscored photos are absent."""
    scorer = rank.current_scorer(workspace)
    if scorer is None:
        return {}
    with workspace.catalog.read() as tx:
        levels = assessments.levels_of(tx, request.photo_ids, scorer)
    weight = scorers.quality_weight(scorer.name)
    found: dict[PhotoId, dict[str, float | str]] = {}
    for photo_id, aspects in levels.items():
        said: dict[str, float | str] = {"Scorer": str(scorer)}
        said.update({name.capitalize(): mean for name, mean in rank.means_of(aspects, weight).items()})
        for aspect, distribution in aspects.items():
            said[f"{aspect.value.capitalize()}Level"] = distribution.likeliest.word
        found[photo_id] = said
    return found
