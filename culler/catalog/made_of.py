"""What photos are made of, as the undo log keeps it: the files that the user split or joined, and the marks
that went with them.

Files go by their bare names, for the photos of one edit lie in one directory, and may move together.
Sidecars are not in it: they follow the files that they are named after.
"""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from sqlalchemy import update

from culler.catalog import decisions, photo_files
from culler.catalog.database import Transaction
from culler.catalog.photos import make_way, renew, rows, set_missing
from culler.catalog.schema import PHOTO
from culler.domain.decision import Decision, Flag
from culler.domain.errors import CullerError
from culler.domain.photo import FileRole, PhotoFile, PhotoId, PhotoKind


@dataclass(frozen=True, slots=True)
class MadeOf:
    """One photo of an edit: the names of its pictures, the primary one first, each with whether it is
    pinned; none for a photo whose files another one has. `group` is the photo with which, in the same
    edit, it shares files."""

    group: PhotoId
    pictures: tuple[tuple[str, bool], ...]
    decision: Decision

    def stored(self) -> str:
        """As the log keeps it; equal texts mean the same."""
        marks = [self.decision.flag.value, self.decision.stars, self.decision.label]
        files = [[name, int(pinned)] for name, pinned in self.pictures]
        said = {"group": self.group, "files": files, "marks": marks}
        return json.dumps(said, separators=(",", ":"), ensure_ascii=False)

    @classmethod
    def of(cls, stored: object) -> "MadeOf":
        """What a stored text says."""
        said = json.loads(str(stored))
        flag, stars, label = said["marks"]
        pictures = tuple((name, bool(pinned)) for name, pinned in said["files"])
        return cls(said["group"], pictures, Decision(Flag(flag), stars, label))


def values_of(tx: Transaction, like: Mapping[PhotoId, object]) -> dict[PhotoId, str]:
    """What these photos are made of now, in stored form, in the groups that `like` (stored, too) names."""
    marks = decisions.decisions_of(tx, like)
    held = _pictures(tx, like)
    return {
        photo_id: MadeOf(
            MadeOf.of(value).group,
            tuple((file.name, file.pinned) for file in held[photo_id]),
            marks[photo_id],
        ).stored()
        for photo_id, value in like.items()
    }


def set_values(tx: Transaction, values: Mapping[PhotoId, object]) -> None:
    """Deal the photos' files out as these say. A photo whose set of files becomes another one gets a new
    revision, as a scan would give it. Raises CullerError where they no longer lie in one folder."""
    wanted = {photo_id: MadeOf.of(value) for photo_id, value in values.items()}
    groups: dict[PhotoId, dict[PhotoId, MadeOf]] = {}
    for photo_id, made in wanted.items():
        groups.setdefault(made.group, {})[photo_id] = made
    for group in groups.values():
        _deal(tx, group)
    decisions.write(tx, {photo_id: made.decision for photo_id, made in wanted.items()})


def _deal(tx: Transaction, group: Mapping[PhotoId, MadeOf]) -> None:
    held = _pictures(tx, group)
    found = {row.id: row for row in rows(tx, group, *PHOTO.c)}
    files = {file.name: (file, photo_id) for photo_id, each in held.items() for file in each}
    places = {(found[holder].folder_id, _directory(file)) for file, holder in files.values()}
    if len(places) != 1:
        raise CullerError("These files lie in different folders now, and stay as they are.")
    ((folder_id, _),) = places
    dealt: dict[PhotoId, list[PhotoFile]] = {}
    for photo_id, made in group.items():
        dealt[photo_id] = [replace(files[name][0], pinned=pinned) for name, pinned in made.pictures]
    photo_files.deal(tx, dealt)
    photo_files.forget_absent(tx, dealt)
    make_way(tx, folder_id, {each[0].relative_path: photo_id for photo_id, each in dealt.items() if each})
    set_missing(tx, [photo_id for photo_id, each in dealt.items() if not each], True)
    for photo_id, each in dealt.items():
        if each:
            primary = each[0]
            values = {
                "folder_id": folder_id,
                "relative_path": primary.relative_path,
                "kind": _kind(primary).value,
                # One whose files are gone in part is for the next scan to look at.
                "missing": int(all(found[files[file.name][1]].missing for file in each)),
            }
            tx.execute(update(PHOTO).where(PHOTO.c.id == photo_id).values(**values))
            if {file.name for file in each} != {file.name for file in held[photo_id]}:
                renew(tx, photo_id)


def _pictures(tx: Transaction, photo_ids: Iterable[PhotoId]) -> dict[PhotoId, Sequence[PhotoFile]]:
    wanted = list(photo_ids)
    found = photo_files.files_of(tx, wanted)
    return {photo_id: [file for file in found.get(photo_id, ()) if file.is_picture] for photo_id in wanted}


def _kind(primary: PhotoFile) -> PhotoKind:
    return PhotoKind.VIDEO if primary.role is FileRole.VIDEO else PhotoKind.STILL


def _directory(file: PhotoFile) -> str:
    return file.relative_path.rpartition("/")[0]
