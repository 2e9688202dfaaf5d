"""What reading maker notes costs a photo, as a ratio to reading its EXIF in the bulk path.

Interleaved rounds over the same files, which the first round brings into the system's cache; medians of
CPU time a file.

    python benchmarks/maker_notes.py FOLDER [--rounds 5] [--json]
"""

import argparse
import json
import statistics
from collections.abc import Callable
from pathlib import Path
from time import process_time

from culler.domain.photo import FileRole
from culler.imaging.exif import read_facts
from culler.imaging.formats import SNIFF_BYTES, Format, role_of, sniff
from culler.imaging.maker_notes import NOTHING, read_maker_facts


def photos(folder: Path) -> list[tuple[Path, Format]]:
    """The stills below a folder."""
    found = []
    for path in sorted(folder.rglob("*")):
        if path.is_file() and role_of(path.name) in (FileRole.RAW, FileRole.RENDERED):
            with path.open("rb") as file:
                format = sniff(file.read(SNIFF_BYTES), path.name)
            if format not in (None, Format.VIDEO):
                assert format is not None
                found.append((path, format))
    return found


def cpu_ms(work: Callable[[], object]) -> float:
    start = process_time()
    work()
    return (process_time() - start) * 1e3


def measure(folder: Path, rounds: int) -> dict[str, float]:
    """Milliseconds a file of both readings, and how many files' notes say something."""
    files = photos(folder)
    notes: list[float] = []
    exif: list[float] = []
    for _ in range(rounds + 1):
        notes.append(cpu_ms(lambda: [read_maker_facts(path) for path, _ in files]) / max(len(files), 1))
        exif.append(cpu_ms(lambda: [read_facts(path, format) for path, format in files]) / max(len(files), 1))
    result = {"notes_ms": statistics.median(notes[1:]), "exif_ms": statistics.median(exif[1:])}
    result["ratio"] = result["notes_ms"] / max(result["exif_ms"], 1e-9)
    result["files"] = len(files)
    result["telling"] = sum(read_maker_facts(path) != NOTHING for path, _ in files)
    return result


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    result = measure(options.folder, options.rounds)
    if options.json:
        print(json.dumps(result))
        return
    for name, value in result.items():
        print(f"{name:10} {value:10.3f}")


if __name__ == "__main__":
    main()
