"""How fast folders become a catalog: ratios against named peers, all in one interleaved run.

Peers: `djpeg -scale 1/8` (libjpeg-turbo: the limit), `vipsthumbnail`, `darktable-generate-cache`,
`exiftool -fast2`, a bare scandir + stat, sqlite3's executemany. A peer that is not installed is
reported as not measured. CPU is user + system time of the process and its children.

    python benchmarks/index_speed.py [--photos FOLDER] [--rounds 5] [--rows 100000]

Without --photos it makes 24-megapixel JPEGs of drawn texture, 6–10 MB each.
"""

import argparse
import io
import os
import resource
import shutil
import sqlite3
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from PIL import Image

if TYPE_CHECKING:
    from culler.workflow.workspace import Workspace

Spent = tuple[float, float]
"""CPU and wall seconds."""
Task = Callable[[], Spent]

WORKER = "import sys; sys.path.insert(0, sys.argv[1]); import index_speed; index_speed.work(sys.argv[2:])"


def cpu_of(command: list[str], env: dict[str, str] | None = None) -> tuple[float, float]:
    """CPU seconds and wall seconds of a command."""
    before, start = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, env=env)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    cpu = after.ru_utime - before.ru_utime + after.ru_stime - before.ru_stime
    return cpu, time.perf_counter() - start


def ours(task: str, *arguments: str) -> tuple[float, float]:
    """CPU and wall seconds of one task in a fresh process, imports left out."""
    with tempfile.TemporaryDirectory() as home:
        env = os.environ | {"CULLER_HOME": home}
        command = [sys.executable, "-c", WORKER, str(Path(__file__).parent), task, *arguments]
        out = subprocess.run(command, check=True, env=env, capture_output=True, text=True).stdout
    cpu, wall = out.split()[-2:]
    return float(cpu), float(wall)


def work(arguments: list[str]) -> None:
    """Runs in the fresh process: one task, timed after its imports."""
    import exifread  # noqa: F401

    from culler.imaging import exif, xmp_files  # noqa: F401
    from culler.workflow import first_marks, look, rank, scan, score  # noqa: F401
    from culler.workflow.job import drive
    from culler.workflow.workspace import open_workspace

    task, folder = arguments[0], Path(arguments[1])
    if len(arguments) > 2:
        threads = int(arguments[2])
        os.cpu_count = lambda: threads  # type: ignore[assignment]
    workspace = open_workspace()
    if task == "rescan":
        drive(scan.scan(workspace, [folder]))
    insert = prepared_insert(workspace, int(arguments[3])) if task == "insert" else None
    cpu, start = time.process_time(), time.perf_counter()
    if insert is not None:
        insert()
    if task in ("scan", "rescan", "index"):
        drive(scan.scan(workspace, [folder]))
    if task == "index":
        drive(look.look(workspace, [folder]))
    if task == "develop":
        from culler.catalog import outcomes, photos
        from culler.workflow import develop

        drive(scan.scan(workspace, [folder]))
        with workspace.catalog.read() as tx:
            found = photos.get(tx, photos.ids_in(tx, None))
        for photo in found.values():
            decoded = develop.decoded(photo, develop.develop(workspace, photo))
            with workspace.catalog.write() as tx:
                outcomes.write_decoded(tx, [decoded])
    print(time.process_time() - cpu, time.perf_counter() - start)
    workspace.close()


def prepared_insert(workspace: "Workspace", count: int) -> Callable[[], None]:
    """The insertion of COUNT photos through the catalog's own function, 500 a commit as a scan does."""
    from culler.catalog import folders, scanned
    from culler.catalog.scanned import Found
    from culler.domain.photo import CaptureFacts, FileRole, FileStamp, PhotoFile, PhotoKind

    with workspace.catalog.write() as tx:
        scope = folders.add(tx, Path(tempfile.gettempdir()))
    facts = CaptureFacts(width=6000, height=4000, make="Canon", model="EOS R6", iso=400)
    found = [
        Found(name, PhotoKind.STILL, (PhotoFile(FileRole.RENDERED, name, FileStamp(8_000_000, k)),), facts)
        for k, name in enumerate(f"IMG_{k:06}.JPG" for k in range(count))
    ]

    def insert() -> None:
        for start in range(0, count, 500):
            with workspace.catalog.write() as tx:
                scanned.add(tx, scope.folder_id, found[start : start + 500])

    return insert


