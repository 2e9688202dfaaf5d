"""Marks mirrored in a file that anybody can read, and restored from it.

Photos are named by their path below the folder that was given and by a fingerprint, so that a file
of marks fits the same photos on another disk and in another catalog.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from culler.catalog import edits, marked, outcomes
from culler.domain.changes import NO_CHANGES, Changed, Changes, Progress
from culler.domain.decision import UNMARKED, ByHand, Decision, Facet, Flag
from culler.domain.errors import CullerError
from culler.domain.photo import Photo, PhotoId, shown_name
from culler.imaging.xmp_files import write_atomically
from culler.workflow import listing
from culler.workflow.fingerprints import Fingerprint
from culler.workflow.job import Job
from culler.workflow.listing import Entry
from culler.workflow.workspace import Workspace

FORMAT = 1
_KIND = "culler marks"


@dataclass(frozen=True, slots=True)
class _Saved:
    """One photo's line in a file of marks."""

    path: str
    fingerprint: Fingerprint
    decision: Decision
    root: str = ""  # the folder it is below, where the file says so


@dataclass(frozen=True, slots=True)
class LoadReport:
    """Photos that took marks, those that had them already, those with other marks of their own (kept),
    and paths of the file for which there is no photo here."""

    restored: tuple[PhotoId, ...]
    equal: int
    kept: tuple[Path, ...]
    unknown: tuple[str, ...]


def save(workspace: Workspace, path: Path, roots: Sequence[Path]) -> int:
    """Write the marks of some folders' photos to a file of ours, anew each time; how many photos.

    Raises CullerError where the name is taken by another kind of file, and where it cannot be written.
    """
    path = Path(path).expanduser().absolute()
    if path.exists():
        _read(path)  # nobody else's file is replaced
    saved: list[dict[str, Any]] = []
    for root in roots:
        base = Path(root).expanduser().absolute()
        entries = [entry for entry in listing.photos_in(workspace, [base]) if entry.decision != UNMARKED]
        with workspace.catalog.read() as tx:
            hashes = outcomes.dhashes(tx, [entry.photo.id for entry in entries])
        saved += [
            _line(
                _below(entry.photo, base),
                _fingerprint(entry.photo, hashes.get(entry.photo.id)),
                entry.decision,
            )
            for entry in entries
        ]
    _write(path, {"saved": datetime.now(UTC).isoformat()}, saved)
    return len(saved)


def write_all(workspace: Workspace, path: Path, state: str, moment: datetime) -> None:
    """Write the marks of every photo in the catalog, missing ones too; `state` is kept beside them.

    Raises CullerError where that cannot be done.
    """
    with workspace.catalog.read() as tx:
        found = marked.marked(tx)
    lines = [
        _line(
            each.relative_path,
            Fingerprint(each.stamp.size_bytes, each.stamp.mtime_ns, each.dhash, each.taken),
            each.decision,
        )
        | {"root": shown_name(str(each.root))[0]}
        for each in found
    ]
    _write(path, {"saved": moment.isoformat(), "state": state}, lines)


def roots_in(path: Path) -> list[Path]:
    """The folders that a file of marks says its photos were in."""
    return [Path(root) for root in dict.fromkeys(line.root for line in _read(path)) if root]


def load(
    workspace: Workspace,
    path: Path,
    roots: Sequence[Path],
    replace: bool = False,
    by_hand_only: bool = False,
) -> Job[LoadReport]:
    """Restore marks from a file, as undoable edits. Photos that have other marks keep them, unless
    `replace`; with `by_hand_only` just those whose marks were set here. Raises CullerError for a file that
    is none of ours."""
    lines = _read(Path(path).expanduser().absolute())
    with workspace.catalog.read() as tx:
        edited = edits.marked_by_hand(tx) if by_hand_only else None
    places = _Places(workspace, roots)
    wanted: dict[PhotoId, Decision] = {}
    kept: list[Path] = []
    unknown: list[str] = []
    equal = 0
    yield Progress(0, len(lines), "Restoring marks")
    for done, line in enumerate(lines, 1):
        entry = places.of(line)
        if entry is None:
            unknown.append(line.path)
        elif entry.decision == line.decision:
            equal += 1
        elif entry.decision != UNMARKED and not replace and (edited is None or entry.photo.id in edited):
            kept.append(entry.photo.path)
        else:
            wanted[entry.photo.id] = line.decision
        if done % 50 == 0:
            yield Progress(done, len(lines), "Restoring marks")
    what = "1 photo" if len(wanted) == 1 else f"{len(wanted)} photos"
    with workspace.catalog.write() as tx:
        values: dict[Facet | ByHand, dict[PhotoId, str | int]] = {
            facet: {i: decision.value(facet) for i, decision in wanted.items()} for facet in Facet
        }
        edits.do_step(tx, f"Restore the marks of {what}", values)
    changes = Changes.of(list(wanted), Changed.MARKS) if wanted else NO_CHANGES
    yield Progress(len(lines), len(lines), "Restoring marks", changes)
    return LoadReport(tuple(wanted), equal, tuple(kept), tuple(unknown))


