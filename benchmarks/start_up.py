"""How soon the real window shows photos: goals G6 and G7, measured on whole processes.

G6: an unindexed folder of COUNT photos, from process start until every cell on the first page shows a
picture (camera thumbnails count). G7: an indexed folder, until the first page is painted, as a ratio to
importing PySide6.QtWidgets and numpy alone; an empty window of Qt's, the least that any program could
do, stands beside it. Runs without a display, in an empty CULLER_HOME, with byte code as an installed
program has it.

    python benchmarks/start_up.py [--photos FOLDER] [--count 10000] [--rounds 5]
"""

import argparse
import io
import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
from PIL import Image

SEEN = """
import sys
from pathlib import Path
from culler.workflow import first_page, pixels, workspace
opened = workspace.open_workspace()
page = first_page.first_page([Path(sys.argv[1])], opened.places)
for photo_id in page.columns.ids.tolist():
    pixels.thumbnail(opened, photo_id)
"""
"""What an evening leaves: the pictures of the first page are in the cache."""


BARE = "import PySide6.QtWidgets, numpy, time; print(time.process_time())"
EMPTY = """
import PySide6.QtWidgets as widgets, numpy, time
app = widgets.QApplication([])
window = widgets.QMainWindow()
window.resize(1280, 800)
window.show()
app.processEvents()
window.repaint()
print(time.process_time())
"""


def environment(place: Path, home: Path) -> dict[str, str]:
    """What the child processes run in."""
    kept = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    return kept | {
        "CULLER_HOME": str(home),
        "QT_QPA_PLATFORM": "offscreen",
        "PYTHONPYCACHEPREFIX": str(place / "bytecode"),
    }


def opened(folder: Path, env: dict[str, str]) -> dict[str, tuple[float, float]]:
    """Wall seconds from process start and CPU seconds until names, and until pictures, are there."""
    child = Path(__file__).with_name("start_up_child.py")
    command = [sys.executable, str(child), str(time.time()), str(folder)]
    out = subprocess.run(command, env=env, capture_output=True, text=True, timeout=120)
    found = {
        line.split()[0]: (float(line.split()[1]), float(line.split()[2]))
        for line in out.stdout.splitlines()
        if line.startswith(("names", "page"))
    }
    if "page" not in found:
        raise SystemExit(f"the window showed no page: {out.stderr[-500:]}")
    return found


def cpu_of(code: str, env: dict[str, str]) -> float:
    """CPU seconds of a process that does this and prints them."""
    command = [sys.executable, "-c", code]
    return float(subprocess.run(command, env=env, capture_output=True, text=True, check=True).stdout)


def make_photos(folder: Path, count: int) -> None:
    """COUNT camera-like JPEGs with EXIF and a thumbnail inside."""
    folder.mkdir(parents=True)
    rng = np.random.default_rng(0)
    bodies = []
    for k in range(20):
        coarse = rng.integers(0, 255, (12, 18, 3), dtype=np.uint8)
        image = Image.fromarray(coarse).resize((1800, 1200), Image.Resampling.BICUBIC)
        small = io.BytesIO()
        image.resize((160, 107)).save(small, "JPEG", quality=70)
        exif = Image.Exif()
        exif[0x010F], exif[0x0110], exif[0x0112] = "Canon", "Canon EOS R6", 1
        exif.get_ifd(0x8769)[0x9003] = f"2026:05:01 12:{k:02}:00"
        body = io.BytesIO()
        image.save(body, "JPEG", quality=90, exif=_with_thumbnail(exif.tobytes(), small.getvalue()))
        bodies.append(body.getvalue())
    for k in range(count):
        (folder / f"IMG_{k:05}.JPG").write_bytes(bodies[k % len(bodies)])


def _with_thumbnail(exif: bytes, thumbnail: bytes) -> bytes:
    """An EXIF block with a second directory that holds a JPEG thumbnail."""
    head, tiff = exif[:6], bytearray(exif[6:])
    order = "little" if tiff[:2] == b"II" else "big"

    def number(value: int, size: int) -> bytes:
        return value.to_bytes(size, order)  # type: ignore[arg-type]

    first = int.from_bytes(tiff[4:8], order)  # type: ignore[arg-type]
    entries = int.from_bytes(tiff[first : first + 2], order)  # type: ignore[arg-type]
    if len(tiff) % 2:
        tiff += b"\0"
    second = len(tiff)
    tiff[first + 2 + 12 * entries : first + 6 + 12 * entries] = number(second, 4)
    fields = [
        (0x0103, 3, number(6, 2) + b"\0\0"),
        (0x0201, 4, number(second + 42, 4)),
        (0x0202, 4, number(len(thumbnail), 4)),
    ]
    tiff += number(len(fields), 2)
    for tag, kind, value in fields:
        tiff += number(tag, 2) + number(kind, 2) + number(1, 4) + value
    tiff += number(0, 4)
    return head + bytes(tiff) + thumbnail


def main(options: argparse.Namespace) -> None:
    with tempfile.TemporaryDirectory() as place:
        folder = options.photos
        if folder is None:
            folder = Path(place) / "photos"
            make_photos(folder, options.count)
        cold, warm, bare, empty = [], [], [], []
        here = environment(Path(place), Path(place) / "warm")
        scan = [sys.executable, "-m", "culler", "scan", str(folder), "--quick"]
        subprocess.run(scan, env=here, capture_output=True, check=True)
        subprocess.run([sys.executable, "-c", SEEN, str(folder)], env=here, check=True)
        for k in range(options.rounds + 1):  # the first round writes the byte code and is not counted
            cold.append(opened(folder, environment(Path(place), Path(place) / f"cold{k}")))
            warm.append(opened(folder, here))
            bare.append(cpu_of(BARE, here))
            empty.append(cpu_of(EMPTY, here))
        for title, runs in (("unindexed", cold[1:]), ("indexed", warm[1:])):
            for what in ("names", "page"):
                wall = statistics.median(run[what][0] for run in runs)
                cpu = statistics.median(run[what][1] for run in runs)
                print(f"     {title:10} {what:6} wall {1000 * wall:7.0f} ms   CPU {1000 * cpu:7.0f} ms")
        base, least = statistics.median(bare[1:]), statistics.median(empty[1:])
        print(f"     import PySide6.QtWidgets, numpy     CPU {1000 * base:7.0f} ms")
        print(f"     the same, and an empty window       CPU {1000 * least:7.0f} ms\n")
        page = statistics.median(run["page"][0] for run in cold[1:])
        ratio = statistics.median(run["page"][1] for run in warm[1:]) / base
        print(f"G6   first recognisable page of an unindexed folder, wall s   {page:6.2f}   goal ≤ 1.0")
        print(f"G7   warm start to first painted page ÷ bare imports, CPU     {ratio:6.2f}   goal ≤ 1.5")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description="How soon the window shows photos.")
    parser.add_argument("--photos", type=Path, help="a folder of photos; made when absent")
    parser.add_argument("--count", type=int, default=10_000)
    parser.add_argument("--rounds", type=int, default=5)
    main(parser.parse_args())
