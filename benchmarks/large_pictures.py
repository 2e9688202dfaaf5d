#!/usr/bin/env python3
"""Memory and time of very large pictures: what is shown whole, what reduced, what refused.

usage: large_pictures.py [--photos FOLDER] [--scratch FOLDER] [--small] [--json]

Writes pictures of the sizes that cameras make (102, 151, 407 megapixels) and beyond into a scratch folder
(some gigabytes), and gives each to a process of its own twice: for the preview (`develop`) and for 1:1
(`full`). The peak is the whole process's resident memory. FOLDER adds files of one's own. `--small` makes
everything a hundred times smaller, for the tests.
"""

import argparse
import json
import os
import struct
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
from PIL import Image

LIMIT_MB = 1500
_ONE = r"""
import json, re, resource, sys, time
from pathlib import Path
from culler.domain.errors import CullerError
from culler.imaging import decode
path, what = Path(sys.argv[1]), sys.argv[2]
before = time.perf_counter()
try:
    image = decode.full(path) if what == "full" else decode.develop(path).preview
    said = f"{image.width} x {image.height}"
except CullerError as error:
    said = str(error)
took = time.perf_counter() - before
# What getrusage says of a fresh process begins with the size of its parent.
status = Path("/proc/self/status")
if status.exists():
    peak_kb = int(re.search(r"VmHWM:\s*(\d+)", status.read_text())[1])
else:
    peak_kb = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
print(json.dumps([peak_kb / 1024, took, said]))
"""


def measured(path: Path, what: str) -> tuple[float, float, str]:
    """Peak megabytes, seconds, and the picture's size or the sentence that refuses it."""
    command = [sys.executable, "-c", _ONE, str(path), what]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    peak_mb, seconds, said = json.loads(done.stdout)
    return float(peak_mb), float(seconds), str(said)


