"""Where each file of an export goes: its folder, its name, and a number where the name is taken."""

import itertools
import os
from collections.abc import Callable, Generator, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path, PurePath

import numpy as np

from culler.catalog import photos
from culler.domain.assessment import Aspect
from culler.domain.decision import ColorLabel, Flag
from culler.domain.photo import Photo, PhotoFile, PhotoId, folded_name
from culler.imaging import naming
from culler.imaging.naming import NameFacts, NameTemplate
from culler.workflow import groups, rank
from culler.workflow.listing import Entry
from culler.workflow.workspace import Workspace

_CHUNK_BYTES = 4 * 2**20


class Into(StrEnum):
    """What gets a folder of its own; ONE for all in one folder."""

    ONE = "one"
    STARS = "stars"
    FLAG = "flag"
    LABEL = "label"
    DATE = "date"
    STACK = "stack"


@dataclass(frozen=True, slots=True)
class Place:
    """Where one file goes; `there` says that the very same content has that name already."""

    source: Path
    to: Path
    there: bool = False


Planning = Generator[None, None, tuple[Place, ...]]
"""Yields while it reads files to compare them."""


class Names:
    """Hands out places below one target folder, in the order asked; no two are the same, not even on a
    disk that ignores case.

    With `reading` False files that have a wanted name already are compared by their size alone. Raises
    CullerError for a template that is none.
    """

    def __init__(
        self,
        target: Path,
        template: str,
        into: Into,
        ranked: bool,
        stacks: Mapping[PhotoId, str],
        reading: bool = True,
    ) -> None:
        self._target, self._into, self._ranked, self._stacks = target, into, ranked, stacks
        # Without a template names stay what they are, whatever they hold.
        self._template = None if template == naming.DEFAULT_TEMPLATE else NameTemplate.parse(template)
        self._reading = reading
        self._used: set[str] = set()
        self._stems: dict[str, tuple[Path, str]] = {}  # whose they are, by place
        self._first: dict[tuple[Path | str, ...], int] = {}  # numbers below are used up

    def plan(self, entry: Entry, sequence: int, files: Sequence[PhotoFile]) -> Planning:
        """A place for each file. All files of a photo get the same number where a name is taken by
        something else; a name that holds the very same content is not taken. Nor does a photo get the stem
        of one from elsewhere: a RAW and a JPEG of two cameras would be a pair from then on, and one would
        have the other's sidecar."""
        photo, folder = entry.photo, self._folder(entry)
        stem = self._stem(entry, sequence)
        paths = [file.path(photo.root) for file in files]
        named = _renamed(photo, paths, stem)
        # What was exported before, or lies in the target, is where it should be.
        home = all(map(_is_place_of, paths, [folder / name for name in named]))
        for number in [1] if home else self._numbers(folder, *named):
            targets = [folder / naming.numbered(name, stem or photo.path.stem, number) for name in named]
            place, origin = folded_name(str(targets[0].with_suffix(""))), (paths[0].parent, paths[0].stem)
            is_own = self._stems.get(place, origin) == origin
            if not home and not (is_own and self._are_free(targets)):
                self._pass(number, folder, *named)
                continue
            plan: list[Place] = []
            for path, to in zip(paths, targets, strict=True):
                there = yield from self._there(path, to)
                if there is None:
                    break
                plan.append(Place(path, to, there))
            if len(plan) == len(paths):
                self._used.update(map(folded_name, map(str, targets)))
                self._stems[place] = origin
                break
        return tuple(plan)

    def place(self, entry: Entry, sequence: int, extension: str, made: Callable[[], bytes] | None) -> Place:
        """The place of one new file of the photo. `made` makes what it will hold, and is asked only where
        a name is taken; without it such a name counts as holding just that."""
        photo, folder = entry.photo, self._folder(entry)
        stem = self._stem(entry, sequence) or photo.path.stem
        if len(os.fsencode(stem)) > naming.LONGEST_NAME_BYTES:  # a name of full length and another ending
            stem = naming.safe_name(stem)
        name = f"{stem}.{extension}"
        for number in self._numbers(folder, name):
            to = folder / naming.numbered(name, stem, number)
            if not self._are_free([to]):
                self._pass(number, folder, name)
                continue
            there = os.path.lexists(to)
            if not there or made is None or _holds(to, made()):
                self._used.add(folded_name(str(to)))
                break
        return Place(photo.path, to, there)

    def _numbers(self, folder: Path, *names: str) -> Iterator[int]:
        """The numbers that names may get, without those that are known to be used up."""
        return itertools.count(self._first.get((folder, *names), 1))

    def _pass(self, number: int, folder: Path, *names: str) -> None:
        """A number is used up for these names: nobody need try it again."""
        if number == self._first.get((folder, *names), 1):
            self._first[(folder, *names)] = number + 1

    def _are_free(self, targets: Sequence[Path]) -> bool:
        return self._used.isdisjoint(folded_name(str(to)) for to in targets)

    def _there(self, source: Path, to: Path) -> Generator[None, None, bool | None]:
        """Whether the content has the name already; None where something else has it."""
        if not os.path.lexists(to):
            return False
        if _is_place_of(source, to):
            return True
        try:
            if not to.is_file() or source.stat().st_size != to.stat().st_size:
                return None
            if self._reading and not os.path.samefile(source, to) and not (yield from _equal(source, to)):
                return None
        except OSError:
            return False  # the transfer will say what is wrong
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


