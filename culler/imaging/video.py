"""Clips: size, duration, capture facts and frames, through PyAV (FFmpeg).

PyAV is imported on first use. FFmpeg's messages stay inside it.
"""

import re
import struct
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from PIL import Image

from culler.domain.errors import CullerError
from culler.domain.photo import CaptureFacts
from culler.imaging import values

if TYPE_CHECKING:
    from av.container import InputContainer
    from av.video.frame import VideoFrame

_MOST_PIXELS = 100_000_000
_MODEL_KEYS = ("com.apple.quicktime.model", "com.android.model", "model", "model-eng")
_MAKE_KEYS = ("com.apple.quicktime.make", "com.android.manufacturer", "make", "make-eng")
_TIME_KEYS = ("com.apple.quicktime.creationdate", "creation_time", "date")
_PLACE_KEYS = ("com.apple.quicktime.location.ISO6709", "location", "location-eng")
_PLACE = re.compile(r"([+-]\d{2}(?:\.\d+)?)([+-]\d{3}(?:\.\d+)?)")  # ISO 6709, degrees with a fraction
_GPS5 = re.compile(rb"GPSFL\x04\x00\x01(.{4}).{0,400}?SCALl\x04\x00\x05(.{20})GPS5l\x14..(.{20})", re.DOTALL)
_GPMF_BYTES = 1 << 20  # at either end of the file


@dataclass(frozen=True, slots=True)
class Clip:
    """What a clip's header says. `facts` has the size as stored, before any rotation."""

    duration_s: float | None
    frames_per_s: float | None
    facts: CaptureFacts


def read_clip(path: Path, name: str) -> Clip:
    """Duration and facts of a clip. Raises CullerError when it is no clip that FFmpeg opens."""
    with _opened(path, name) as container:
        stream = container.streams.video[0]
        text = {**stream.metadata, **container.metadata}
        rate = stream.average_rate
        duration = container.duration
        model, place = _first(text, _MODEL_KEYS), _place(_first(text, _PLACE_KEYS))
        if model is None or place is None:
            gopro = _gpmf(path)
            model, place = model or _gopro_model(gopro), place or _gopro_place(gopro)
        stamp = _first(text, _TIME_KEYS)
        latitude, longitude = place or (None, None)
        return Clip(
            duration_s=None if duration is None or duration < 0 else duration / 1e6,
            frames_per_s=float(rate) if rate else None,
            facts=CaptureFacts(
                width=stream.width,
                height=stream.height,
                taken=_moment(stamp),
                # A Z says nothing: cameras write local time although the field is meant as UTC.
                utc_offset=None if (stamp or "").endswith("Z") else values.zone(stamp),
                make=_first(text, _MAKE_KEYS),
                model=model,
                latitude=latitude,
                longitude=longitude,
            ),
        )


def poster(path: Path, name: str) -> Image.Image:
    """The clip's first frame, upright, RGB. Raises CullerError when none decodes."""
    return frames(path, name, 1)[0]


def frames(path: Path, name: str, count: int) -> list[Image.Image]:
    """Up to `count` frames spread evenly over the clip, the first one first; at least one."""
    pictures: list[Image.Image] = []
    with _opened(path, name) as container:
        import av

        stream = container.streams.video[0]
        if stream.width * stream.height > _MOST_PIXELS:
            raise CullerError(f"Cannot show {name}: its frames take more memory than Culler allows.")
        for at in range(count):
            try:
                if at and container.duration:
                    container.seek(container.duration * at // count)
                frame = next(container.decode(stream), None)
                if frame is not None:
                    pictures.append(_upright(frame))
            except (av.FFmpegError, ValueError, MemoryError):
                continue
    if not pictures:
        raise CullerError(f"Cannot show {name}: no frame of the clip decodes.")
    return pictures


def open_container(path: Path) -> "InputContainer":
    """The clip opened by PyAV, whatever bytes its metadata holds. Raises what PyAV raises."""
    import av

    # From version 19 on PyAV replaces what is not UTF-8 by itself and knows no such option.
    older = int(av.__version__.partition(".")[0]) < 19
    options: dict[str, Any] = {"metadata_errors": "replace"} if older else {}
    container: InputContainer = av.open(str(path), **options)
    return container


@contextmanager
def _opened(path: Path, name: str) -> "Iterator[InputContainer]":
    try:
        import av
    except ImportError:
        raise CullerError(f"Cannot read {name}: clips need the package av. Install it and rescan.") from None
    try:
        container = open_container(path)
    except (av.FFmpegError, ValueError, OSError) as error:
        raise CullerError(
            f"Cannot read {name}: it is not a clip that can be played, or it is cut short."
        ) from error
    with container:
        # A stream whose codec nobody knows has not even a size.
        if not container.streams.video or getattr(container.streams.video[0], "width", 0) < 1:
            raise CullerError(f"Cannot show {name}: it holds no pictures.")
        yield container


def _upright(frame: "VideoFrame") -> Image.Image:
    image: Image.Image = frame.to_image()  # type: ignore[no-untyped-call]
    turn = {
        90: Image.Transpose.ROTATE_90,
        180: Image.Transpose.ROTATE_180,
        -180: Image.Transpose.ROTATE_180,
        -90: Image.Transpose.ROTATE_270,
        270: Image.Transpose.ROTATE_270,
    }.get(frame.rotation)
    return image if turn is None else image.transpose(turn)


def _first(text: dict[str, str], keys: tuple[str, ...]) -> str | None:
    return next((text[key].strip() for key in keys if text.get(key, "").strip()), None)


def _moment(text: str | None) -> datetime | None:
    """The clock reading as written; cameras write local time although the field is meant as UTC."""
    try:
        return datetime.fromisoformat(text).replace(tzinfo=None) if text else None
    except ValueError:
        return None


def _place(text: str | None) -> tuple[float, float] | None:
    match = _PLACE.match(text or "")
    if match is None:
        return None
    latitude, longitude = float(match[1]), float(match[2])
    return (latitude, longitude) if abs(latitude) <= 90 and abs(longitude) <= 180 else None


def _gpmf(path: Path) -> bytes:
    """Where GoPro's metadata track (GPMF) begins or ends, if the clip has one."""
    with path.open("rb") as file:
        text = file.read(_GPMF_BYTES)
        file.seek(max(len(text), path.stat().st_size - _GPMF_BYTES))
        return text + file.read(_GPMF_BYTES)


def _gopro_model(gpmf: bytes) -> str | None:
    """The camera's name in GoPro's metadata (key MINF)."""
    # Key, type "c", size of one element, big-endian count, then the text.
    at = gpmf.find(b"MINFc")
    if at < 0:
        return None
    length = gpmf[at + 5] * int.from_bytes(gpmf[at + 6 : at + 8], "big")
    return gpmf[at + 8 : at + 8 + length].strip(b"\x00 ").decode("ascii", "replace") or None


def _gopro_place(gpmf: bytes) -> tuple[float, float] | None:
    """The first position in GoPro's metadata (key GPS5: latitude, longitude, height and two speeds, each
    with its divisor in SCAL), where the receiver had a fix (GPSF)."""
    match = _GPS5.search(gpmf)
    if match is None or int.from_bytes(match[1], "big") < 2:
        return None
    scales, values_ = struct.unpack(">2i12x", match[2]), struct.unpack(">2i12x", match[3])
    if 0 in scales:
        return None
    latitude, longitude = values_[0] / scales[0], values_[1] / scales[1]
    return (latitude, longitude) if abs(latitude) <= 90 and abs(longitude) <= 180 else None
