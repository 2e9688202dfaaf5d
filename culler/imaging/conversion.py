"""Pictures made anew for others: smaller, as JPEG or AVIF, in sRGB, with as much metadata as is wanted."""

import io
import re
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from pathlib import Path

from PIL import ExifTags, Image, ImageCms

from culler.domain.errors import CullerError
from culler.domain.photo import CaptureFacts, Photo
from culler.imaging import decode, exif, values
from culler.imaging.formats import SNIFF_BYTES, Format, sniff
from culler.imaging.pictures import open_picture
from culler.imaging.tags import read_tags

_NOT_OF_THIS_PICTURE = (
    ExifTags.Base.Orientation,
    ExifTags.Base.ImageWidth,
    ExifTags.Base.ImageLength,
    ExifTags.Base.JpegIFOffset,
    ExifTags.Base.JpegIFByteCount,
    ExifTags.Base.StripOffsets,
    ExifTags.Base.StripByteCounts,
    ExifTags.Base.Compression,
    ExifTags.Base.BitsPerSample,
    ExifTags.Base.SamplesPerPixel,
    ExifTags.Base.PhotometricInterpretation,
    ExifTags.Base.InterColorProfile,
    ExifTags.Base.XMLPacket,
)
_INNER = (ExifTags.IFD.Exif, ExifTags.IFD.GPSInfo)
_MAKER_NOTE, _SUB_IFDS = 0x927C, 0x014A
_TIFF_ORIENTATION = re.compile(rb"""(tiff:Orientation\s*=\s*["']|<tiff:Orientation>\s*)[2-8]""")


class Target(StrEnum):
    """What to make; the value is the file's extension."""

    JPEG = "jpg"
    AVIF = "avif"


QUALITIES = {Target.JPEG: 92, Target.AVIF: 80}
"""Where neither shows a difference at 1:1 on photographs."""


class MetadataPolicy(StrEnum):
    """What goes along. ALL is all but maker notes; COPYRIGHT names who made it and nothing else."""

    ALL = "all"
    COPYRIGHT = "copyright"
    NONE = "none"


@dataclass(frozen=True, slots=True)
class Recipe:
    """How to make a picture. `max_side_px` is its longest side; a smaller one is never enlarged. `quality`
    is 1–100 on the encoder's own scale; None where no difference shows."""

    target: Target = Target.JPEG
    max_side_px: int | None = None
    metadata: MetadataPolicy = MetadataPolicy.ALL
    quality: int | None = None


def convert(photo: Photo, recipe: Recipe, companion: Path | None = None) -> bytes:
    """The photo's picture as the recipe says, upright, as file bytes. Equal input gives equal bytes.

    Raises CullerError when the photo cannot be shown.
    """
    image = decode.full(photo.path, companion, may_reduce=False)
    side = recipe.max_side_px
    if side is not None and max(image.size) > side:
        scale = side / max(image.size)
        size = (max(1, round(image.width * scale)), max(1, round(image.height * scale)))
        image = image.resize(size, Image.Resampling.LANCZOS, reducing_gap=3.0)
    extra: dict[str, object] = {"icc_profile": _srgb_profile()}
    if recipe.metadata is not MetadataPolicy.NONE:
        extra["exif"] = _metadata(photo, recipe.metadata)
    if recipe.metadata is MetadataPolicy.ALL and (packet := _packet(photo)):
        extra["xmp"] = packet
    encoded = io.BytesIO()
    kind = recipe.target.name
    if recipe.target is Target.JPEG:
        extra["subsampling"] = 0
        if len(extra.get("xmp", b"")) > 65_000:  # type: ignore[arg-type]
            del extra["xmp"]  # more than one JPEG segment takes
    try:
        image.save(encoded, kind, quality=recipe.quality or QUALITIES[recipe.target], **extra)
    except (OSError, ValueError) as error:
        raise CullerError(f"Cannot write {photo.name} as {kind}: {error}.") from error
    return encoded.getvalue()


def _metadata(photo: Photo, policy: MetadataPolicy) -> bytes:
    source = _source_exif(photo.path)
    if policy is MetadataPolicy.COPYRIGHT:
        kept = Image.Exif()
        for tag in (ExifTags.Base.Artist, ExifTags.Base.Copyright):
            if tag in source:
                kept[tag] = source[tag]
        return _encoded(kept)
    for tag in _NOT_OF_THIS_PICTURE:
        source.pop(tag, None)
    source.pop(_SUB_IFDS, None)
    details = source.get_ifd(ExifTags.IFD.Exif)
    for number in (_MAKER_NOTE, ExifTags.Base.ExifImageWidth, ExifTags.Base.ExifImageHeight):
        details.pop(number, None)
    try:
        return _encoded(source, *(ifd for ifd in _INNER if source.get_ifd(ifd)))
    except Exception:  # values that Pillow read and cannot write again
        return _encoded(_exif_of_facts(photo.facts), ExifTags.IFD.Exif)


