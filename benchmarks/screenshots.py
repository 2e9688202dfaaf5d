"""Pictures of the real window for the README and for looking at: every view, page and main dialog.

    python benchmarks/screenshots.py FOLDER --out DIR [--scale 2] [--theme light] [--only grid,loupe]

Opens the window on FOLDER with a catalog of its own, waits until everything is scored, marks a few
photos, and saves what the window shows. Needs no display where QT_QPA_PLATFORM=offscreen.
"""

import argparse
import logging
import os
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--out", type=Path, default=Path("screenshots"))
    parser.add_argument("--scale", default="1")
    parser.add_argument("--theme", choices=("dark", "light"), default="dark")
    parser.add_argument("--size", default="1400x900")
    parser.add_argument("--only", default="")
    parser.add_argument("--plain", action="store_true", help="grid.png instead of grid-dark-1x.png")
    chosen = parser.parse_args()
    os.environ["QT_SCALE_FACTOR"] = chosen.scale
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    with tempfile.TemporaryDirectory() as home:
        os.environ["CULLER_HOME"] = home
        return photograph(chosen)


def photograph(chosen: argparse.Namespace) -> int:
    """Open the window and save its pictures; returns the exit code."""
    from PySide6.QtCore import QTimer
    from PySide6.QtWidgets import QApplication

    from culler.settings import Settings, places
    from culler.ui import theme
    from culler.ui.app import Start
    from culler.ui.main_window import MainWindow
    from culler.ui.session import Session

    app = QApplication(sys.argv[:1])
    logging.basicConfig(level=logging.WARNING)
    theme.apply(app, chosen.theme)
    chosen.out.mkdir(parents=True, exist_ok=True)
    session = Session()
    window = MainWindow(session, Settings(theme=chosen.theme), places().config / "settings.json")
    width, _, height = chosen.size.partition("x")
    window.resize(int(width), int(height))
    empty = Path(os.environ["CULLER_HOME"]) / "Empty folder"
    empty.mkdir()
    pages = scenes(window, chosen.folder, empty)
    wanted = set(filter(None, chosen.only.split(",")))

    def snap(name: str, widget: Any) -> None:
        if not wanted or name in wanted:
            suffix = "" if chosen.plain else f"-{chosen.theme}-{chosen.scale}x"
            widget.grab().save(str(chosen.out / f"{name}{suffix}.png"))

    def go_on() -> None:
        try:
            name, widget, ready = next(pages)
        except StopIteration:
            window.metadata.quiet = True  # the marks of these pictures are for nobody
            window.close()
            return
        except Exception:
            window.metadata.quiet = True
            window.close()
            raise
        patience = [600]

        def when_ready() -> None:
            patience[0] -= 1
            if not ready() and patience[0]:
                QTimer.singleShot(100, when_ready)
                return
            snap(name, widget)
            if widget is not window:
                widget.close()
            QTimer.singleShot(0, go_on)

        QTimer.singleShot(500, when_ready)

    start = Start(window, session, [])
    window.first_painted.connect(start.begin)
    window.closed.connect(start.close)
    start.done.connect(go_on)
    window.show()
    return app.exec()


Scene = tuple[str, Any, Callable[[], bool]]


def scenes(window: Any, folder: Path, empty: Path) -> Iterator[Scene]:
    """(name, widget to save, whether it is ready), each prepared when it is asked for."""
    from PySide6.QtCore import QPointF

    from culler.domain.decision import ColorLabel, Flag
    from culler.ranking.filters import Filter
    from culler.ranking.order import SortKey

    session = window.session

    def at_once() -> bool:
        return True

    def idle() -> bool:
        return session.jobs.running is None

    yield "welcome", window, at_once
    session.open([empty])
    yield "empty", window, idle
    session.open([folder])
    yield "filling", window, lambda: len(session.columns) > 0
    yield "scored", window, idle
    session.set_sort(SortKey.OVERALL, True)
    window.filter_bar.sort.set_sort(SortKey.OVERALL, True)
    ids = session.shown_ids()
    session.edits.set_flag(ids[0:8:2], Flag.PICK)
    session.edits.set_flag(ids[9:12:2], Flag.REJECT)
    session.edits.set_stars(ids[0:3], 5)
    session.edits.set_stars(ids[3:7], 3)
    session.edits.set_label(ids[1:4:2], ColorLabel.GREEN)
    session.edits.set_label(ids[5:6], ColorLabel.RED)
    window._on_act()
    session.set_current(ids[2])
    yield "grid", window, at_once
    window.views.show_loupe()
    yield "loupe", window, at_once
    canvas = window.loupe.canvas
    canvas.zoom_at(QPointF(canvas.rect().center()), 1.0)
    yield "zoom", window, at_once
    canvas.toggle_zoom()
    window.views.show_grid()
    window.grid.select_ids(ids[2:4])
    window.views.show_compare()
    yield "compare", window, at_once
    window.views.show_grid()
    window.grid.select_ids(ids[:6])
    window.views.show_survey()
    yield "survey", window, at_once
    window.views.show_grid()
    window.filter_bar.set_filter(Filter(text="no such photo"))
    session.set_filter(Filter(text="no such photo"))
    yield "filtered-out", window, at_once
    window.clear_filter()
    yield from dialogs(window)


def dialogs(window: Any) -> Iterator[Scene]:
    """The dialogs, one after the other; the export one with the names it would give."""
    from culler.ui import dialogs as made

    export = made.export_dialog(window)
    export.place.folder.setText(str(Path(tempfile.gettempdir()) / "For the client"))
    export.names.set_template("{date:%Y%m%d}_{name}")
    export.show()
    yield "export", export, lambda: not export.is_busy
    parts = {
        "keys": made.key_sheet(window.actions_.preset, window),
        "failures": made.failures_dialog(window.session, window),
        "about": made.about_dialog(window),
    }
    for name, dialog in parts.items():
        dialog.show()
        yield name, dialog, lambda: True


if __name__ == "__main__":
    sys.exit(main())
