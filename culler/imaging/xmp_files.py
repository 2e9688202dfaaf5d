"""Sidecar files: how they stand against our marks, and writing that loses nothing.

A write is a merge into what the file holds at that moment. What was changed outside is merged facet
by facet or reported as a conflict, never overwritten.
"""

import hashlib
import os
import stat
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from culler.domain.decision import UNMARKED, Decision, Facet
from culler.domain.errors import CullerError
from culler.imaging.placing import place_new, replace_if, sentence, sync_folder, written_beside
from culler.imaging.xmp import DEFAULT_OPTIONS, SILENT, Marks, WriteOptions, merge, read_marks, reconcile
from culler.imaging.xmp_packet import MAX_PACKET_BYTES

_ATTEMPTS = 8


@dataclass(frozen=True, slots=True)
class Sidecar:
    """One sidecar file as it was read; `digest` identifies its bytes."""

    path: Path
    packet: bytes
    digest: str
    marks: Marks


@dataclass(frozen=True, slots=True)
class Synced:
    """What the catalog remembers of a sidecar: the digest of the packet last read or written, and
    the decision on which packet and catalog agreed then. Never seen is `NEVER_SYNCED`.

    `agreed` is what the photo and all its files agreed on, where that is known: where the packet was
    silent and speaks now, it stands for the silence. What the camera or another file said was no change
    of the user's.
    """

    digest: str | None = None
    decision: Decision = UNMARKED
    agreed: Decision | None = None

    def base(self, theirs: Marks) -> Decision:
        """What to compare a packet with that says this, for telling who changed what since."""
        then, agreed = self.decision, self.agreed
        if agreed is None:
            return then
        return Decision(
            agreed.flag if theirs.flag is not None and then.flag is UNMARKED.flag else then.flag,
            agreed.stars if theirs.stars is not None and then.stars == UNMARKED.stars else then.stars,
            agreed.label if theirs.label is not None and then.label == UNMARKED.label else then.label,
        )


NEVER_SYNCED = Synced()


@dataclass(frozen=True, slots=True)
class Written:
    """What a write left in the sidecar. `decision` holds marks taken over from outside, too."""

    path: Path
    digest: str
    decision: Decision
    changed: bool


class SidecarConflict(CullerError):
    """The sidecar was changed outside in facets that the user changed here, too."""

    def __init__(self, path: Path, theirs: Marks, facets: Sequence[Facet]) -> None:
        self.path = path
        self.theirs = theirs
        self.facets = tuple(facets)
        names = " and ".join(facet.value for facet in facets)
        super().__init__(
            f"{path.name} was changed by another program, and its {names} differ from the marks here. "
            "Nothing was written; choose which marks to keep."
        )


def digest_of(packet: bytes) -> str:
    return hashlib.blake2b(packet, digest_size=16).hexdigest()


def read(path: Path) -> Sidecar:
    """The sidecar. Raises CullerError where it cannot be read or is malformed."""
    packet = _contents(path)
    if packet is None:
        raise CullerError(f"Cannot read {path.name}: it is gone.")
    return Sidecar(path, packet, digest_of(packet), read_marks(packet, path.name))


def marks_in(sidecars: Sequence[Sidecar]) -> Marks:
    """What a photo's sidecars say together; where they disagree the first one's word."""
    marks = Marks()
    for sidecar in sidecars:
        marks = marks.or_else(sidecar.marks)
    return marks


def disagreements(sidecars: Sequence[Sidecar]) -> tuple[Facet, ...]:
    """The facets in which a photo's sidecars contradict one another."""
    found = {
        facet
        for index, one in enumerate(sidecars)
        for other in sidecars[index + 1 :]
        for facet in one.marks.disagreements(other.marks)
    }
    return tuple(facet for facet in Facet if facet in found)