def drained(planning: Planning) -> tuple[Place, ...]:
    """The plan in one go."""
    while True:
        try:
            next(planning)
        except StopIteration as stop:
            plan: tuple[Place, ...] = stop.value
            return plan


def stack_names(
    workspace: Workspace, entries: Sequence[Entry], stacks: Sequence[Sequence[PhotoId]] | None = None
) -> dict[PhotoId, str]:
    """A folder name for each of these photos that is in a stack: the stack's first and last frame, whether
    these are exported or not. Without `stacks` they are found among all photos of the same folders."""
    chosen = {entry.photo.id for entry in entries}
    if stacks is None:
        stacks = _stacks_around(workspace, entries)
    stacks = [stack for stack in stacks if not chosen.isdisjoint(stack)]
    with workspace.catalog.read() as tx:
        ends = photos.get(tx, {end for stack in stacks for end in (stack[0], stack[-1])})
    named: dict[PhotoId, str] = {}
    used: set[str] = set()
    for stack in stacks:
        if stack[0] not in ends or stack[-1] not in ends:
            continue
        base = f"{ends[stack[0]].path.stem} to {ends[stack[-1]].path.stem}"
        name, number = base, 1
        while name.casefold() in used:  # another camera's frames of the same names
            number += 1
            name = f"{base} ({number})"
        used.add(name.casefold())
        named.update(dict.fromkeys(chosen.intersection(stack), name))
    return named


def _stacks_around(workspace: Workspace, entries: Sequence[Entry]) -> list[list[PhotoId]]:
    around: list[Path] = []
    for folder in sorted({entry.photo.path.parent for entry in entries}):
        if not around or not folder.is_relative_to(around[-1]):
            around.append(folder)
    columns = rank.load_columns(workspace, around)
    found = groups.grouped(workspace, columns=columns.take(np.flatnonzero(~columns.missing)))
    return [found.columns.ids[group.rows].tolist() for group in found.grouping.groups]


def _renamed(photo: Photo, paths: Sequence[Path], stem: str | None) -> list[str]:
    """What the photo's files are called with this stem (None: as they are). A file of another stem, which
    the user put there, is called by it, too, with its own stem behind where names would be the same; its
    sidecars with it."""
    if stem is None:
        return [path.name for path in paths]
    primary = photo.path.stem
    stems = dict.fromkeys([primary, *(PurePath(file.name).stem for file in photo.pictures)])
    owners = [naming.stem_in(path.name, stems) or path.stem for path in paths]
    names: dict[Path, str] = {}
    for owner in dict.fromkeys(owners):
        behind = owner[len(primary) :] if owner.startswith(primary) else ""
        new = stem + (behind if not behind[:1].isalnum() else "")
        group = [path for path, each in zip(paths, owners, strict=True) if each == owner]
        if {folded_name(new + path.name[len(owner) :]) for path in group} & set(
            map(folded_name, names.values())
        ):
            new = f"{stem}-{owner}"
        names |= {path: new + path.name[len(owner) :] for path in group}
    return [names[path] for path in paths]


def _is_place_of(source: Path, to: Path) -> bool:
    """Whether the file lies there already, by whatever way its folder is reached."""
    return source.name == to.name and os.path.realpath(source.parent) == os.path.realpath(to.parent)


def _equal(first: Path, second: Path) -> Generator[None, None, bool]:
    with open(first, "rb") as one, open(second, "rb") as other:
        while chunk := one.read(_CHUNK_BYTES):
            if chunk != other.read(_CHUNK_BYTES):
                return False
            yield
        return not other.read(1)


def _holds(path: Path, data: bytes) -> bool:
    try:
        return path.stat().st_size == len(data) and path.read_bytes() == data
    except OSError:
        return False
