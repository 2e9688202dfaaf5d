"""One frame a second of a clip, for judges that were trained on clips so.

The frames are those that stand at the whole seconds of the clip's average rate, counted from its
first frame, and only seconds that the clip completes count; a clip shorter than one second gives its
first frame. Of clips with more seconds than a judge can take, evenly spaced frames are sought instead.
"""

from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING

from PIL import Image

from culler.domain.errors import CullerError
from culler.imaging.video import open_container

if TYPE_CHECKING:
    from av.container import InputContainer
    from av.video.frame import VideoFrame
    from av.video.stream import VideoStream

MICROSECONDS = 1_000_000


def second_frames(path: Path, name: str, most: int) -> Iterator[Image.Image]:
    """Upright RGB frames in order, at least one and at most `most`.

    A clip that is damaged after its first frame gives what comes before. Raises CullerError when it
    cannot be opened or gives no frame.
    """
    import av

    given = 0
    try:
        with open_container(path) as container:
            if not container.streams.video:
                raise CullerError(f"Cannot judge {name}: it holds no pictures.")
            stream = container.streams.video[0]
            stream.thread_type = "AUTO"
            seconds = (container.duration or 0) / MICROSECONDS
            frames = (
                _spread(container, stream, seconds, most)
                if seconds >= most + 1
                else _each_second(container, stream)
            )
            for frame in frames:
                yield _upright(frame)
                given += 1
                if given == most:
                    return
    except (av.FFmpegError, ValueError, OSError) as error:
        if not given:
            raise CullerError(f"Cannot judge {name}: no frame of the clip decodes.") from error
    if not given:
        raise CullerError(f"Cannot judge {name}: no frame of the clip decodes.")


def _each_second(container: "InputContainer", stream: "VideoStream") -> "Iterator[VideoFrame]":
    """Frame ⌊rate · i⌋ for every second i that is complete: it has ⌊frames / rate⌋ of them."""
    rate = stream.average_rate or stream.guessed_rate or Fraction(25)
    waiting: VideoFrame | None = None
    first: VideoFrame | None = None
    second = 0
    for count, frame in enumerate(container.decode(stream)):
        first = first or frame
        while True:  # a frame may stand for several seconds, or end one and begin the next
            if count == int(rate * second):
                waiting = frame
            if waiting is None or count + 1 < rate * (second + 1):
                break
            yield waiting
            waiting, second = None, second + 1
    if second == 0 and first is not None:
        yield first


def _spread(
    container: "InputContainer", stream: "VideoStream", seconds: float, count: int
) -> "Iterator[VideoFrame]":
    """`count` frames at equal distances, the first one first."""
    for at in range(count):
        target = seconds * at / count
        if at:
            container.seek(int(target * MICROSECONDS))
        for frame in container.decode(stream):
            if frame.time is None or frame.time >= target:
                yield frame
                break


def _upright(frame: "VideoFrame") -> Image.Image:
    picture: Image.Image = frame.to_image()  # type: ignore[no-untyped-call]
    # FFmpeg's display rotation counts against the clock, as Pillow's does.
    return picture.rotate(frame.rotation, expand=True) if frame.rotation else picture
