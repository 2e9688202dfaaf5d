"""What the whole window holds with many photos: goal G11, with a catalog made up for it.

The real window opens a catalog of COUNT scored photos, which is read, sorted and stacked as ever; only the
folder itself is not looked into, and pictures come from a few in memory. Then it is scrolled.

    python benchmarks/window_memory.py [--count 100000] [--steps 10000]
"""

import argparse
import gc
import os
import sys
import tempfile
import time
from pathlib import Path

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
sys.path[:0] = [str(Path(__file__).resolve().parents[1]), str(Path(__file__).resolve().parent)]


def make_catalog(folder: Path, count: int) -> None:
    """A catalog with COUNT scored photos in one folder, their looks included, by which they are stacked."""
    import numpy as np

    from culler.catalog import assessments, embeddings, folders
    from culler.catalog.keys import insert_many
    from culler.catalog.schema import ASSESSMENT, EMBEDDING, FILE, PHOTO
    from culler.domain.assessment import ScorerId
    from culler.imaging.signature import LOOK_BYTES
    from culler.workflow.workspace import open_workspace

    logits = np.random.default_rng(0).normal(0, 1, (count, 2, 5)).tolist()
    hashes = np.random.default_rng(1).integers(-(1 << 62), 1 << 62, count).tolist()
    workspace = open_workspace()
    with workspace.catalog.write() as tx:
        scope = folders.add(tx, folder)
        scorer = assessments.register(tx, ScorerId("embedded", "0"), None, None, current=True)
        names = [f"2026-11-20 wedding/DSC_{at:06}.JPG" for at in range(count)]
        columns = [
            "id",
            "folder_id",
            "relative_path",
            "revision",
            "kind",
            "missing",
            "added_at",
            "orientation",
        ]
        columns += ["taken_us", "make", "model", "dhash"]
        photos = [
            (at + 1, scope.folder_id, name, 1, "still", 0, "", 1, at * 9_000_000, "Canon", "R6", hashes[at])
            for at, name in enumerate(names)
        ]
        insert_many(tx, PHOTO, columns, photos)
        columns = ["folder_id", "relative_path", "photo_id", "position", "role", "size_bytes", "mtime_ns"]
        files = [(scope.folder_id, name, at + 1, 0, "rendered", 1, 1) for at, name in enumerate(names)]
        insert_many(tx, FILE, columns, files)
        columns = ["photo_id", "scorer_id", "aspect", "revision", *assessments.LEVEL_COLUMNS, "created_at"]
        said = [
            (at + 1, scorer, aspect, 1, *logits[at][k], "")
            for at in range(count)
            for k, aspect in enumerate(("quality", "aesthetics"))
        ]
        insert_many(tx, ASSESSMENT, columns, said)
        look = embeddings.encoder_key(tx, embeddings.LOOK)
        looks = np.random.default_rng(2).integers(0, 256, (count, LOOK_BYTES), np.uint8)
        columns = ["photo_id", "encoder_id", "revision", "dtype", "vector"]
        seen = [(at + 1, look, 1, "uint8", looks[at].tobytes()) for at in range(count)]
        insert_many(tx, EMBEDDING, columns, seen)
    workspace.close()


def resident() -> float:
    import psutil

    return float(psutil.Process().memory_info().rss) / 2**20


def measure(folder: Path, count: int, steps: int) -> None:
    import ui_grid

    from culler.settings import Settings
    from culler.ui.main_window import MainWindow
    from culler.ui.session import Session
    from culler.workflow.workspace import open_workspace

    app = ui_grid.application()
    pictures = ui_grid.encoded_pictures()
    session = Session()
    session._scan = lambda: None  # type: ignore[method-assign]
    session.pictures.thumbnail = lambda photo_id: pictures[photo_id % len(pictures)]  # type: ignore[method-assign]
    window = MainWindow(session, Settings(theme="dark"), folder / "settings.json")
    window.resize(*ui_grid.PAGE)
    session.attach(open_workspace())
    window.set_ready()
    window.show()
    start = time.perf_counter()
    session.open([folder])

    def busy(seconds: float) -> None:
        until = time.perf_counter() + seconds
        while time.perf_counter() < until:
            app.processEvents()
            time.sleep(0.002)

    while len(session.columns) < count:
        busy(0.05)
    print(f"     read, sorted and shown after              {time.perf_counter() - start:7.2f} s")
    busy(8)
    print(f"     resident, before scrolling                {resident():7.0f} MB")
    bar = window.grid.verticalScrollBar()
    page = bar.pageStep()
    for at in range(400):
        bar.setValue(at * page % max(1, bar.maximum()))
        busy(0.03)
    gc.collect()
    full = resident()
    for step in range(steps):
        bar.setValue(step * bar.singleStep() % max(1, bar.maximum()))
        app.processEvents()
        if step % 4 == 0:
            time.sleep(0.004)
    gc.collect()
    print(f"G11  resident, picture cache full              {full:7.0f} MB   goal ≤ 300")
    grown = 100 * (resident() / full - 1)
    print(f"G11  growth over {steps:,} steps                 {grown:7.2f} %    goal ≤ 2")
    window.close()


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description="What the window holds with many photos.")
    parser.add_argument("--count", type=int, default=100_000)
    parser.add_argument("--steps", type=int, default=10_000)
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as place:
        os.environ["CULLER_HOME"] = place
        shoot = Path(place) / "shoot"
        shoot.mkdir()
        child = os.fork() if hasattr(os, "fork") else 0
        if child == 0:
            make_catalog(shoot, asked.count)
            if hasattr(os, "fork"):
                os._exit(0)
        else:
            os.waitpid(child, 0)
        measure(shoot, asked.count, asked.steps)
