"""Whether the window answers while it reads and scores: goal G10's second half, on the real window.

A folder that nobody has seen is opened; while it is read and scored somebody scrolls and walks through
the photos. A heartbeat in the window's thread tells for how long the thread was away: the wall clock is
what a hand feels, the same without the time that the thread was ready and other programs ran is what it
would be on a machine of one's own (Linux tells), and the thread's CPU is what Culler does there. The same
heartbeat in an idle window is what the machine itself takes. Runs without a display, in an empty CULLER_HOME.

    python benchmarks/ui_responsiveness.py [--photos FOLDER] [--count 3000] [--large 60] [--seconds 40]
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

BEAT_MS = 4


def watch(folder: str, seconds: float, work: bool) -> None:
    """Runs in the child: the window at work, or idle, and how long its thread was away."""
    from PySide6.QtCore import QElapsedTimer, Qt, QTimer
    from PySide6.QtTest import QTest

    from culler.ui import app
    from culler.ui.main_window import MainWindow

    show = MainWindow.show
    beats: dict[str, list[tuple[float, float, float]]] = {"reading": [], "scoring": []}

    def shown(window: MainWindow) -> None:
        show(window)
        clock = QElapsedTimer()
        clock.start()
        last = [time.perf_counter(), _queued_s(), time.thread_time()]

        def beat() -> None:
            now, queued, cpu = time.perf_counter(), _queued_s(), time.thread_time()
            running = window.session.jobs.running
            if running is not None or not work:
                phase = "scoring" if running is not None and running.resumable else "reading"
                away = now - last[0] - BEAT_MS / 1000
                beats[phase].append((away, max(0.0, away - queued + last[1]), cpu - last[2]))
            last[:] = [now, queued, cpu]
            idle = work and running is None and beats["scoring"] and not window.session.jobs.waiting
            if clock.elapsed() > 1000 * seconds or idle:
                heart.stop()
                hand.stop()
                window.close()

        def act() -> None:
            """A step of the wheel, now and then the next photo."""
            bar = window.grid.verticalScrollBar()
            turn = clock.elapsed() // 60
            bar.setValue((bar.value() + bar.singleStep()) % max(1, bar.maximum()))
            if turn % 8 == 0:
                QTest.keyClick(window.grid, Qt.Key.Key_Right)

        heart = QTimer(window, interval=BEAT_MS, timerType=Qt.TimerType.PreciseTimer)
        heart.timeout.connect(beat)
        hand = QTimer(window, interval=60)
        hand.timeout.connect(act)
        heart.start()
        if work:
            hand.start()

    MainWindow.show = shown  # type: ignore[method-assign]
    app.run([Path(folder)] if work else [])
    print(json.dumps(beats))


def _queued_s() -> float:
    """For how long this thread was ready to run and did not, so far; 0 where the system does not say."""
    try:
        return int(Path("/proc/thread-self/schedstat").read_text("ascii").split()[1]) / 1e9
    except OSError:
        return 0.0


def measured(
    folder: Path, home: Path, seconds: float, work: bool
) -> dict[str, list[tuple[float, float, float]]]:
    env = os.environ | {"CULLER_HOME": str(home), "QT_QPA_PLATFORM": "offscreen"}
    command = [sys.executable, __file__, "--child", "work" if work else "idle"]
    command += ["--photos", str(folder), "--seconds", str(seconds)]
    out = subprocess.run(command, env=env, capture_output=True, text=True)
    lines = out.stdout.splitlines()
    if not lines:
        raise SystemExit(f"the window did not start: {out.stderr[-800:]}")
    found: dict[str, list[tuple[float, float, float]]] = json.loads(lines[-1])
    return found


def make_large(folder: Path, count: int) -> None:
    """COUNT JPEGs of 24 MP."""
    import io

    import numpy as np
    from PIL import Image

    rng = np.random.default_rng(1)
    coarse = rng.integers(0, 255, (400, 600, 3), dtype=np.uint8)
    body = io.BytesIO()
    Image.fromarray(coarse).resize((6000, 4000), Image.Resampling.BICUBIC).save(body, "JPEG", quality=90)
    for k in range(count):
        (folder / f"BIG_{k:04}.JPG").write_bytes(body.getvalue())


def _at(times: list[float], share: float) -> float:
    return sorted(times)[min(len(times) - 1, int(len(times) * share))] * 1000 if times else 0.0


def main(options: argparse.Namespace) -> None:
    with tempfile.TemporaryDirectory() as place:
        folder = options.photos
        if folder is None:
            import start_up

            folder = Path(place) / "photos"
            start_up.make_photos(folder, options.count)
            make_large(folder, options.large)
        idle = measured(folder, Path(place) / "idle", min(10.0, options.seconds), False)
        work = measured(folder, Path(place) / "work", options.seconds, True)
    rows = {"idle": idle["reading"], **work}
    print(f"{'window thread away, ms':24}{'beats':>6}{'wall p99':>10}{'max':>7}", end="")
    print(f"{'unqueued p99':>14}{'max':>7}{'CPU p99':>9}{'max':>7}")
    for name, beats in rows.items():
        print(f"{name:24}{len(beats):>6}", end="")
        for column, width in enumerate((10, 14, 9)):
            times = [beat[column] for beat in beats]
            print(f"{_at(times, 0.99):>{width}.1f}{_at(times, 1):>7.1f}", end="")
        print()
    print("G10  while reading and scoring: p99 ≤ 33, max ≤ 100")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description="Whether the window answers while it works.")
    parser.add_argument("--photos", type=Path, help="a folder of photos; made when absent")
    parser.add_argument("--count", type=int, default=3000)
    parser.add_argument("--large", type=int, default=60, help="of them, photos of 24 MP")
    parser.add_argument("--seconds", type=float, default=40.0)
    parser.add_argument("--child", choices=("work", "idle"), help=argparse.SUPPRESS)
    asked = parser.parse_args()
    if asked.child:
        sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
        watch(str(asked.photos), asked.seconds, asked.child == "work")
    else:
        main(asked)
