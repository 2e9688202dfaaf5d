"""What the colours of a screen cost, against decoding alone: CPU of one thread, in one run.

A thumbnail, a preview and a whole picture of 24 MP each take the window's own way, on an sRGB screen and on
one with a profile of its own (Display P3 unless --screen names an ICC file).

    python benchmarks/screen_colors.py [--photo FILE] [--screen FILE.icc] [--rounds 7]
"""

import argparse
import os
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from statistics import median

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")


def cpu_ms(work: Callable[[], object], rounds: int) -> float:
    work()
    times = []
    for _ in range(rounds):
        before = time.thread_time()
        work()
        times.append(time.thread_time() - before)
    return median(times) * 1000


def main(options: argparse.Namespace) -> None:
    from culler.imaging import color, decode
    from culler.ui.bitmaps import for_screen, from_pil
    from culler.ui.thumbnail_worker import decoded

    screen = color.display_p3() if options.screen is None else options.screen.read_bytes()
    with tempfile.TemporaryDirectory() as place:
        photo = options.photo
        if photo is None:
            from ui_responsiveness import make_large

            make_large(Path(place), 1)
            (photo,) = Path(place).iterdir()
        developed = decode.develop(photo)
        encoded = {
            "thumbnail": developed.thumbnail,
            "preview": decode.encode_preview(developed.preview),
        }
        ways: dict[str, tuple[Callable[[], object], Callable[[], object]]] = {}
        for name, body in encoded.items():
            image = decoded(body)
            assert image is not None
            ways[name] = (
                lambda body=body: decoded(body),  # type: ignore[misc]
                lambda body=body: for_screen(decoded(body), screen),  # type: ignore[misc, arg-type]
            )
        ways["whole picture"] = (
            lambda: from_pil(decode.full(photo)),
            lambda: from_pil(decode.full(photo, screen=screen)),
        )
        print(f"{'':16}{'sRGB, ms':>10}{'screen, ms':>12}{'ratio':>8}")
        for name, (plain, converted) in ways.items():
            before, after = cpu_ms(plain, options.rounds), cpu_ms(converted, options.rounds)
            print(f"{name:16}{before:>10.2f}{after:>12.2f}{after / before:>8.2f}")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description="What colours of a screen cost.")
    parser.add_argument("--photo", type=Path, help="a photo; one of 24 MP is made when absent")
    parser.add_argument("--screen", type=Path, help="an ICC profile")
    parser.add_argument("--rounds", type=int, default=7)
    main(parser.parse_args())