def write_marks(
    path: Path,
    decision: Decision,
    synced: Synced = NEVER_SYNCED,
    *,
    options: WriteOptions = DEFAULT_OPTIONS,
    sidecar_for_extension: str | None = None,
    scores: Mapping[str, float | str] | None = None,
    beneath: Marks = SILENT,
    overrule: bool = False,
) -> Written:
    """Merges the decision into the sidecar as it is now, and says what it then holds; `beneath` as for
    `merge`.

    A packet changed since `synced` is reconciled facet by facet; facets changed on both sides raise
    SidecarConflict, unless `overrule` (the user chose the marks here). Raises CullerError where the
    sidecar is malformed or cannot be written; it is then as it was. Writes to one path take turns in
    the order in which they were asked for.
    """
    with _turn(path):
        for _ in range(_ATTEMPTS):
            packet = _contents(path)
            wanted = decision
            if packet is not None and not overrule and digest_of(packet) != synced.digest:
                theirs = read_marks(packet, path.name)
                wanted, facets = reconcile(synced.base(theirs), decision, theirs)
                if facets:
                    raise SidecarConflict(path, theirs, facets)
            merged = merge(
                packet,
                wanted,
                options=options,
                sidecar_for_extension=sidecar_for_extension,
                scores=scores,
                beneath=beneath,
                source=path.name,
            )
            if merged == packet:
                return Written(path, digest_of(merged), wanted, changed=False)
            if _put(path, merged, packet):
                return Written(path, digest_of(merged), wanted, changed=True)
    raise CullerError(f"{path.name} keeps being changed by another program. Nothing was written; try again.")


def write_atomically(path: Path, data: bytes) -> None:
    """Puts a whole file under the name, by a synced temporary file in the same folder and a rename.

    Keeps the mode of a file that is there. Raises CullerError (disk full, read-only, …); the file is
    then as it was.
    """
    target = Path(os.path.realpath(path))  # a linked sidecar stays a link
    try:
        with written_beside(target, data, _mode(target)) as temporary:
            os.replace(temporary, target)
            sync_folder(target.parent)
    except OSError as error:
        raise sentence(error, f"Cannot write {path.name}") from None


def _put(path: Path, data: bytes, expected: bytes | None) -> bool:
    """Writes if the file still holds `expected` (None: is not there); False where it does not."""
    target = Path(os.path.realpath(path))
    try:
        with written_beside(target, data, _mode(target)) as temporary:
            if expected is None:
                place_new(temporary, target)
                return True
            return replace_if(temporary, target, expected)
    except FileExistsError:
        return False
    except FileNotFoundError:
        if not target.parent.is_dir():
            raise CullerError(f"Cannot write {path.name}: its folder is gone.") from None
        return False
    except OSError as error:
        raise sentence(error, f"Cannot write {path.name}") from None


def _contents(path: Path) -> bytes | None:
    """The file's bytes, or None where there is no such file."""
    try:
        with open(path, "rb") as file:
            packet = file.read(MAX_PACKET_BYTES + 1)
    except FileNotFoundError:
        return None
    except OSError as error:
        raise sentence(error, f"Cannot read {path.name}") from None
    return packet


def _mode(path: Path) -> int | None:
    """The mode of the file that is there; its successor gets the same."""
    try:
        return stat.S_IMODE(path.stat().st_mode)
    except FileNotFoundError:
        return None


class _Queue:
    """Who writes to a path next: tickets, first come, first served."""

    def __init__(self) -> None:
        self.issued = 0
        self.serving = 0
        self.ready = threading.Condition(_queues_lock)


_queues_lock = threading.Lock()
_queues: dict[str, _Queue] = {}


@contextmanager
def _turn(path: Path) -> Iterator[None]:
    key = os.path.realpath(path)
    with _queues_lock:
        queue = _queues.setdefault(key, _Queue())
        ticket = queue.issued
        queue.issued += 1
        queue.ready.wait_for(lambda: queue.serving == ticket)
    try:
        yield
    finally:
        with _queues_lock:
            queue.serving += 1
            if queue.serving == queue.issued:
                del _queues[key]
            queue.ready.notify_all()