def insert_raw(count: int) -> float:
    """The same two rows a photo by sqlite3's executemany; CPU seconds."""
    from culler.catalog.database import Catalog

    with tempfile.TemporaryDirectory() as place:
        catalog = Catalog(Path(place) / "catalog.sqlite")
        catalog.close()
        connection = sqlite3.connect(Path(place) / "catalog.sqlite", isolation_level=None)
        connection.execute("PRAGMA synchronous=NORMAL").close()
        connection.execute("INSERT INTO folder VALUES (1, '/x', NULL, '')").close()
        empty = (1,) + (None,) * 7 + (400,) + (None,) * 7
        photo = (
            "INSERT INTO photo (id, folder_id, relative_path, revision, kind, missing, added_at, width,"
            " height, orientation, make, model, serial, lens, exposure_s, aperture, focal_mm, iso,"
            " exposure_bias_ev, latitude, longitude, camera_rating, taken_us, utc_offset_s, damaged)"
            f" VALUES (?, 1, ?, 1, 'still', 0, '2026', 6000, 4000, {', '.join('?' * len(empty))})"
        )
        start = time.process_time()
        for first in range(0, count, 500):
            keys = range(first + 1, min(count, first + 500) + 1)
            connection.execute("BEGIN IMMEDIATE")
            connection.executemany(photo, [(k, f"IMG_{k:06}.JPG", *empty) for k in keys])
            connection.executemany(
                "INSERT INTO photo_file (folder_id, relative_path, photo_id, position, role, size_bytes,"
                " mtime_ns) VALUES (1, ?, ?, 0, 'rendered', 8000000, ?)",
                [(f"IMG_{k:06}.JPG", k, k) for k in keys],
            )
            connection.execute("COMMIT")
        spent = time.process_time() - start
        connection.close()
        return spent


