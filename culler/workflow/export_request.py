"""What an export is asked to do, and what it says it did."""

import os
from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path

from culler.domain.errors import CullerError
from culler.domain.photo import FileRole, PhotoFile, PhotoId
from culler.imaging.conversion import MetadataPolicy, Recipe, Target
from culler.imaging.naming import DEFAULT_TEMPLATE, NameTemplate
from culler.imaging.placing import sentence
from culler.imaging.xmp_names import SUFFIX
from culler.workflow.export_names import Into

MODES = ("copy", "move", "link", "hardlink", "symlink")
LEAST_SIDE_PX = 16
SHEETS = (".html", ".htm", ".pdf")


class Members(StrEnum):
    """Which files of a RAW+JPEG pair go; a photo without a pair goes whole whatever is said."""

    ALL = "all"
    RAW = "raw"
    RENDERED = "jpeg"


@dataclass(frozen=True, slots=True)
class ExportRequest:
    """What to export, in order, and how; picklable.

    `mode` is copy, move, hardlink, symlink, or link (a hard link where the disks allow it). Sidecars
    always move with their photo; with copies and links they go along when asked. `name` is a template
    (`culler.imaging.naming`), `into` what gets a folder of its own; `ranked` says that the order is a
    ranking. With a `format`, smaller or other copies are made instead, at most `max_side_px` long, with
    `quality` 1–100. `csv` and `json` are tables of all that is known, `sheets` contact sheets, `list` a
    list of files. `stacks` are the stacks that are meant, found afresh where that is None.
    """

    photo_ids: tuple[PhotoId, ...]
    to: Path
    mode: str = "copy"
    sidecars: bool = False
    csv: Path | None = None
    dry_run: bool = False
    name: str = DEFAULT_TEMPLATE
    into: Into = Into.ONE
    ranked: bool = False
    format: Target | None = None
    max_side_px: int | None = None
    metadata: MetadataPolicy = MetadataPolicy.ALL
    json: Path | None = None
    sheets: tuple[Path, ...] = ()
    list: Path | None = None
    members: Members = Members.ALL
    quality: int | None = None
    stacks: tuple[tuple[PhotoId, ...], ...] | None = field(default=None, repr=False)

    @property
    def recipe(self) -> Recipe | None:
        """How to make the pictures that are made anew."""
        if self.format is None:
            return None
        return Recipe(self.format, self.max_side_px, self.metadata, self.quality)

    def files_of(self, files: Sequence[PhotoFile]) -> tuple[PhotoFile, ...]:
        """Those of a photo's files that go, the primary one first."""
        wanted = _members(files, self.members)
        with_sidecars = self.sidecars or self.mode == "move"
        return tuple(file for file in wanted if with_sidecars or file.role is not FileRole.SIDECAR)

    def target(self) -> Path:
        """The folder to export into, absolute. Raises CullerError for a request that makes no sense or a
        folder that cannot be used."""
        if self.mode not in MODES:
            raise CullerError(f"An export copies, moves or links; {self.mode} is none of these.")
        if self.format is not None and self.mode != "copy":
            raise CullerError(f"Photos in another format are copies; they cannot be made with {self.mode}.")
        if self.members is not Members.ALL and self.mode == "move":
            raise CullerError("A photo moves with all its files. Copy or link to take only some of them.")
        if self.format is None and (self.max_side_px is not None or self.quality is not None):
            raise CullerError("Smaller pictures need a format: JPEG or AVIF.")
        if self.max_side_px is not None and self.max_side_px < LEAST_SIDE_PX:
            raise CullerError(f"The longest side of a picture is at least {LEAST_SIDE_PX} pixels.")
        if self.quality is not None and not 1 <= self.quality <= 100:
            raise CullerError("The quality of a picture is a number from 1 to 100.")
        if self.name != DEFAULT_TEMPLATE:
            NameTemplate.parse(self.name)
        for sheet in self.sheets:
            if sheet.suffix.lower() not in SHEETS:
                raise CullerError(
                    f"A contact sheet is an HTML page or a PDF; {sheet.name} ends like neither."
                )
        try:
            target = Path(self.to).expanduser().absolute()
        except RuntimeError:
            raise CullerError(f"{self.to} names a person this computer does not know.") from None
        _check_folder(target)
        return target


@dataclass(frozen=True, slots=True)
class ExportItem:
    """What was done with one file. `action` is copied, moved, linked, converted, exists (it is there
    already), "would copy" and so on in a dry run, or failed with the sentence in `message`."""

    photo_id: PhotoId
    path: Path
    to: Path
    action: str
    message: str = ""


@dataclass(frozen=True, slots=True)
class ExportReport:
    """Every file in order, the tables and other papers that were written, and why others were not."""

    items: tuple[ExportItem, ...]
    to: Path
    csv: Path | None = None
    papers: tuple[Path, ...] = ()
    troubles: tuple[str, ...] = ()


def _members(files: Sequence[PhotoFile], members: Members) -> list[PhotoFile]:
    raws = [file for file in files if file.role is FileRole.RAW]
    rendered = [file for file in files if file.role is FileRole.RENDERED]
    if members is Members.ALL or not raws or not rendered:
        return list(files)
    left = rendered if members is Members.RAW else raws
    # IMG.CR2.xmp speaks of the RAW alone; IMG.xmp of both.
    theirs = {(file.relative_path + SUFFIX).casefold() for file in left}
    return [file for file in files if file not in left and file.relative_path.casefold() not in theirs]


def _check_folder(target: Path) -> None:
    """Raises CullerError where the folder is none or nothing can be made in it."""
    try:
        os.stat(target)
    except (FileNotFoundError, NotADirectoryError):
        pass  # looked at below
    except OSError as error:
        raise sentence(error, f"Cannot export into {target.name[:60]}") from None
    except ValueError:
        raise CullerError("No folder has such a name. Choose another folder to export into.") from None
    there = target
    while not os.path.lexists(there) and there != there.parent:
        there = there.parent
    if not os.path.isdir(there):
        raise CullerError(f"{there} is a file, not a folder. Choose a folder to export into.")
    if not os.access(there, os.W_OK | os.X_OK):
        raise CullerError(f"Nothing can be written in {there}. Choose another folder or make it writable.")
