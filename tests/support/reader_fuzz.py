"""Real files with flipped, cut, repeated and exchanged bytes, read in processes that may die.

`python reader_fuzz.py FOLDER [--minutes 10] [--seed 1] [--keep FOLDER]` gives every reader of photos,
clips and sidecars one broken file after another and counts what must never happen: a crash, an exception
that is no sentence, more than ten seconds of work, more than 1.5 GB. The files that did it are kept. The same
seed gives the same files in the same order. Not run by itself: see tests/imaging/test_decode_fuzz.py.
"""

import argparse
import json
import multiprocessing
import random
import shutil
import sys
import tempfile
import time
import traceback
from collections import Counter, defaultdict
from contextlib import suppress
from multiprocessing.connection import Connection
from pathlib import Path

LONGEST_S = 10.0
MOST_MB = 1500
_PATIENCE = 10  # seconds on the clock for a second of work: others may want the processor, too
_SMALLEST, _LARGEST = 16, 4_000_000


def mutated(data: bytes, chance: random.Random, other: bytes = b"") -> bytes:
    """The bytes with a few faults of the kinds that cards and copies make, and some malice; `other` is a
    file from which a piece may be taken."""
    broken = bytearray(data)
    for _ in range(chance.choice((1, 1, 2, 4, 16))):
        at = (
            chance.randrange(len(broken))
            if chance.random() < 0.5
            else chance.randrange(min(600, len(broken)))
        )
        kind = chance.randrange(7 if other else 6)
        if kind == 0:
            broken[at] ^= 1 << chance.randrange(8)
        elif kind == 1:
            broken[at] = chance.choice((0, 0xFF, 0x7F, 0x80))
        elif kind == 2:
            broken[at : at + 4] = chance.randbytes(4)
        elif kind == 3:
            broken[at : at + 4] = chance.choice(
                (b"\xff\xff\xff\xff", b"\x7f\xff\xff\xff", b"\x00\x00\x00\x00")
            )
        elif kind == 4:
            del broken[at : at + chance.randrange(1, 64)]
        elif kind == 5:
            broken[at:at] = broken[at : at + chance.randrange(1, 64)]
        else:
            start, length = chance.randrange(len(other)), chance.randrange(1, 4096)
            broken[at : at + length] = other[start : start + length]
        if len(broken) <= _SMALLEST:
            return bytes(broken)
    return bytes(broken[: chance.randrange(_SMALLEST, len(broken))] if chance.random() < 0.15 else broken)


def read_everything(path: Path) -> None:
    """What Culler may ever ask of a file that it finds; a CullerError that names it is an answer."""
    from culler.domain.decision import Decision, Flag
    from culler.domain.errors import CullerError
    from culler.imaging import decode, exif, maker_notes, xmp

    data = path.read_bytes()
    if path.suffix.lower() == ".xmp":
        try:
            xmp.read_marks(data, path.name)
            merged = xmp.merge(data, Decision(Flag.PICK, 3, "red"), source=path.name)
            assert xmp.read_marks(merged).stars == 3
        except CullerError as error:
            assert path.name in str(error)
        return
    for read in (decode.develop, decode.full):
        before_s = time.process_time()
        try:
            read(path)
        except CullerError as error:
            assert path.name in str(error), str(error)
        took_s = time.process_time() - before_s
        assert took_s < LONGEST_S, f"{read.__name__} took {took_s:.1f} s"
    format_ = None
    with suppress(CullerError):
        format_ = decode.format_of(path)
    if format_ is not None:
        exif.read_facts(path, format_)
        packet = exif.embedded_packet(path, format_)
        if packet is not None:
            with suppress(CullerError):
                xmp.read_marks(packet)
    maker_notes.read_maker_facts(path)
    exif.embedded_thumbnail(data)


def _serve(pipe: Connection) -> None:
    """In a process of its own: reads one named file after another, and says what became of it."""
    import resource

    while True:
        path = Path(pipe.recv())
        try:
            read_everything(path)
            said = ""
        except BaseException:
            said = traceback.format_exc()
        pipe.send((said, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024))


class Reader:
    """A process that reads; a new one takes its place when it died, hung or grew."""

    def __init__(self) -> None:
        self._context = multiprocessing.get_context("spawn")
        self._start()

    def _start(self) -> None:
        self._pipe, theirs = self._context.Pipe()
        self._process = self._context.Process(target=_serve, args=(theirs,), daemon=True)
        self._process.start()
        theirs.close()

    def attempt(self, path: Path) -> tuple[str, str]:
        """ "" or the kind of failure, and what is known of it."""
        self._pipe.send(str(path))
        try:
            if not self._pipe.poll(_PATIENCE * LONGEST_S):
                return self._failed("hang", f"more than {_PATIENCE * LONGEST_S:.0f} s")
            said, peak_mb = self._pipe.recv()
        except (EOFError, ConnectionError):
            self._process.join(5)
            return self._failed("crash", f"exit status {self._process.exitcode}")
        if peak_mb > MOST_MB:
            return self._failed("memory", f"{peak_mb:.0f} MB")
        return ("exception", said) if said else ("", "")

    def _failed(self, kind: str, text: str) -> tuple[str, str]:
        self.close()
        self._start()
        return kind, text

    def close(self) -> None:
        self._process.kill()
        self._process.join()
        self._pipe.close()


def fuzz(folder: Path, seed: int, seconds: float, most: int, keep: Path | None) -> dict[str, object]:
    """How many files were read, by kind, and every failure."""
    chance = random.Random(seed)
    kinds: dict[str, list[Path]] = defaultdict(list)
    for path in sorted(folder.rglob("*")):
        if (
            path.is_file()
            and _SMALLEST < path.stat().st_size <= _LARGEST
            and path.suffix not in (".csv", ".md")
        ):
            kinds[path.suffix.lower()].append(path)
    read: Counter[str] = Counter()
    failures: list[dict[str, str]] = []
    ends = time.monotonic() + seconds
    reader = Reader()
    reader.attempt(next(iter(kinds.values()))[0])  # imports do not count
    with tempfile.TemporaryDirectory() as scratch:
        while time.monotonic() < ends and read.total() < most:
            kind = chance.choice(sorted(kinds))
            source = chance.choice(kinds[kind])
            other = chance.choice(kinds[chance.choice(sorted(kinds))]).read_bytes()
            path = Path(scratch) / f"{read.total()}{source.suffix}"
            path.write_bytes(mutated(source.read_bytes(), chance, other))
            failure, text = reader.attempt(path)
            read[kind] += 1
            if failure:
                failures.append({"file": path.name, "of": source.name, "kind": failure, "text": text[-1500:]})
                if keep is not None:
                    keep.mkdir(parents=True, exist_ok=True)
                    shutil.copy(path, keep / f"{seed}-{failure}-{path.name}")
                    print(json.dumps(failures[-1]), file=sys.stderr, flush=True)
            path.unlink()
    reader.close()
    return {"files": read.total(), "by kind": dict(sorted(read.items())), "failures": failures}


if __name__ == "__main__":
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("folder", type=Path)
    parser.add_argument("--minutes", type=float, default=10)
    parser.add_argument("--most", type=int, default=10**9)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--keep", type=Path)
    asked = parser.parse_args()
    found = fuzz(asked.folder, asked.seed, 60 * asked.minutes, asked.most, asked.keep)
    print(json.dumps(found, indent=1))
    sys.exit(1 if found["failures"] else 0)
