"""How fast sidecars are read and merge-written, one synced file at a time.

    python benchmarks/sidecar_speed.py [--count 2000] [--folder DIR]

Prints files per second for reading, first writes and merges into sidecars of Lightroom's size, and
for copies verified by reading back. The disk decides most of it: name it beside the figures.
"""

import argparse
import os
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from culler.domain.decision import Decision, Flag
from culler.imaging.copying import copy_file
from culler.imaging.xmp_files import Synced, digest_of, read, write_marks
from culler.imaging.xmp_packet import Packet

_FOREIGN_PROPERTIES = 150


def lightroom_sized() -> bytes:
    """A packet of about ten kilobytes."""
    packet = Packet.blank()
    for number in range(_FOREIGN_PROPERTIES):
        packet.set(f"photoshop:Setting{number}", f"value {number} " + "x" * 30)
    return packet.serialise()


def timed(what: str, count: int, act: Callable[[int], object]) -> float:
    """Files per second, printed."""
    start = time.perf_counter()
    for number in range(count):
        act(number)
    rate = count / (time.perf_counter() - start)
    print(f"{what:<28}{rate:>10.0f} files/s")
    return rate


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--count", type=int, default=2000)
    parser.add_argument("--folder", type=Path, default=None, help="on the disk to measure")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(dir=options.folder) as name:
        folder, packet = Path(name), lightroom_sized()
        synced = Synced(digest_of(packet))
        for number in range(options.count):
            (folder / f"{number}.xmp").write_bytes(packet)
        timed("read", options.count, lambda number: read(folder / f"{number}.xmp"))
        marked = Decision(Flag.PICK, 4, "red")
        timed(
            "write a new sidecar",
            options.count,
            lambda number: write_marks(folder / f"n{number}.xmp", marked),
        )
        timed(
            "merge into a sidecar",
            options.count,
            lambda number: write_marks(folder / f"{number}.xmp", marked, synced),
        )
        photo = folder / "photo.raw"
        photo.write_bytes(os.urandom(25_000_000))
        copies = max(4, options.count // 100)
        rate = timed(
            "verified copy of 25 MB", copies, lambda number: copy_file(photo, folder / f"{number}.raw")
        )
        print(f"{'':<28}{rate * 25:>10.0f} MB/s")


if __name__ == "__main__":
    main()
