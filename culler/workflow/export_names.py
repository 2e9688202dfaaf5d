"""Where each file of an export goes: its folder, its name, and a number where the name is taken."""

import filecmp
import os
from collections.abc import Mapping, Sequence
from enum import StrEnum
from pathlib import Path

from culler.domain.assessment import Aspect
from culler.domain.decision import ColorLabel, Flag
from culler.domain.photo import Photo, PhotoFile, PhotoId
from culler.imaging import naming
from culler.imaging.naming import NameFacts, NameTemplate
from culler.workflow import groups, rank
from culler.workflow.listing import Entry
from culler.workflow.workspace import Workspace


class Into(StrEnum):
    """What gets a folder of its own; ONE for all in one folder."""

    ONE = "one"
    STARS = "stars"
    FLAG = "flag"
    LABEL = "label"
    DATE = "date"
    STACK = "stack"


class Names:
    """Hands out places below one target folder, in the order asked; no two are the same.

    Raises CullerError for a template that is none.
    """

    def __init__(
        self, target: Path, template: str, into: Into, ranked: bool, stacks: Mapping[PhotoId, str]
    ) -> None:
        self._target, self._into, self._ranked, self._stacks = target, into, ranked, stacks
        # Without a template names stay what they are, whatever they hold.
        self._template = None if template == naming.DEFAULT_TEMPLATE else NameTemplate.parse(template)
        self._used: set[str] = set()

    def plan(self, entry: Entry, sequence: int, files: Sequence[PhotoFile]) -> list[tuple[Path, Path]]:
        """Source and target of each file. All files of a photo get the same number where a name is taken
        by something else; a name that holds the very same content is not taken."""
        photo, folder = entry.photo, self._folder(entry)
        stem = self._stem(entry, sequence)
        paths = [file.path(photo.root) for file in files]
        number = 1
        while True:
            plan = [(path, folder / _numbered(_renamed(photo, path, stem), number)) for path in paths]
            targets = [to for _, to in plan]
            if all(_is_place_of(source, to) for source, to in plan):
                self._claim(targets)
                return plan  # exported before, or its folder is the target: it is where it should be
            if all(_free(source, to) for source, to in plan) and self._claim(targets):
                return plan
            number += 1

    def place(self, entry: Entry, sequence: int, extension: str, data: bytes | None) -> Path:
        """The target of one new file of the photo; `data` is what it will hold, where that is known."""
        folder = self._folder(entry)
        stem = self._stem(entry, sequence) or entry.photo.path.stem
        number = 1
        while True:
            to = folder / _numbered(f"{stem}.{extension}", number)
            if (not to.exists() or (data is not None and _holds(to, data))) and self._claim([to]):
                return to
            number += 1

    def _claim(self, targets: Sequence[Path]) -> bool:
        names = {str(to).casefold() for to in targets}
        if names & self._used:
            return False
        self._used |= names
        return True

    def _stem(self, entry: Entry, sequence: int) -> str | None:
        if self._template is None:
            return None
        quality = entry.levels.get(Aspect.QUALITY)
        facts = NameFacts(
            entry.photo.path.stem,
            entry.photo.facts.taken,
            entry.photo.facts.camera,
            entry.decision.stars,
            sequence if self._ranked else None,
            entry.decision.label,
            entry.decision.flag.value,
            None if quality is None else quality.likeliest.word,
        )
        return self._template.render(facts, sequence)

    def _folder(self, entry: Entry) -> Path:
        marks, taken = entry.decision, entry.photo.facts.taken
        match self._into:
            case Into.ONE:
                return self._target
            case Into.STARS:
                name = f"{marks.stars} star{'' if marks.stars == 1 else 's'}" if marks.stars else "no stars"
            case Into.FLAG:
                name = "no flag" if marks.flag is Flag.NONE else marks.flag.value
            case Into.LABEL:
                name = "no label" if marks.label == ColorLabel.NONE.value else marks.label
            case Into.DATE:
                name = "undated" if taken is None else f"{taken:%Y-%m-%d}"
            case Into.STACK:
                name = self._stacks.get(entry.photo.id, "single photos")
        return self._target / naming.safe_name(name)


def stack_names(workspace: Workspace, entries: Sequence[Entry]) -> dict[PhotoId, str]:
    """A folder name for each photo in a stack of these photos: its first and last frame."""
    stems = {entry.photo.id: entry.photo.path.stem for entry in entries}
    found = groups.grouped(workspace, columns=rank.rows(workspace, list(stems)))
    named: dict[PhotoId, str] = {}
    for group in found.grouping.groups:
        ids = [int(photo_id) for photo_id in found.columns.ids[group.rows]]
        named.update(dict.fromkeys(ids, f"{stems[ids[0]]} to {stems[ids[-1]]}"))
    return named


def _renamed(photo: Photo, path: Path, stem: str | None) -> str:
    return path.name if stem is None else naming.renamed(path.name, photo.path.stem, stem)


def _numbered(name: str, number: int) -> str:
    """IMG.CR2.xmp → IMG (2).CR2.xmp: the number follows the stem that a photo's files share."""
    if number == 1:
        return name
    stem, dot, suffixes = name.partition(".")
    return f"{stem} ({number}){dot}{suffixes}"


def _is_place_of(source: Path, to: Path) -> bool:
    """Whether the file lies there already, by whatever way its folder is reached."""
    return source.name == to.name and os.path.realpath(source.parent) == os.path.realpath(to.parent)


def _free(source: Path, to: Path) -> bool:
    try:
        if not to.exists():
            return not to.is_symlink()
        return to.is_file() and filecmp.cmp(source, to, shallow=False)
    except OSError:
        return True  # the transfer will say what is wrong


def _holds(path: Path, data: bytes) -> bool:
    try:
        return path.stat().st_size == len(data) and path.read_bytes() == data
    except OSError:
        return False
