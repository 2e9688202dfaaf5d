"""From a photo's file to its pixels: one decode gives preview, thumbnail, hash and facts.

The preview is the upright sRGB picture at the smallest power-of-two reduction whose long edge is at
least 1280 px (a smaller picture is its own preview). A RAW shows its embedded JPEG when that is
1280 px or as large as the RAW itself, else the JPEG beside it, else a half-size decode of its sensor
data. Everything here may be called from any number of threads and raises CullerError, with a
sentence that names the file, for what cannot be shown.
"""

import io
from dataclasses import dataclass, replace
from pathlib import Path
from typing import BinaryIO

from PIL import Image

from culler.domain.errors import CullerError
from culler.domain.photo import CaptureFacts, shown_name
from culler.imaging import color, dcf, decoder, exif, limits, raw, video
from culler.imaging.formats import DECODER_VERSION, SNIFF_BYTES, Format, sniff
from culler.imaging.pictures import Opened, open_picture, open_tiff
from culler.imaging.reading import reading
from culler.imaging.render import Rendered, Wanted, is_wide, plain, reduced, render, scale_for
from culler.imaging.signature import dhash
from culler.imaging.upright import Box

__all__ = [
    "DECODER_VERSION",
    "Developed",
    "decode_preview",
    "develop",
    "encode_preview",
    "format_of",
    "full",
    "glance",
    "needs_encoding",
    "preview",
    "preview_scale",
    "region",
    "wide_preview",
]

PREVIEW_EDGE_PX = 1280
THUMBNAIL_EDGE_PX = 256
_GLANCE_EDGE_PX = 2 * THUMBNAIL_EDGE_PX
_WHOLE_RATIO = 0.9
"""An embedded JPEG of this part of the RAW's long edge is the whole picture: cameras crop the border."""


@dataclass(frozen=True, slots=True)
class Developed:
    """Everything one decode of a photo gives.

    `preview` is upright, RGB, sRGB. `width` and `height` are upright pixels of the full-size picture.
    `damaged` is a sentence when only a part could be read. `dhash` has 64 bits. `thumbnail` is a
    JPEG of at most 256 px, sRGB.
    """

    preview: Image.Image
    width: int
    height: int
    facts: CaptureFacts
    damaged: str | None
    dhash: int
    thumbnail: bytes


def develop(path: Path, companion: Path | None = None) -> Developed:
    """Preview, thumbnail, hash and facts of a photo by one decode.

    `companion` is the rendered picture beside a RAW, used where the RAW has no preview of its own.
    """
    return _developed(_rendered(path, companion, Wanted(PREVIEW_EDGE_PX)))


def glance(path: Path, companion: Path | None = None) -> Developed:
    """As `develop`, but `preview` is only large enough for the thumbnail: a quarter less work for a
    large JPEG, where nobody needs the preview yet."""
    return _developed(_rendered(path, companion, Wanted(_GLANCE_EDGE_PX)))


def preview(path: Path, companion: Path | None = None) -> Image.Image:
    """The preview alone: pixel for pixel that of `develop`."""
    return _rendered(path, companion, Wanted(PREVIEW_EDGE_PX)).image


def wide_preview(path: Path, screen: bytes) -> Image.Image | None:
    """The preview in the colours of a screen, straight from a file that says by itself that its colours
    are others than those of sRGB; None for all others, RAW, clips and files too large to be read at once.
    Raises CullerError."""
    name = shown_name(path.name)[0]
    with reading(path) as file:
        format = sniff(file.read(SNIFF_BYTES), path.name)
        large = path.stat().st_size > limits.IN_MEMORY_BYTES
        if large or format in (None, Format.RAW, Format.VIDEO):
            return None
        file.seek(0)
        opened = open_picture(file.read(), format, name)
    return render(opened, Wanted(PREVIEW_EDGE_PX, screen=screen)).image if is_wide(opened) else None


def full(
    path: Path, companion: Path | None = None, screen: bytes | None = None, *, may_reduce: bool = True
) -> Image.Image:
    """The whole picture, upright, RGB, for the loupe at 1:1: in sRGB, or in the colours of the screen
    whose ICC profile is given. A RAW without an embedded JPEG of its own size is developed from sensor
    data, which takes seconds.

    A picture too large for memory (`limits`) comes reduced by a power of two, or where not `may_reduce`
    is refused with a sentence.
    """
    return _rendered(path, companion, Wanted(screen=screen, may_reduce=may_reduce)).image


