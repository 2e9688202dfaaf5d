"""What start_up.py starts and measures: a file of its own, so that only what the window imports counts."""

import gc
import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))


def watch(began: float, folder: str) -> None:
    """Opens the window, says when the first page is there, and leaves."""
    gc.disable()  # as culler.__main__ does
    from PySide6.QtCore import QTimer

    from culler.ui import app
    from culler.ui.main_window import MainWindow

    show = MainWindow.show

    def shown(window: MainWindow) -> None:
        show(window)
        timer = QTimer(window, interval=5)
        said = {"names": False}

        def look() -> None:
            ids = window.grid.visible_ids()
            if not ids or not window.grid.isVisible():
                return
            usage = time.process_time()
            if not said["names"]:
                said["names"] = True
                print(f"names {time.time() - began:.4f} {usage:.4f}", flush=True)
            if all(window.loader.pixmap(photo_id) is not None for photo_id in ids):
                window.grid.viewport().repaint()
                print(f"page {time.time() - began:.4f} {time.process_time():.4f} {len(ids)}", flush=True)
                timer.stop()
                window.close()

        timer.timeout.connect(look)
        timer.start()

    MainWindow.show = shown  # type: ignore[method-assign]
    sys.exit(app.run([Path(folder)]))


if __name__ == "__main__":
    watch(float(sys.argv[1]), sys.argv[2])