class _Places:
    """The photos of some folders by path below them and by name."""

    def __init__(self, workspace: Workspace, roots: Sequence[Path]) -> None:
        self._by_whole: dict[Path, list[Entry]] = {}
        self._by_path: dict[str, list[Entry]] = {}
        self._by_name: dict[str, list[Entry]] = {}
        for root in roots:
            base = Path(root).expanduser().absolute()
            for entry in listing.photos_in(workspace, [base]):
                self._by_whole.setdefault(base / _below(entry.photo, base), []).append(entry)
                self._by_path.setdefault(_below(entry.photo, base), []).append(entry)
                self._by_name.setdefault(entry.photo.name, []).append(entry)

    def of(self, line: _Saved) -> Entry | None:
        """The photo that the line is about; None where there is none, or more than one."""
        for candidates in (
            self._by_whole.get(Path(line.root) / line.path, ()) if line.root else (),
            self._by_path.get(line.path, ()),
            self._by_name.get(Path(line.path).name, ()),
        ):
            fitting = [entry for entry in candidates if line.fingerprint.fits(entry.photo.path)]
            if len(fitting) == 1:
                return fitting[0]
        return None


def _line(path: str, fingerprint: Fingerprint, marks: Decision) -> dict[str, Any]:
    return {
        "path": path,
        "size_bytes": fingerprint.size_bytes,
        "mtime_ns": fingerprint.mtime_ns,
        "dhash": None if fingerprint.dhash is None else f"{fingerprint.dhash:016x}",
        "taken": None if fingerprint.taken is None else fingerprint.taken.isoformat(),
        "flag": marks.flag.value,
        "stars": marks.stars,
        "label": marks.label,
    }


def _fingerprint(photo: Photo, dhash: int | None) -> Fingerprint:
    stamp = photo.files[0].stamp
    return Fingerprint(stamp.size_bytes, stamp.mtime_ns, dhash, photo.facts.taken)


def _read(path: Path) -> list[_Saved]:
    wrong = CullerError(f"{path.name} is no file of Culler's marks. It is left as it is.")
    try:
        said = json.loads(path.read_text("utf-8"))
        if said["kind"] != _KIND:
            raise wrong
        if said["format"] > FORMAT:
            raise CullerError(f"{path.name} was written by a newer Culler. Update Culler to read it.")
        return [_saved(line) for line in said["photos"]]
    except OSError as error:
        raise CullerError(f"Cannot read {path}: {error.strerror}.") from error
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise wrong from error


def _saved(line: dict[str, Any]) -> _Saved:
    dhash, taken = line["dhash"], line["taken"]
    fingerprint = Fingerprint(
        int(line["size_bytes"]),
        int(line["mtime_ns"]),
        None if dhash is None else int(dhash, 16),
        None if taken is None else datetime.fromisoformat(taken),
    )
    decision = Decision(Flag(line["flag"]), int(line["stars"]), str(line["label"]))
    return _Saved(str(line["path"]), fingerprint, decision, str(line.get("root", "")))


def _write(path: Path, header: dict[str, str], lines: Sequence[dict[str, Any]]) -> None:
    """A header line, then a line a photo."""
    first = json.dumps({"kind": _KIND, "format": FORMAT, **header, "photos": []})[:-2]
    rows = ",\n".join(json.dumps(line, ensure_ascii=False) for line in lines)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise CullerError(f"Cannot make the folder {path.parent}: {error.strerror}.") from error
    write_atomically(path, f"{first}\n{rows}\n]}}\n".encode())


def _below(photo: Photo, base: Path) -> str:
    return shown_name(photo.path.relative_to(base).as_posix())[0]