def region(path: Path, box: Box, companion: Path | None = None) -> Image.Image:
    """A part of the full-size picture; `box` is left, top, right, bottom in upright pixels."""
    return _rendered(path, companion, Wanted(box=box)).image


def preview_scale(width: int, height: int) -> int:
    """The power of two by which the preview rule reduces a picture of this size."""
    return scale_for(max(width, height), PREVIEW_EDGE_PX)


def needs_encoding(width: int, height: int, format: Format) -> bool:
    """Whether a preview is worth caching: a picture that is its own preview is read directly."""
    return format in (Format.RAW, Format.VIDEO) or preview_scale(width, height) > 1


def encode_preview(image: Image.Image) -> bytes:
    """The preview as its cache file holds it: JPEG, quality 95, colour at full resolution."""
    return _jpeg(image, quality=95, subsampling=0)


def decode_preview(encoded: bytes) -> Image.Image:
    """The pixels of a cached preview. Raises CullerError when the cache file is broken."""
    opened = open_picture(encoded, Format.JPEG, "the cached preview")
    image, damaged = decoder.decode(opened, 1)
    if damaged is not None:
        raise CullerError("A cached preview is damaged; it will be made afresh.")
    return plain(image.convert("RGB"))


def format_of(path: Path) -> Format | None:
    """The format of a file by its content; None when it is no picture or clip. Raises CullerError
    when it cannot be read."""
    with reading(path) as file:
        return sniff(file.read(SNIFF_BYTES), path.name)


# --- one photo ---------------------------------------------------------------------------------


def _developed(rendered: Rendered) -> Developed:
    small = _thumbnail(rendered.image)
    width, height = rendered.size
    return Developed(
        preview=rendered.image,
        width=width,
        height=height,
        facts=replace(rendered.facts, width=width, height=height),
        damaged=rendered.damaged,
        dhash=dhash(small),
        thumbnail=_jpeg(small, quality=85),
    )


def _thumbnail(image: Image.Image) -> Image.Image:
    width, height = image.size
    ratio = THUMBNAIL_EDGE_PX / max(width, height)
    if ratio >= 1:
        return image
    size = (max(1, round(width * ratio)), max(1, round(height * ratio)))
    return image.resize(size, Image.Resampling.BICUBIC, reducing_gap=2.0)


def _rendered(path: Path, companion: Path | None, wanted: Wanted) -> Rendered:
    """The photo's picture as wanted."""
    name = shown_name(path.name)[0]
    with reading(path) as file:
        format = sniff(file.read(SNIFF_BYTES), path.name)
        if format is None:
            raise CullerError(f"Cannot read {name}: its content is not a picture or clip that Culler knows.")
        if format is Format.VIDEO:
            return _of_clip(path, wanted)
        size_bytes = path.stat().st_size
        file.seek(0)
        if size_bytes > limits.IN_MEMORY_BYTES and format is Format.TIFF:
            return render(open_tiff(file, name), wanted)
        if size_bytes > limits.RAW_IN_MEMORY_BYTES and format is Format.RAW:
            return _of_raw(path, name, companion, wanted)
        if size_bytes > limits.LARGEST_FILE_BYTES:
            most_mb = limits.LARGEST_FILE_BYTES // 10**6
            raise CullerError(f"Cannot read {name}: it is larger than {most_mb} MB.")
        data = file.read()
    if format is Format.RAW:
        return _of_raw(data, name, companion, wanted)
    return render(open_picture(data, format, name), wanted)


def _of_clip(path: Path, wanted: Wanted) -> Rendered:
    clip = video.read_clip(path, shown_name(path.name)[0])
    image = video.poster(path, shown_name(path.name)[0])
    picture = color.to_profile(_fitted(image, wanted), None, wanted.screen)
    return Rendered(picture, image.size, clip.facts)


