"""How fast the grid is, and what it holds: goals G9, G10, G11, and the grid's part of G7.

    python benchmarks/ui_grid.py [--photos 100000] [--rounds 5] [--proxy-photos N] [--json FILE]

G7   start to the first painted page over importing PySide6.QtWidgets and numpy alone (whole
     processes, CPU), and 100,000 photos over 10,000
G9   sort and filter to painted, CPU of the process, with pictures that all need scaling: absolute,
     over QListView with the same model and delegate, and over a QSortFilterProxyModel
G10  one scroll step of a third of a row, p95, and over that of 1,000 photos
G11  resident memory of the window, and what 10,000 scroll steps with a live loader add

Contenders take turns within a round; figures are medians of the rounds. Painting goes to Qt's
offscreen raster surface, which is what a window without a GPU does.
"""

import argparse
import gc
import io
import json
import os
import pickle
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
os.environ.setdefault("OMP_NUM_THREADS", "1")
sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

PAGE = (1280, 860)
PICTURES = 48


@dataclass(frozen=True, slots=True)
class Figure:
    """One line of the report; `goal` is an upper bound, or a lower one where `at_least`."""

    name: str
    value: float
    unit: str
    goal: float | None = None
    at_least: bool = False

    @property
    def met(self) -> bool | None:
        if self.goal is None:
            return None
        return self.value >= self.goal if self.at_least else self.value <= self.goal


def synthetic(count: int) -> Any:
    """Columns of photos that look like a folder's: names, levels, marks."""
    import numpy as np

    from culler.ranking.columns import empty

    random = np.random.default_rng(7)
    columns = empty(count)
    columns.ids[:] = np.arange(1, count + 1)
    columns.names[:] = [f"2026-11-20 wedding/DSC_{at:06d}.NEF" for at in range(count)]
    columns.taken_us[:] = np.arange(count) * 1_000_000
    for levels in (columns.quality, columns.aesthetics):
        weights = random.gamma(0.7, size=(count, 5))
        levels[:] = weights / weights.sum(axis=1, keepdims=True)
    columns.flag[:] = random.choice([-1, 0, 0, 1], count)
    columns.stars[:] = random.integers(0, 6, count)
    columns.label[:] = random.choice([0, 0, 0, 1, 2, 3, 4, 5], count)
    return columns


def encoded_pictures() -> list[bytes]:
    """Thumbnails as they are stored: JPEGs of 256 pixels with some texture."""
    import numpy as np
    from PIL import Image

    random = np.random.default_rng(3)
    found = []
    for at in range(PICTURES):
        noise = random.integers(0, 256, (18, 24, 3), dtype=np.uint8)
        size = (256, 171) if at % 4 else (171, 256)
        file = io.BytesIO()
        Image.fromarray(noise).resize(size, Image.Resampling.BICUBIC).save(file, "JPEG", quality=85)
        found.append(file.getvalue())
    return found


def grid(count: int, pixmap: Callable[[int], Any], columns: Any = None) -> tuple[Any, Any]:
    """A painted grid and its model."""
    from culler.ui import theme
    from culler.ui.grid_view import GridView
    from culler.ui.photo_delegate import PhotoDelegate
    from culler.ui.photo_model import PhotoModel

    app = application()
    theme.apply(app, "dark")
    model = PhotoModel(lambda ids: [])
    view = GridView(model, PhotoDelegate(pixmap))
    model.set_columns(synthetic(count) if columns is None else columns)
    view.resize(*PAGE)
    view.show()
    painted(view)
    return view, model


def application() -> Any:
    from PySide6.QtWidgets import QApplication

    return QApplication.instance() or QApplication([])


def painted(view: Any) -> None:
    """Lays out what is due and paints the whole page, now; fails if nothing was painted."""
    from PySide6.QtCore import QEvent, QObject

    class Witness(QObject):
        seen = 0

        def eventFilter(self, watched: QObject, event: QEvent) -> bool:
            self.seen += event.type() == QEvent.Type.Paint
            return False

    witness = Witness()
    view.viewport().installEventFilter(witness)
    view.viewport().update()
    application().processEvents()
    view.viewport().removeEventFilter(witness)
    assert witness.seen, "the view painted nothing"


def ready_pixmaps() -> Callable[[int], Any]:
    from PySide6.QtGui import QPixmap

    from culler.ui.thumbnail_worker import decoded

    application()
    pixmaps = [QPixmap.fromImage(decoded(encoded)) for encoded in encoded_pictures()]
    return lambda photo_id: pixmaps[photo_id % PICTURES]