def noise(width: int, height: int) -> Image.Image:
    """Detail everywhere: one noisy tile, repeated."""
    tile = np.random.default_rng(1).integers(0, 256, (256, 256, 3), np.uint8)
    whole = Image.new("RGB", (width, height))
    part = Image.fromarray(tile // 2 + 64)
    for top in range(0, height, 256):
        for left in range(0, width, 256):
            whole.paste(part, (left, top))
    return whole


def pictures(folder: Path, shrink: int) -> Iterator[Path]:
    """Every picture, written when it is asked for and removed afterwards."""
    gfx, back, shift, beyond = ((edges[0] // shrink, edges[1] // shrink) for edges in _SIZES)
    turned = Image.Exif()
    turned[0x0112] = 6
    jobs: list[tuple[str, Callable[[Path], None]]] = [
        ("102MP.jpg", lambda path: noise(*gfx).save(path, quality=92)),
        ("102MP-turned.jpg", lambda path: noise(*gfx).save(path, quality=92, exif=turned)),
        ("102MP-progressive.jpg", lambda path: noise(*gfx).save(path, quality=90, progressive=True)),
        ("151MP-turned.jpg", lambda path: noise(*back).save(path, quality=92, exif=turned)),
        ("280MP.jpg", lambda path: noise(*beyond).save(path, quality=85)),
        ("280MP-progressive.jpg", lambda path: noise(*beyond).save(path, quality=85, progressive=True)),
        ("407MP.jpg", lambda path: noise(*shift).save(path, quality=85)),
        ("102MP.png", lambda path: noise(*gfx).save(path, compress_level=1)),
        ("102MP.webp", lambda path: noise(*gfx).save(path, quality=50, method=0)),
        ("102MP.avif", lambda path: noise(*gfx).save(path, quality=40, speed=10)),
        ("151MP-lzw.tif", lambda path: noise(*back).save(path, compression="tiff_lzw")),
        ("102MP-16bit.tif", lambda path: sparse_tiff(path, *gfx, bits=16)),
        ("407MP-16bit.tif", lambda path: sparse_tiff(path, *shift, bits=16)),
        ("407MP-turned.tif", lambda path: sparse_tiff(path, *shift, bits=8, orientation=6)),
        ("102MP.dng", lambda path: bayer_dng(path, *gfx)),
        ("151MP.dng", lambda path: bayer_dng(path, *back)),
    ]
    for name, write in jobs:
        path = folder / name
        write(path)
        yield path
        path.unlink()


_SIZES = ((11648, 8736), (14204, 10652), (23296, 17472), (20000, 14000))


def sparse_tiff(path: Path, width: int, height: int, bits: int, orientation: int = 1) -> None:
    """An uncompressed RGB TIFF in strips of 16 rows, its first ones grey, the rest a hole in the file."""
    rows = 16
    strips = -(-height // rows)
    row_bytes = width * 3 * bits // 8
    with path.open("wb") as file:
        start = tiff_head(
            file,
            {
                256: (4, [width]),
                257: (4, [height]),
                258: (3, [bits] * 3),
                259: (3, [1]),
                262: (3, [2]),
                273: (4, None),
                274: (3, [orientation]),
                277: (3, [3]),
                278: (4, [rows]),
                279: (4, [min(rows, height - rows * at) * row_bytes for at in range(strips)]),
            },
        )
        file.seek(start)
        file.write(b"\x80" * (rows * row_bytes))
        file.truncate(start + height * row_bytes)


def bayer_dng(path: Path, width: int, height: int) -> None:
    """An uncompressed 16-bit DNG without a preview."""
    rows = np.random.default_rng(1).integers(0, 16000, (16, width)).astype("<u2").tobytes()
    with path.open("wb") as file:
        start = tiff_head(
            file,
            {
                254: (4, [0]),
                256: (4, [width]),
                257: (4, [height]),
                258: (3, [16]),
                259: (3, [1]),
                262: (3, [32803]),
                271: (2, list(b"Culler\0")),
                272: (2, list(b"Test\0")),
                273: (4, None),
                274: (3, [1]),
                277: (3, [1]),
                278: (4, [height]),
                279: (4, [width * height * 2]),
                33421: (3, [2, 2]),
                33422: (1, [0, 1, 1, 2]),
                50706: (1, [1, 4, 0, 0]),
                50714: (3, [0]),
                50717: (3, [16383]),
            },
        )
        file.seek(start)
        for _ in range(height // 16):
            file.write(rows)
        file.write(rows[: height % 16 * width * 2])


def tiff_head(file: "object", entries: dict[int, tuple[int, list[int] | None]]) -> int:
    """Writes header and directory; returns where the pixels begin. Strip offsets are given as None."""
    sizes = entries[279][1] or []
    codes = {1: "B", 2: "B", 3: "H", 4: "I"}
    space = 8 + 2 + 12 * len(entries) + 4
    total = space + sum(4 * len(values or sizes) + 4 for _, values in entries.values())
    offsets, at = [], total
    for size in sizes:
        offsets.append(at)
        at += size
    head = struct.pack("<2sHIH", b"II", 42, 8, len(entries))
    behind = b""
    for tag, (kind, values) in sorted(entries.items()):
        numbers = offsets if values is None else values
        packed = struct.pack(f"<{len(numbers)}{codes[kind]}", *numbers)
        place = packed.ljust(4, b"\0") if len(packed) <= 4 else struct.pack("<I", space + len(behind))
        head += struct.pack("<HHI", tag, kind, len(numbers)) + place
        behind += packed if len(packed) > 4 else b""
    file.write((head + b"\0\0\0\0" + behind).ljust(total, b"\0"))  # type: ignore[attr-defined]
    return total


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--photos", type=Path)
    parser.add_argument("--scratch", type=Path)
    parser.add_argument("--small", action="store_true")
    parser.add_argument("--json", action="store_true")
    asked = parser.parse_args()
    os.environ.setdefault("OMP_NUM_THREADS", "1")
    own = sorted(path for path in asked.photos.iterdir() if path.is_file()) if asked.photos else []
    rows = []
    with tempfile.TemporaryDirectory(dir=asked.scratch) as scratch:
        for path in own or pictures(Path(scratch), 10 if asked.small else 1):
            for what in ("preview", "full"):
                peak_mb, seconds, said = measured(path, what)
                row = {"file": path.name, "what": what, "peak_mb": peak_mb, "s": seconds, "shown": said}
                rows.append(row)
                if not asked.json:
                    print(f"{path.name:28} {what:8} {peak_mb:7.0f} MB {seconds:6.1f} s  {said}", flush=True)
    if asked.json:
        print(json.dumps(rows))
    sys.exit(1 if any(row["peak_mb"] > LIMIT_MB for row in rows) else 0)


if __name__ == "__main__":
    main()
