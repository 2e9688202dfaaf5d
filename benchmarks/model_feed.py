"""How fast photos reach a model: goal G13, with a device that only takes its time.

The whole scoring job runs over cached previews: read, decoded, made the network's square and gathered into
batches in threads, one transaction a batch. Beside it, in the same interleaved run, the bare decode of the
same previews at half size in as many threads. Then the device answers RATE photos a second, asleep, and the
share of the time that it is asked is what it would be busy.

    python benchmarks/model_feed.py [--count 400] [--rounds 5] [--threads 2] [--rate 200]
"""

import argparse
import io
import os
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

from PIL import Image

sys.path[:0] = [str(Path(__file__).resolve().parents[1]), str(Path(__file__).resolve().parent)]

SIDE_PX = 448
BATCH = 16
MASTERS = 8


class Device:
    """A judge that looks at nothing, for as long as a device would need."""

    def __init__(self, rate: float) -> None:
        from culler.domain.assessment import Aspect, EncoderId, ScorerId
        from culler.scoring.preprocess import PixelRecipe
        from culler.scoring.scorer import PixelSource

        self.id = ScorerId("device", "1")
        self.encoder: EncoderId | None = None
        self.aspects = (Aspect.QUALITY, Aspect.AESTHETICS)
        self.source = PixelSource.ENCODED
        self.batch_size = BATCH
        self.busy_s = 0.0
        self.spans: list[tuple[float, float]] = []
        self._rate = rate
        self._recipe = PixelRecipe(SIDE_PX)

    def prepare(self, image: Image.Image) -> object:
        from culler.scoring.preprocess import square_bytes

        return square_bytes(image, self._recipe)

    def score(self, batch: Sequence[object]) -> list[Any]:
        from culler.scoring.scorer import Verdict

        start = time.perf_counter()
        if self._rate:
            time.sleep(len(batch) / self._rate)
        self.spans.append((start, time.perf_counter()))
        answer = (0.0, 0.0, 0.0, 0.0, 0.0)
        return [Verdict(dict.fromkeys(self.aspects, answer)) for _ in batch]

    def close(self) -> None:
        """Nothing to let go of."""

    @property
    def busy(self) -> float:
        """The share of the time, from its first batch to its last, that it was asked."""
        return sum(end - start for start, end in self.spans) / (self.spans[-1][1] - self.spans[0][0])


def previewed(folder: Path, count: int) -> Any:
    """A workspace with COUNT photos whose previews are in the cache, as an evening leaves them."""
    import index_speed

    from culler.catalog import photos
    from culler.imaging import decode
    from culler.workflow.job import drive
    from culler.workflow.scan import scan
    from culler.workflow.workspace import open_workspace

    masters = folder.with_name("masters")
    index_speed.make_photos(masters, min(MASTERS, count))
    files = sorted(masters.iterdir())
    previews = [decode.encode_preview(decode.preview(file)) for file in files]
    folder.mkdir()
    for at in range(count):
        os.link(files[at % len(files)], folder / f"IMG_{at:05}.JPG")
    workspace = open_workspace()
    drive(scan(workspace, [folder]))
    with workspace.catalog.read() as tx:
        found = photos.get(tx, photos.ids_in(tx, None))
    for photo in found.values():
        master = int(photo.path.stem[4:]) % len(files)
        workspace.cache.put_preview(photo.path, photo.files[0].stamp, previews[master])
    return workspace


def bare(workspace: Any, threads: int) -> Callable[[], None]:
    """The decode that any feed needs: every preview at half size, and nothing else."""
    from culler.catalog import photos

    with workspace.catalog.read() as tx:
        found = list(photos.get(tx, photos.ids_in(tx, None)).values())

    def half(photo: Any) -> None:
        data = workspace.cache.preview(photo.path, photo.files[0].stamp)
        with Image.open(io.BytesIO(data)) as image:
            image.draft("RGB", (image.width // 2, image.height // 2))
            image.load()

    def run() -> None:
        with ThreadPoolExecutor(threads) as pool:
            list(pool.map(half, found))

    return run


def fed(workspace: Any, device: Device) -> None:
    """The scoring job, all photos anew."""
    from culler.workflow.job import drive
    from culler.workflow.score import ScoreRequest, score

    devices[:] = [device]
    drive(score(workspace, ScoreRequest(scorer="device", rescore=True)))


devices: list[Device] = []


def load(_options: object) -> Device:
    """As the scorer table calls it."""
    return devices[0]


def spent(task: Callable[[], None]) -> tuple[float, float]:
    cpu, start = time.process_time(), time.perf_counter()
    task()
    return time.process_time() - cpu, time.perf_counter() - start


def main(options: argparse.Namespace) -> None:
    from culler.scoring.scorer import SCORERS, ScorerSpec

    os.cpu_count = lambda: options.threads  # type: ignore[assignment]
    SCORERS["device"] = ScorerSpec("device", "A device", f"{__name__}:load")  # type: ignore[index]
    with tempfile.TemporaryDirectory() as place:
        os.environ["CULLER_HOME"] = str(Path(place) / "home")
        workspace = previewed(Path(place) / "photos", options.count)
        decode = bare(workspace, options.threads)
        decodes, feeds, busy = [], [], []
        fed(workspace, Device(0))  # imports, and the catalog's first pages
        for _ in range(options.rounds):
            decodes.append(spent(decode))
            feeds.append(spent(lambda: fed(workspace, Device(0))))
            device = Device(options.rate)
            fed(workspace, device)
            busy.append(device.busy)
        workspace.close()
    for title, runs in (("bare half-size decode", decodes), ("feed", feeds)):
        cpu = 1000 * statistics.median(run[0] for run in runs) / options.count
        rate = options.count / statistics.median(run[1] for run in runs)
        print(f"     {title:24} CPU {cpu:6.2f} ms a photo   {rate:6.0f} photos a second")
    cpu_ratio = statistics.median(bare[0] / feed[0] for bare, feed in zip(decodes, feeds, strict=True))
    ratio = statistics.median(bare[1] / feed[1] for bare, feed in zip(decodes, feeds, strict=True))
    print(f"\nG13  feed ÷ bare half-size decode, photos a second         {ratio:6.2f}   goal ≥ 0.75")
    print(f"     the same by CPU                                       {cpu_ratio:6.2f}")
    title = f"a device of {options.rate:.0f} photos a second is busy, %"
    print(f"G13  {title:54} {100 * statistics.median(busy):6.0f}   goal ≥ 90")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description="How fast photos reach a model.")
    parser.add_argument("--count", type=int, default=400)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--rate", type=float, default=200)
    main(parser.parse_args())