def _encoded(tags: Image.Exif, *inner: ExifTags.IFD) -> bytes:
    """The block with its text as it was: Pillow reads text as Latin-1, whatever it is, and would write
    everything beyond ASCII as question marks."""
    for directory in (tags, *map(tags.get_ifd, inner)):
        for tag, value in list(directory.items()):
            if isinstance(value, str) and not value.isascii():
                try:
                    directory[tag] = value.encode("latin-1")
                except UnicodeEncodeError:
                    directory[tag] = value.encode("utf-8", "replace")
    return tags.tobytes()


def _source_exif(path: Path) -> Image.Exif:
    """The file's EXIF data; what Culler knows of it, for RAW and TIFF and where it is broken."""
    try:
        with open(path, "rb") as file:
            format_ = sniff(file.read(SNIFF_BYTES), path.name)
            file.seek(0)
            if format_ in (Format.RAW, Format.TIFF):
                return _exif_of_tags(path, format_)
            if format_ is None or format_ is Format.VIDEO:
                return Image.Exif()
            block = open_picture(file.read(), format_, path.name).metadata.exif
    except OSError:
        return Image.Exif()
    found = Image.Exif()
    if block:
        try:
            found.load(b"Exif\x00\x00" + block)
            found.get_ifd(ExifTags.IFD.Exif)
            found.get_ifd(ExifTags.IFD.GPSInfo)
        except Exception:  # a broken block is left behind
            return Image.Exif()
    return found


def _exif_of_tags(path: Path, format_: Format) -> Image.Exif:
    found = _exif_of_facts(exif.read_facts(path, format_))
    try:
        with open(path, "rb") as file:
            tags = read_tags(file)
    except Exception:  # a RAW that is no TIFF inside has no such tags
        return found
    for tag, name in ((ExifTags.Base.Artist, "Artist"), (ExifTags.Base.Copyright, "Copyright")):
        text = values.text(tags.get(name))
        if text:
            found[tag] = text
    return found


def _exif_of_facts(facts: CaptureFacts) -> Image.Exif:
    made = Image.Exif()
    for tag, value in ((ExifTags.Base.Make, facts.make), (ExifTags.Base.Model, facts.model)):
        if value:
            made[tag] = value
    details = made.get_ifd(ExifTags.IFD.Exif)
    known = (
        (ExifTags.Base.ExposureTime, facts.exposure_s),
        (ExifTags.Base.FNumber, facts.aperture),
        (ExifTags.Base.ISOSpeedRatings, facts.iso),
        (ExifTags.Base.FocalLength, facts.focal_mm),
        (ExifTags.Base.ExposureBiasValue, facts.exposure_bias_ev),
        (ExifTags.Base.LensModel, facts.lens),
        (ExifTags.Base.BodySerialNumber, facts.serial),
    )
    details.update({tag: value for tag, value in known if value is not None})
    if facts.taken is not None:
        details[ExifTags.Base.DateTimeOriginal] = facts.taken.strftime("%Y:%m:%d %H:%M:%S")
        if facts.taken.microsecond:
            details[ExifTags.Base.SubsecTimeOriginal] = f"{facts.taken.microsecond:06}".rstrip("0")
    if facts.utc_offset is not None:
        minutes = round(facts.utc_offset.total_seconds() / 60)
        hours, rest = divmod(abs(minutes), 60)
        details[ExifTags.Base.OffsetTimeOriginal] = f"{'-' if minutes < 0 else '+'}{hours:02}:{rest:02}"
    if facts.latitude is not None and facts.longitude is not None:
        place = made.get_ifd(ExifTags.IFD.GPSInfo)
        place[ExifTags.GPS.GPSLatitudeRef] = "S" if facts.latitude < 0 else "N"
        place[ExifTags.GPS.GPSLatitude] = _degrees(facts.latitude)
        place[ExifTags.GPS.GPSLongitudeRef] = "W" if facts.longitude < 0 else "E"
        place[ExifTags.GPS.GPSLongitude] = _degrees(facts.longitude)
    return made


def _degrees(value: float) -> tuple[float, float, float]:
    minutes, seconds = divmod(round(abs(value) * 3600, 4), 60)
    degrees, minutes = divmod(minutes, 60)
    return degrees, minutes, round(seconds, 4)


def _packet(photo: Photo) -> bytes | None:
    """The XMP inside a rendered picture (captions, keywords, rights), turned upright as the pixels are.
    A RAW's is left: it holds how to develop the RAW, which would be done a second time."""
    try:
        with open(photo.path, "rb") as file:
            format_ = sniff(file.read(SNIFF_BYTES), photo.path.name)
        if format_ is None or format_ in (Format.RAW, Format.VIDEO):
            return None
        packet = exif.embedded_packet(photo.path, format_)
    except (OSError, CullerError):
        return None
    return None if packet is None else _TIFF_ORIENTATION.sub(rb"\g<1>1", packet)


@cache
def _srgb_profile() -> bytes:
    """The same bytes at every call: LittleCMS writes the time of day into new profiles."""
    profile = bytearray(ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes())
    profile[24:36] = bytes((0x07, 0xCE, 0, 2, 0, 9, 0, 6, 0, 49, 0, 0))  # the standard's own date
    profile[84:100] = bytes(16)  # the digest over it
    return bytes(profile)