def cpu_ms(work: Callable[[], None]) -> float:
    start = time.process_time()
    work()
    return (time.process_time() - start) * 1000


def sort_and_filter(count: int, rounds: int, proxy_count: int) -> list[Figure]:
    """G9: the same order, given to three views in turn."""
    import numpy as np

    from culler.domain.decision import Flag
    from culler.ranking.filters import Filter, mask
    from culler.ranking.order import SortKey, order, precedence

    view, model = grid(count, ready_pixmaps())
    columns = model.columns
    listed, listed_model = _list_view(count)
    ties = precedence(columns)

    def sorted_rows(descending: bool) -> Any:
        return order(columns, SortKey.QUALITY, descending, 0.9, ties=ties)

    took: dict[str, list[float]] = {"sort": [], "filter": [], "list": []}
    for at in range(rounds):
        descending = at % 2 == 0

        def sort(descending: bool = descending) -> None:
            model.set_order(sorted_rows(descending))
            painted(view)

        def filter_(stars: int = at % 5) -> None:
            wanted = Filter(flags=frozenset({Flag.NONE, Flag.PICK}), min_stars=stars)
            kept = np.flatnonzero(mask(columns, wanted))
            model.set_order(order(columns, SortKey.QUALITY, True, 0.9, kept, ties=ties))
            painted(view)

        def sort_listed(descending: bool = descending) -> None:
            listed_model.set_order(sorted_rows(descending))
            listed.doItemsLayout()
            painted(listed)

        took["sort"].append(cpu_ms(sort))
        took["filter"].append(cpu_ms(filter_))
        took["list"].append(cpu_ms(sort_listed))
    middle = {name: statistics.median(times) for name, times in took.items()}
    proxy = cpu_ms(_proxy_sort(proxy_count))
    alone = middle["sort"]
    if proxy_count != count:
        small_view, small_model = grid(proxy_count, ready_pixmaps())
        small, small_ties = small_model.columns, precedence(small_model.columns)

        def sort_small() -> None:
            small_model.set_order(order(small, SortKey.QUALITY, True, 0.9, ties=small_ties))
            painted(small_view)

        alone = statistics.median(cpu_ms(sort_small) for _ in range(rounds))
        small_view.close()
    view.close()
    listed.close()
    return [
        Figure(f"G9 sort to painted, {count:,}", middle["sort"], "ms", 50),
        Figure(f"G9 filter to painted, {count:,}", middle["filter"], "ms", 50),
        Figure("G9 QListView, the same sort", middle["list"], "ms"),
        Figure("G9 QListView over grid", middle["list"] / middle["sort"], "×", 4, at_least=True),
        Figure(f"G9 proxy model, {proxy_count:,}", proxy, "ms"),
        Figure("G9 proxy over grid", proxy / alone, "×", 300, at_least=True),
    ]


def _list_view(count: int) -> tuple[Any, Any]:
    """Qt's own icon view with the same model and delegate, set up as fast as it goes."""
    from PySide6.QtWidgets import QListView

    from culler.ui.photo_delegate import PhotoDelegate
    from culler.ui.photo_model import PhotoModel

    model = PhotoModel(lambda ids: [])
    view = QListView()
    delegate = PhotoDelegate(ready_pixmaps(), view)
    view.setItemDelegate(delegate)
    view.setViewMode(QListView.ViewMode.IconMode)
    view.setMovement(QListView.Movement.Static)
    view.setResizeMode(QListView.ResizeMode.Adjust)
    view.setUniformItemSizes(True)
    view.setLayoutMode(QListView.LayoutMode.SinglePass)
    size = delegate.cell_size(180, view.font())
    view.setGridSize(size)
    view.setModel(model)
    model.set_columns(synthetic(count))
    view.resize(*PAGE)
    view.show()
    painted(view)
    return view, model