def make_photos(folder: Path, count: int) -> None:
    """24-megapixel JPEGs of multi-scale texture, with a camera's EXIF."""
    folder.mkdir(parents=True, exist_ok=True)
    for k in range(count):
        rng = np.random.default_rng(k)
        layers = np.zeros((4000, 6000), np.float32)
        for size, weight in ((6, 60), (48, 40), (400, 25), (3000, 10)):
            coarse = rng.standard_normal((size, size * 3 // 2)).astype(np.float32)
            smooth = Image.fromarray(coarse).resize((6000, 4000), Image.Resampling.BICUBIC)
            layers += weight * np.asarray(smooth)
        layers += rng.standard_normal(layers.shape).astype(np.float32) * 5
        shades = [np.clip(128 + layers * tint, 0, 255).astype(np.uint8) for tint in (1, 0.9, 0.8)]
        exif = Image.Exif()
        exif[0x010F], exif[0x0110] = "Canon", "Canon EOS R6"
        exif.get_ifd(0x8769)[0x9003] = f"2026:05:01 12:{k % 60:02}:00"
        buffer = io.BytesIO()
        Image.fromarray(np.stack(shades, -1)).save(buffer, "JPEG", quality=90, exif=exif)
        (folder / f"IMG_{k:04}.JPG").write_bytes(buffer.getvalue())


def bare_walk(folder: Path) -> None:
    """What any rescan must at least do."""
    waiting = [str(folder)]
    while waiting:
        with os.scandir(waiting.pop()) as listing:
            for entry in listing:
                if entry.is_dir():
                    waiting.append(entry.path)
                else:
                    entry.stat()


def many_files(folder: Path, count: int) -> None:
    """COUNT names of one small photo, 1,000 a folder."""
    first = folder / "first.jpg"
    folder.mkdir(parents=True)
    Image.new("RGB", (16, 16), "gray").save(first)
    data = first.read_bytes()
    first.unlink()
    for k in range(count):
        if k % 1000 == 0:
            inner = folder / f"{k // 1000:03}"
            inner.mkdir()
        (inner / f"IMG_{k:06}.jpg").write_bytes(data)


def darktable_library(files: list[str], place: Path) -> list[str]:
    """A darktable of its own that knows these files; the options that name it."""
    photos = place / "photos"
    photos.mkdir(parents=True)
    for file in files:
        (photos / Path(file).name).symlink_to(file)
    core = ["--core", "--library", str(place / "library.db"), "--configdir", str(place / "config")]
    core += ["--cachedir", str(place / "cache")]
    out = ["--width", "32", "--height", "32", "--out-ext", ".jpg"]
    cpu_of(["darktable-cli", str(photos), str(place / "out"), *out, *core])
    return core


def darktable_cache(core: list[str], cache: Path) -> Spent:
    """All sizes up to 1440 × 900, the one nearest our preview."""
    shutil.rmtree(cache, ignore_errors=True)
    spent = cpu_of(["darktable-generate-cache", "--max-mip", "3", *core])
    made = len(list(cache.glob("mipmaps-*/3/*.jpg")))
    if not made:
        raise SystemExit("darktable-generate-cache made nothing")
    return spent


def medians(rounds: int, tasks: dict[str, Task]) -> dict[str, Spent]:
    """Every task once a round, interleaved; median CPU and wall."""
    spent: dict[str, list[Spent]] = {name: [] for name in tasks}
    for _ in range(rounds):
        for name, task in tasks.items():
            spent[name].append(task())
    return {
        name: (statistics.median(cpu for cpu, _ in runs), statistics.median(wall for _, wall in runs))
        for name, runs in spent.items()
    }


def report(goal: str, text: str, value: float | None, bound: str) -> None:
    """One line a goal."""
    shown = "not measured" if value is None else f"{value:.2f}"
    print(f"{goal:4} {text:66} {shown:>12}   goal {bound}")


def main(options: argparse.Namespace) -> None:
    with tempfile.TemporaryDirectory() as place:
        folder = options.photos
        if folder is None:
            folder = Path(place) / "photos"
            make_photos(folder, options.count)
        files = sorted(str(path) for path in folder.rglob("*") if path.suffix.lower() in (".jpg", ".jpeg"))
        megabytes = sum(os.path.getsize(file) for file in files) / len(files) / 1e6
        print(f"{len(files)} JPEGs of {megabytes:.1f} MB, medians of {options.rounds} interleaved rounds\n")
        out = Path(place) / "out"
        out.mkdir()
        tasks: dict[str, Task] = {
            "index 1": lambda: ours("index", str(folder), "1"),
            "index 2": lambda: ours("index", str(folder), "2"),
            "develop": lambda: ours("develop", str(folder), "1"),
            "scan": lambda: ours("scan", str(folder)),
        }
        if shutil.which("djpeg"):
            loop = f'for f in "$@"; do djpeg -scale 1/8 -outfile {out}/x.ppm "$f"; done'
            tasks["limit"] = lambda: cpu_of(["sh", "-c", loop, "sh", *files])
            one = f'djpeg -scale 1/8 -outfile {out}/$$.ppm "$0"; rm {out}/$$.ppm'
            pair = f"printf '%s\\0' \"$@\" | xargs -0 -n1 -P2 sh -c '{one}'"
            tasks["limit 2"] = lambda: cpu_of(["sh", "-c", pair, "sh", *files])
        if shutil.which("vipsthumbnail"):
            vips = ["vipsthumbnail", "-o", f"{out}/%s.jpg", "--size"]
            tasks["vips 256"] = lambda: cpu_of([*vips, "256", *files])
            tasks["vips 1500"] = lambda: cpu_of([*vips, "1500", *files])
        if shutil.which("darktable-generate-cache") and shutil.which("darktable-cli"):
            core = darktable_library(files, Path(place) / "darktable")
            tasks["darktable"] = lambda: darktable_cache(core, Path(place) / "darktable" / "cache")
        if shutil.which("exiftool"):
            tasks["exiftool"] = lambda: cpu_of(["exiftool", "-fast2", "-json", *files])
        got = medians(options.rounds, tasks)
        for name, (cpu, wall) in got.items():
            per = 1000 / len(files)
            print(f"     {name:10} CPU {per * cpu:8.1f} ms a file   wall {per * wall:8.1f} ms")
        print()
        ratios(got)
        catalog_ratios(options, Path(place))


def ratios(got: dict[str, tuple[float, float]]) -> None:
    """Goals G1–G5."""

    def cpu(name: str) -> float | None:
        return got[name][0] if name in got else None

    def over(a: float | None, b: float | None) -> float | None:
        return None if a is None or b is None else a / b

    index, limit, vips, large = cpu("index 1"), cpu("limit"), cpu("vips 256"), cpu("vips 1500")
    both = None if vips is None or large is None else vips + large
    report("G1", "index with 256 px thumbnail ÷ djpeg -scale 1/8, CPU", over(index, limit), "≤ 1.12")
    report("G2", "vipsthumbnail 256 ÷ index, CPU", over(vips, index), "≥ 1.05")
    report("G3", "index with preview ÷ djpeg -scale 1/8, CPU", over(cpu("develop"), limit), "≤ 1.40")
    report("G3", "vipsthumbnail 256 + 1500 ÷ index with preview, CPU", over(both, cpu("develop")), "≥ 2.4")
    speedup = got["index 1"][1] / got["index 2"][1]
    bare = got["limit"][1] / got["limit 2"][1] if "limit 2" in got else None
    report(
        "G3",
        "darktable-generate-cache ÷ index with preview, CPU",
        over(cpu("darktable"), cpu("develop")),
        "≥ 5",
    )
    report("G4", "speed-up by two threads ÷ the limit's own", over(speedup, bare), "≥ 0.95")
    report("G5", "scan (EXIF pass) ÷ exiftool -fast2, CPU", over(cpu("scan"), cpu("exiftool")), "≤ 0.125")


def catalog_ratios(options: argparse.Namespace, place: Path) -> None:
    """Goals G8 and G12."""
    folder = place / "many"
    many_files(folder, options.rows)

    def walk() -> tuple[float, float]:
        cpu, start = time.process_time(), time.perf_counter()
        bare_walk(folder)
        return time.process_time() - cpu, time.perf_counter() - start

    rounds = max(1, min(3, options.rounds))
    got = medians(
        rounds,
        {
            "walk": walk,
            "rescan": lambda: ours("rescan", str(folder)),
            "insert": lambda: ours("insert", str(folder), "1", str(options.rows)),
            "raw": lambda: (insert_raw(options.rows), 0.0),
        },
    )
    print()
    for name, (cpu, _) in got.items():
        print(f"     {name:10} CPU {cpu:8.2f} s for {options.rows:,} photos")
    print()
    cpu = {name: spent for name, (spent, _) in got.items()}
    title = f"rescan of {options.rows:,} unchanged files ÷ scandir + stat, CPU"
    report("G8", title, cpu["rescan"] / cpu["walk"], "≤ 1.8")
    report("G12", f"{options.rows:,} inserts ÷ raw executemany, CPU", cpu["insert"] / cpu["raw"], "≤ 1.5")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description="Ratios of indexing speed against named peers.")
    parser.add_argument("--photos", type=Path, help="a folder of JPEGs; made when absent")
    parser.add_argument("--count", type=int, default=24, help="photos to make")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--rows", type=int, default=100_000)
    main(parser.parse_args())
