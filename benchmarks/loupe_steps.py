"""Whether the loupe follows the keys: 24-MP photos stepped through fitted, zoomed and stepped through at 1:1.

A heartbeat in the window's thread tells for how long the thread was away, with and without the time that it
was ready and other programs ran; beside it, how long after a key the preview and the whole picture were
there. Runs without a display, in an empty CULLER_HOME; --scale 2 as on a screen of twice the density,
--screen with a screen profile, into whose colours every picture is converted.

    python benchmarks/loupe_steps.py [--photos FOLDER] [--count 16] [--scale 1] [--screen FILE.icc]
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

BEAT_MS = 2
LONGEST_S = 240


def watch(folder: str, screen: str, pause_ms: int) -> None:
    """Runs in the child: keys at a steady pace, and what became of them."""
    from PySide6.QtCore import QTimer
    from ui_responsiveness import _queued_s

    from culler.settings import Settings
    from culler.ui import app
    from culler.ui.main_window import MainWindow

    show = MainWindow.show
    found: dict[str, dict[str, list[float]]] = {
        phase: {"away": [], "unqueued": [], "preview": [], "whole": []}
        for phase in ("fitted", "zoom in", "at 1:1", "zoom out")
    }

    def shown(window: MainWindow) -> None:
        window.resize(1500, 950)
        show(window)
        state = {"phase": "", "pressed": 0.0, "steps": 0, "preview": True, "whole": True}
        last = [time.perf_counter(), _queued_s()]
        canvas = window.loupe.canvas
        if screen:
            window.set_screen_profile(screen)

        def beat() -> None:
            now, queued = time.perf_counter(), _queued_s()
            phase = str(state["phase"])
            if phase:
                away = now - last[0] - BEAT_MS / 1000
                found[phase]["away"].append(away)
                found[phase]["unqueued"].append(max(0.0, away - queued + last[1]))
                since = now - float(state["pressed"])
                if not state["preview"] and canvas.has_preview_of(window.session.current):
                    state["preview"] = True
                    found[phase]["preview"].append(since)
                if not state["whole"] and canvas.has_whole_of(window.session.current):
                    state["whole"] = True
                    found[phase]["whole"].append(since)
            last[:] = [now, queued]

        def press(phase: str, do: object) -> None:
            state.update(phase=phase, pressed=time.perf_counter(), preview=False)
            state["whole"] = phase not in ("at 1:1", "zoom in")
            do()  # type: ignore[operator]

        def act() -> None:
            if window.session.jobs.running is not None or not len(window.session.shown):
                return
            steps = int(state["steps"])
            state["steps"] = steps + 1
            half = len(window.session.shown) - 1
            if steps == 0:
                window.views.show_loupe()
            elif steps <= half:
                press("fitted", lambda: window.views.go(1))
            elif steps == half + 1:
                press("zoom in", window.views.toggle_zoom)
            elif steps <= 2 * half + 1:
                press("at 1:1", lambda: window.views.go(-1))
            elif steps < 2 * half + 10:
                press("zoom out" if canvas.look.zoom else "zoom in", window.views.toggle_zoom)
            else:
                heart.stop()
                hand.stop()
                window.close()

        heart = QTimer(window, interval=BEAT_MS)
        heart.timeout.connect(beat)
        hand = QTimer(window, interval=pause_ms)
        hand.timeout.connect(act)
        heart.start()
        hand.start()

    # The photos that are made here are all alike: one stack, with nowhere to step.
    Settings(collapse_stacks=False).save(Path(os.environ["CULLER_HOME"]) / "config" / "settings.json")
    MainWindow.show = shown  # type: ignore[method-assign]
    app.run([Path(folder)])
    print(json.dumps(found))


def _at(times: list[float], share: float) -> float:
    return sorted(times)[min(len(times) - 1, int(len(times) * share))] * 1000 if times else float("nan")


def main(options: argparse.Namespace) -> None:
    with tempfile.TemporaryDirectory() as place:
        folder = options.photos
        if folder is None:
            from ui_responsiveness import make_large

            folder = Path(place) / "photos"
            folder.mkdir()
            make_large(folder, options.count)
        env = os.environ | {
            "CULLER_HOME": str(Path(place) / "home"),
            "QT_QPA_PLATFORM": "offscreen",
            "QT_SCALE_FACTOR": str(options.scale),
        }
        command = [sys.executable, __file__, "--child", "--photos", str(folder), "--screen", options.screen]
        command += ["--pause", str(options.pause)]
        out = subprocess.run(command, env=env, capture_output=True, text=True, timeout=LONGEST_S)
    lines = out.stdout.splitlines()
    if not lines:
        raise SystemExit(f"the window did not start: {out.stderr[-800:]}")
    columns = ("away p99", "max", "unqueued max", "preview median", "max", "whole median", "max")
    print(f"{'ms':10}" + "".join(f"{column:>16}" for column in columns))
    for phase, parts in json.loads(lines[-1]).items():
        away, queue, preview, whole = (parts[name] for name in ("away", "unqueued", "preview", "whole"))
        row = [_at(away, 0.99), _at(away, 1), _at(queue, 1)]
        row += [_at(preview, 0.5), _at(preview, 1), _at(whole, 0.5), _at(whole, 1)]
        print(f"{phase:10}" + "".join(f"{number:>16.1f}" for number in row))


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description="Whether the loupe follows the keys.")
    parser.add_argument("--photos", type=Path, help="a folder of photos; made when absent")
    parser.add_argument("--count", type=int, default=16)
    parser.add_argument("--scale", type=float, default=1.0)
    parser.add_argument("--screen", default="", help="an ICC profile")
    parser.add_argument("--pause", type=int, default=700, help="between two keys, in ms")
    parser.add_argument("--child", action="store_true", help=argparse.SUPPRESS)
    asked = parser.parse_args()
    if asked.child:
        sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
        watch(str(asked.photos), asked.screen, asked.pause)
    else:
        main(asked)
