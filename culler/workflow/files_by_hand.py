"""Which files are one photo, where the user says otherwise than their names do: splitting and joining.

Both are one undoable step each, marks included, and touch the catalog alone. The files are pinned: no
scan takes back what was said of them.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import PurePosixPath

from culler.catalog import decisions, edits, photo_files, photos, scanned, sidecars
from culler.catalog.database import Transaction
from culler.catalog.made_of import MadeOf
from culler.catalog.scanned import Found
from culler.domain.changes import Changed, Changes
from culler.domain.decision import UNMARKED, ByHand, Decision, Edit, Flag
from culler.domain.errors import CullerError
from culler.domain.photo import FileRole, Photo, PhotoFile, PhotoId, PhotoKind
from culler.workflow.file_facts import FactsReader, Read
from culler.workflow.pairing import FoundFile, attach
from culler.workflow.workspace import Workspace

_FILE_CHANGES = (Changed.PHOTOS, Changed.MARKS)


@dataclass(frozen=True, slots=True)
class SetAside:
    """Marks of a photo that was joined to another one with marks of its own; only those that count no
    more. Undo brings them back."""

    name: str
    marks: Decision

    @property
    def words(self) -> str:
        """Such as "reject, 2 stars, red label"."""
        flag, stars, label = self.marks.flag, self.marks.stars, self.marks.label
        parts = [flag.value] if flag is not Flag.NONE else []
        parts += [f"{stars} star{'s' if stars > 1 else ''}"] if stars else []
        parts += [f"{label} label"] if label != UNMARKED.label else []
        return ", ".join(parts)


@dataclass(frozen=True, slots=True)
class Joined:
    """The photo that all files belong to now, and the marks that lost against its own."""

    photo_id: PhotoId
    files: int
    set_aside: tuple[SetAside, ...]
    changes: Changes

    @property
    def note(self) -> str:
        """The sentence that says which marks lost; "" where none did."""
        if not self.set_aside:
            return ""
        lost = "; ".join(f"{each.name}: {each.words}" for each in self.set_aside)
        return f"Set aside, until you undo this: {lost}."


@dataclass(frozen=True, slots=True)
class Split:
    """By photo that was split, all photos that its files are now, itself first."""

    photo_ids: Mapping[PhotoId, tuple[PhotoId, ...]]
    changes: Changes


def split(workspace: Workspace, photo_ids: Sequence[PhotoId]) -> Split:
    """Make each picture of these photos a photo of its own, with the marks of the photo it came from.
    Photos of one picture are left as they are.

    Raises CullerError where none of them has several, or one of them is missing.
    """
    with workspace.catalog.read() as tx:
        whole = _there(photos.get(tx, dict.fromkeys(photo_ids)).values())
    several = [photo for photo in whole if len(photo.pictures) > 1]
    if not several:
        name = whole[0].name if len(whole) == 1 else "Each of these photos"
        raise CullerError(f"{name} is one picture file; there is nothing to split.")
    said = {photo.id: _facts_of(photo) for photo in several}
    what = several[0].name if len(several) == 1 else f"{len(several)} photos"
    with workspace.catalog.write() as tx:
        _refuse_changed(tx, several)
        marks = decisions.decisions_of(tx, said)
        wanted: dict[PhotoId, str] = {}
        parts: dict[PhotoId, tuple[PhotoId, ...]] = {}
        for photo in several:
            ids = [photo.id, *_places(tx, photo, said[photo.id])]
            for part, file in zip(ids, photo.pictures, strict=True):
                wanted[part] = MadeOf(photo.id, ((file.name, True),), marks[photo.id]).stored()
            parts[photo.id] = tuple(ids)
        edits.do(tx, f"Split {what} into files", ByHand.FILES, wanted)
        for ids_ in parts.values():
            _settle(tx, ids_)
    return Split(parts, Changes.of(list(wanted), *_FILE_CHANGES))


def join(workspace: Workspace, photo_ids: Sequence[PhotoId]) -> Joined:
    """Make these photos one, a RAW first, then by name. It is the photo whose file comes first; where that
    has no flag, stars or label, it takes those of the others.

    Raises CullerError for fewer than two photos, for photos of different folders, and for clips.
    """
    with workspace.catalog.read() as tx:
        found = list(_there(photos.get(tx, dict.fromkeys(photo_ids)).values()))
    _refuse_unfit(found)
    # By stem, for `IMG.jpg` goes before `IMG-edit.jpg`, which was made of it.
    found.sort(key=lambda p: (p.files[0].role is not FileRole.RAW, _stem(p.files[0]), p.relative_path))
    whole = found[0]
    stem = _stem(whole.files[0])
    pictures = [file for photo in found for file in photo.pictures]
    # Behind the first, RAWs go before pictures made of them, and those of the same name before others.
    pictures[1:] = sorted(pictures[1:], key=lambda file: (file.role is not FileRole.RAW, _stem(file) != stem))
    with workspace.catalog.write() as tx:
        _refuse_changed(tx, found)
        marks = decisions.decisions_of(tx, [photo.id for photo in found])
        taken = marks[whole.id]
        for photo in found[1:]:
            taken = _filled(taken, marks[photo.id])
        made = MadeOf(whole.id, tuple((file.name, True) for file in pictures), taken)
        wanted = {photo.id: MadeOf(whole.id, (), marks[photo.id]).stored() for photo in found[1:]}
        edits.do(tx, f"Join {len(found)} photos", ByHand.FILES, {whole.id: made.stored(), **wanted})
        _settle(tx, [photo.id for photo in found])
    lost = [SetAside(photo.name, _lost(marks[photo.id], taken)) for photo in found[1:]]
    set_aside = tuple(each for each in lost if each.marks != UNMARKED)
    changes = Changes.of([photo.id for photo in found], *_FILE_CHANGES)
    return Joined(whole.id, len(pictures), set_aside, changes)


def follow(tx: Transaction, edit: Edit) -> tuple[Changes, PhotoId]:
    """What is to follow an edit of files that was taken back or done again; what it changed, and a photo
    that has files either way."""
    groups: dict[PhotoId, list[PhotoId]] = {}
    for photo_id, made in edit.after.items():
        groups.setdefault(MadeOf.of(made).group, []).append(photo_id)
    for group in groups.values():
        _settle(tx, group)
    return Changes.of(list(edit.after), *_FILE_CHANGES), next(iter(groups))


def _settle(tx: Transaction, photo_ids: Sequence[PhotoId]) -> None:
    """Let the sidecars of these photos, which have dealt out their pictures anew, follow the files that they
    are named after, and what is remembered of each file follow it."""
    held = photo_files.files_of(tx, photo_ids)
    bases = {photo.id: photo.root for photo in photos.get(tx, list(held)).values()}
    with_pictures = [i for i in held if any(file.is_picture for file in held[i])]
    if not with_pictures:
        return
    files = {file.name: file for each in held.values() for file in each}
    dealt = [[_found(file) for file in held[i] if file.is_picture] for i in with_pictures]
    # In the order of a scan, to which the photo is then as it was.
    loose = [_found(files[name]) for name in sorted(files) if not files[name].is_picture]
    root = bases[with_pictures[0]]
    directory = files[dealt[0][0].name].path(root).parent
    orphans = attach(loose, dealt, FactsReader(directory).owner)
    dealt[0] += orphans  # rather than with nobody
    members = {
        photo_id: [files[file.name] for file in each]
        for photo_id, each in zip(with_pictures, dealt, strict=True)
    }
    photo_files.deal(tx, members)
    holders = {file.relative_path: photo_id for photo_id, each in members.items() for file in each}
    sidecars.follow(tx, holders, photo_ids)


def _there(found: Iterable[Photo]) -> list[Photo]:
    """The photos, none of which may be missing."""
    there = list(found)
    gone = next((photo for photo in there if photo.missing), None)
    if gone is not None:
        raise CullerError(f"{gone.name} is not where it was. Is its disk connected?")
    if not there:
        raise CullerError("These photos are no longer in the catalog.")
    return there


def _refuse_unfit(found: Sequence[Photo]) -> None:
    if len(found) < 2:
        raise CullerError("Join needs two photos or more.")
    clip = next((photo for photo in found if photo.kind is PhotoKind.VIDEO), None)
    if clip is not None:
        raise CullerError(f"{clip.name} is a clip. Only pictures can be files of one photo.")
    first = found[0]
    other = next((photo for photo in found if photo.path.parent != first.path.parent), None)
    if other is not None:
        raise CullerError(
            f"{first.name} and {other.name} lie in different folders. Files of one photo lie in one folder."
        )


def _refuse_changed(tx: Transaction, found: Sequence[Photo]) -> None:
    """A scan may have come in between."""
    now = photo_files.files_of(tx, [photo.id for photo in found])
    changed = next((photo for photo in found if tuple(now.get(photo.id, ())) != photo.files), None)
    if changed is not None:
        raise CullerError(f"The files of {changed.name} have just changed. Try again.")


def _facts_of(photo: Photo) -> list[Read]:
    """What the files say that become photos of their own."""
    reader = FactsReader(photo.path.parent)
    true_names = [file.path(photo.root).name for file in photo.pictures[1:]]
    return [
        reader.read(FoundFile(name, file.role, file.stamp))
        for name, file in zip(true_names, photo.pictures[1:], strict=True)
    ]


def _places(tx: Transaction, photo: Photo, said: Sequence[Read]) -> list[PhotoId]:
    """Photos without files for all pictures of a photo but the first: those that had them before, where
    there are such, else new ones."""
    folder_id = photo_files.folder_of(tx, photo.id)
    found = [
        Found(file.relative_path, PhotoKind.STILL, (), read.facts, read.failure, read.passing)
        for file, read in zip(photo.pictures[1:], said, strict=True)
    ]
    named = photos.ids_named(tx, folder_id, [each.relative_path for each in found])
    with_files = photo_files.files_of(tx, list(named.values()))
    photos.make_way(tx, folder_id, {path: None for path, holder in named.items() if holder in with_files})
    named = {path: holder for path, holder in named.items() if holder not in with_files}
    known = {named[each.relative_path]: each for each in found if each.relative_path in named}
    scanned.change(tx, folder_id, known, set(known))
    new = [each for each in found if each.relative_path not in named]
    added = dict(zip((each.relative_path for each in new), scanned.add(tx, folder_id, new), strict=True))
    return [{**named, **added}[each.relative_path] for each in found]


def _filled(marks: Decision, other: Decision) -> Decision:
    """Marks, with those of the other photo where they have none."""
    return Decision(
        other.flag if marks.flag is Flag.NONE else marks.flag,
        marks.stars or other.stars,
        other.label if marks.label == UNMARKED.label else marks.label,
    )


def _lost(marks: Decision, taken: Decision) -> Decision:
    """Of some marks, those that are not among the ones taken."""
    return Decision(
        Flag.NONE if marks.flag is taken.flag else marks.flag,
        0 if marks.stars == taken.stars else marks.stars,
        UNMARKED.label if marks.label == taken.label else marks.label,
    )


def _found(file: PhotoFile) -> FoundFile:
    return FoundFile(file.name, file.role, file.stamp)


def _stem(file: PhotoFile) -> str:
    return PurePosixPath(file.name).stem.casefold()