def _proxy_sort(count: int) -> Callable[[], None]:
    """The way many programs take: the same model below a proxy that asks it for every key, and Qt's
    own view on top."""
    import numpy as np
    from PySide6.QtCore import QSortFilterProxyModel, Qt
    from PySide6.QtWidgets import QListView

    from culler.ui.photo_model import PhotoModel

    class WithMeans(PhotoModel):
        means: Any = None

        def data(self, index: Any, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
            if role == Qt.ItemDataRole.UserRole:
                return float(self.means[self.order[index.row()]])
            return super().data(index, role)

    columns = synthetic(count)
    source = WithMeans(lambda ids: [])
    source.means = columns.quality @ np.arange(1, 6, dtype=np.float32)
    source.set_columns(columns)
    proxy = QSortFilterProxyModel()
    proxy.setSourceModel(source)
    proxy.setSortRole(Qt.ItemDataRole.UserRole)
    view = QListView()
    view.setUniformItemSizes(True)
    view.setModel(proxy)
    view.resize(*PAGE)
    view.show()
    painted(view)

    def work() -> None:
        proxy.sort(0, Qt.SortOrder.DescendingOrder)
        painted(view)
        assert proxy.sourceModel() is source

    return work


def scroll(count: int, rounds: int, steps: int = 300) -> list[Figure]:
    """G10: a scroll step until it is on the surface. Wall-clock time is what a hand feels; the CPU of
    the window's thread is what holds on a busy machine."""
    views = {size: grid(size, ready_pixmaps())[0] for size in (count, 1000)}
    wall: dict[int, list[float]] = {size: [] for size in views}
    cpu: dict[int, list[float]] = {size: [] for size in views}
    app = application()
    for _ in range(rounds):
        for size, view in views.items():
            bar = view.verticalScrollBar()
            bar.setValue(0)
            painted(view)
            walls, cpus = [], []
            for step in range(1, steps + 1):
                start, start_cpu = time.perf_counter(), time.thread_time()
                bar.setValue(min(step * bar.singleStep(), bar.maximum()))
                app.processEvents()
                walls.append((time.perf_counter() - start) * 1000)
                cpus.append((time.thread_time() - start_cpu) * 1000)
            wall[size].append(_p95(walls))
            cpu[size].append(_p95(cpus))
    for view in views.values():
        view.close()
    large, small = (statistics.median(cpu[size]) for size in (count, 1000))
    return [
        Figure(f"G10 scroll step p95, {count:,}, wall", statistics.median(wall[count]), "ms", 8),
        Figure(f"G10 scroll step p95, {count:,}, CPU", large, "ms"),
        Figure("G10 over 1,000, CPU", large / small, "×", 1.1),
    ]


def start(count: int, rounds: int) -> list[Figure]:
    """G7: whole processes, reading columns that lie in a file; `--child start` is the other side."""
    took: dict[str, list[float]] = {"import": [], "few": [], "many": []}
    with tempfile.TemporaryDirectory() as folder:
        child = [sys.executable, __file__, "--child", "start", "--columns"]
        few, many = Path(folder, "few.pickle"), Path(folder, "many.pickle")
        few.write_bytes(pickle.dumps(synthetic(max(1, count // 10))))
        many.write_bytes(pickle.dumps(synthetic(count)))
        commands = {
            "import": [sys.executable, "-c", "import PySide6.QtWidgets, numpy"],
            "few": [*child, str(few)],
            "many": [*child, str(many)],
        }
        for _ in range(rounds):
            for name, command in commands.items():
                took[name].append(_child_cpu_ms(command))
    middle = {name: statistics.median(times) for name, times in took.items()}
    return [
        Figure(f"G7 start to painted, {count:,}, no catalog", middle["many"], "ms"),
        Figure("G7 over import PySide6.QtWidgets, numpy", middle["many"] / middle["import"], "×"),
        Figure(f"G7 {count:,} over {max(1, count // 10):,}", middle["many"] / middle["few"], "×"),
    ]


def load_model(count: int, rounds: int) -> list[Figure]:
    """G7's part that grows with the number of photos: from loaded columns to a painted page."""
    views = {size: grid(size, ready_pixmaps()) for size in (count, max(1, count // 10))}
    sets = {size: synthetic(size) for size in views}
    took: dict[int, list[float]] = {size: [] for size in views}
    for _ in range(rounds):
        for size, (view, model) in views.items():
            fresh = sets[size].concatenate(sets[size].take([]))

            def show(view: Any = view, model: Any = model, fresh: Any = fresh) -> None:
                model.set_columns(fresh)
                painted(view)

            took[size].append(cpu_ms(show))
    for view, _ in views.values():
        view.close()
    large, small = (statistics.median(took[size]) for size in views)
    return [
        Figure(f"G7 columns to painted, {count:,}", large, "ms"),
        Figure(f"G7 columns to painted, {max(1, count // 10):,}", small, "ms"),
    ]


def memory(count: int, steps: int) -> list[Figure]:
    """G11: in a process of its own, for nothing else may have grown there."""
    command = [sys.executable, __file__, "--child", "memory", "--photos", str(count), "--steps", str(steps)]
    done = subprocess.run(command, check=True, capture_output=True, text=True)
    said = json.loads(done.stdout)
    return [
        Figure(f"G11 resident, {count:,} photos, no pictures", said["bare"], "MB"),
        Figure("G11 resident, picture cache full", said["full"], "MB", 300),
        Figure(f"G11 growth over {steps:,} steps", said["grown"] / said["full"] * 100, "%", 2),
    ]


def _memory_child(count: int, steps: int) -> None:
    import psutil

    from culler.ui.thumbnail_loader import ThumbnailLoader

    app = application()
    pictures = encoded_pictures()
    loader = ThumbnailLoader(lambda photo_id: pictures[photo_id % PICTURES])
    view, _ = grid(count, loader.pixmap)
    view.visible_changed.connect(loader.request)
    loader.loaded.connect(view.update_photo)
    process = psutil.Process()
    bar = view.verticalScrollBar()

    def resident() -> float:
        return process.memory_info().rss / 2**20

    def scrolled(first: int, upto: int) -> None:
        for step in range(first, upto):
            bar.setValue(step * bar.singleStep() % max(1, bar.maximum()))
            app.processEvents()
            if step % 4 == 0:
                time.sleep(0.004)  # as a hand does: time for the loader to answer

    app.processEvents()
    bare = resident()
    warm = max(1, steps // 5)
    scrolled(0, warm)
    # Until as many pictures are held as ever will be.
    page = bar.pageStep()
    for at in range(400):
        if loader.held_bytes > 0.98 * loader.cache_bytes or count < 1000:
            break
        bar.setValue((warm * bar.singleStep() + at * page) % max(1, bar.maximum()))
        until = time.monotonic() + 0.1
        while time.monotonic() < until:
            app.processEvents()
            time.sleep(0.002)
    gc.collect()
    full = resident()
    scrolled(0, steps)
    gc.collect()
    grown = resident() - full
    loader.close()
    print(json.dumps({"bare": bare, "full": full, "grown": grown}))


def _child_cpu_ms(command: list[str]) -> float:
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run(command, check=True, capture_output=True)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return (after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime) * 1000


def _p95(times: list[float]) -> float:
    return sorted(times)[min(len(times) - 1, int(len(times) * 0.95))]


def measure(count: int, rounds: int, proxy_count: int, steps: int) -> list[Figure]:
    return [
        *start(count, rounds),
        *load_model(count, rounds),
        *sort_and_filter(count, rounds, proxy_count),
        *scroll(count, rounds, min(300, steps)),
        *memory(count, steps),
    ]


def table(figures: list[Figure]) -> str:
    lines = [f"{'':<46}{'measured':>12}  {'goal':>10}"]
    for figure in figures:
        goal = "" if figure.goal is None else f"{'≥' if figure.at_least else '≤'} {figure.goal:g}"
        verdict = {None: "", True: "met", False: "MISSED"}[figure.met]
        lines.append(
            f"{figure.name:<46}{figure.value:>9.2f} {figure.unit:<2}  {goal:>10}  {verdict}".rstrip()
        )
    return "\n".join(lines)


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--photos", type=int, default=100_000)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--proxy-photos", type=int, help="fewer, to save a quarter of a minute")
    parser.add_argument("--steps", type=int, default=10_000, help="scroll steps of the memory run")
    parser.add_argument("--json", type=Path)
    parser.add_argument("--columns", type=Path, help=argparse.SUPPRESS)
    parser.add_argument("--child", choices=("start", "memory"), help=argparse.SUPPRESS)
    asked = parser.parse_args()
    if asked.child == "start":
        grid(0, lambda photo_id: None, pickle.loads(asked.columns.read_bytes()))
    elif asked.child == "memory":
        _memory_child(asked.photos, asked.steps)
    else:
        figures = measure(asked.photos, asked.rounds, asked.proxy_photos or asked.photos, asked.steps)
        print(table(figures))
        if asked.json:
            said = [asdict(figure) | {"met": figure.met} for figure in figures]
            asked.json.write_text(json.dumps(said, indent=1), "utf-8")


if __name__ == "__main__":
    main()