def _of_raw(source: bytes | Path, name: str, companion: Path | None, wanted: Wanted) -> Rendered:
    facts = exif.read_facts(source, Format.RAW)
    try:
        header = raw.read_header(source, name)
    except CullerError:
        # A camera newer than our LibRaw, or a TIFF by another name.
        other = _of_companion(companion, wanted) or _of_tiff(source, name, wanted)
        if other is None:
            raise
        return replace(other, facts=facts.filled_from(other.facts))
    facts = replace(facts, orientation=header.orientation)
    sensor = (header.width, header.height)
    edge_px = wanted.edge_px
    embedded = _embedded(header, name)
    if embedded is not None:
        if embedded.profile is None and embedded.metadata.exif is None:
            with _stream(source) as file:
                embedded.profile = dcf.preview_profile(file)
        edge = max(embedded.size)
        # Without EXIF (Canon's CRW) only the embedded picture says how large the photo is: LibRaw's
        # number counts the sensor's border.
        whole = edge >= _WHOLE_RATIO * max(sensor) or facts.exposure_s is None
        facts = facts.filled_from(replace(exif.facts_from(embedded.metadata), orientation=1))
        if whole or (edge_px is not None and edge >= raw.LEAST_PREVIEW_PX):
            picture = render(embedded, wanted)
            return replace(picture, facts=facts, size=picture.size if whole else sensor)
    if edge_px is not None:
        beside = _of_companion(companion, wanted)
        if beside is not None:
            return replace(beside, facts=facts.filled_from(beside.facts), size=sensor)
    half_size = edge_px is not None and scale_for(max(sensor), edge_px) > 1
    if wanted.may_reduce and not limits.raw_fits(sensor[0] * sensor[1], half_size=False):
        half_size = True
    image, damaged = raw.develop_raw(source, name, half_size, wide=wanted.screen is not None)
    if wanted.screen is not None:
        image = color.to_profile(image, color.display_p3(), wanted.screen)
    return Rendered(_fitted(image, wanted), sensor, facts, damaged)


def _stream(source: bytes | Path) -> BinaryIO:
    return io.BytesIO(source) if isinstance(source, bytes) else source.open("rb")


def _embedded(header: raw.RawHeader, name: str) -> Opened | None:
    """The RAW's embedded JPEG, if it is more than a thumbnail, with the turn that makes it upright."""
    if header.jpeg is None:
        return None
    try:
        opened = open_picture(header.jpeg, Format.JPEG, name)
    except CullerError:
        return None
    if max(opened.size) < min(raw.LEAST_PREVIEW_PX, _WHOLE_RATIO * max(header.width, header.height)):
        return None
    # Some cameras leave the turn out of the embedded picture: its shape tells.
    lies = opened.size[0] > opened.size[1]
    if opened.orientation == 1 and header.orientation in (6, 8) and lies and header.width < header.height:
        opened.orientation = header.orientation
    return opened


def _of_companion(companion: Path | None, wanted: Wanted) -> Rendered | None:
    """The rendered picture beside a RAW; None where it is of no help either."""
    if companion is None:
        return None
    try:
        return _rendered(companion, None, wanted)
    except CullerError:
        return None


def _of_tiff(source: bytes | Path, name: str, wanted: Wanted) -> Rendered | None:
    """A file with a RAW's name that is an ordinary TIFF; None where it is not, or only a thumbnail."""
    if isinstance(source, Path) or not source.startswith((b"II*\x00", b"MM\x00*")):
        return None
    try:
        opened = open_picture(source, Format.TIFF, name)
        return render(opened, wanted) if max(opened.size) >= raw.LEAST_PREVIEW_PX else None
    except CullerError:
        return None


def _fitted(image: Image.Image, wanted: Wanted) -> Image.Image:
    """A part of an upright picture, or the whole reduced by the preview rule."""
    if wanted.box is not None:
        return image.crop(wanted.box)
    edge_px = wanted.edge_px
    return image if edge_px is None else reduced(image, scale_for(max(image.size), edge_px))


def _jpeg(image: Image.Image, quality: int, subsampling: int = -1) -> bytes:
    buffer = io.BytesIO()
    image.save(buffer, "JPEG", quality=quality, subsampling=subsampling)
    return buffer.getvalue()
