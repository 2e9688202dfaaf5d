"""Decoded pixels as Culler shows them: upright, sRGB, at full size or reduced by a power of two."""

from dataclasses import dataclass

from PIL import Image

from culler.domain.photo import CaptureFacts
from culler.imaging import color, decoder, exif, nclx
from culler.imaging.formats import Format
from culler.imaging.pictures import Opened
from culler.imaging.upright import Box, stored_box, turned


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is asked of a picture: reduced to a long edge of at least `edge_px` (None: not reduced), or the
    part inside `box` at full size; in the colours of a screen where its ICC profile is given, else in sRGB.
    Where `may_reduce`, a picture too large to be decoded whole comes reduced by a power of two."""

    edge_px: int | None = None
    box: Box | None = None
    screen: bytes | None = None
    may_reduce: bool = False


@dataclass(frozen=True, slots=True)
class Rendered:
    """A picture upright in sRGB, reduced or not; `size` is its upright full size, `damaged` a
    sentence when only a part could be read."""

    image: Image.Image
    size: tuple[int, int]
    facts: CaptureFacts
    damaged: str | None = None


def scale_for(long_edge_px: int, least_edge_px: int) -> int:
    """The largest power of two that leaves a long edge of at least `least_edge_px`; 1 if none does."""
    scale = 1
    while -(-long_edge_px // (2 * scale)) >= least_edge_px:
        scale *= 2
    return scale


def render(opened: Opened, wanted: Wanted) -> Rendered:
    """The picture as wanted. Raises CullerError when it cannot be decoded."""
    facts = exif.facts_of(opened)
    edge_px, box, screen = wanted.edge_px, wanted.box, wanted.screen
    scale = 1 if edge_px is None or box is not None else scale_for(max(opened.size), edge_px)
    part = None if box is None else stored_box(box, opened.orientation, opened.size)
    image, damaged = decoder.decode(opened, scale, part, may_reduce=wanted.may_reduce)
    image = color.eight_bit(image)
    # JPEG comes reduced by its decoder, but by no more than 8; large HEIC and TIFF as asked.
    image = reduced(image, scale // max(1, round(max(opened.size) / max(image.size))) if scale > 1 else 1)
    coding = None
    if opened.profile is None and opened.format in (Format.AVIF, Format.HEIC):
        coding = nclx.color_coding(opened.data)
    if screen is not None and coding is not None and nclx.is_special(coding):
        image = nclx.to_p3(color.to_srgb(image, None), coding)
        image = color.to_profile(image, color.display_p3(), screen)
    else:
        image = color.to_profile(image, opened.profile, screen)
        if screen is None:
            image = nclx.to_srgb(image, coding)
    image = turned(image, opened.orientation)  # the variable lets go of each step before the next
    return Rendered(plain(image), opened.upright_size, facts, damaged)


def is_wide(opened: Opened) -> bool:
    """Whether the picture says by itself that its colours are others than those of sRGB."""
    if opened.profile is None and opened.format in (Format.AVIF, Format.HEIC):
        coding = nclx.color_coding(opened.data)
        return coding is not None and nclx.is_special(coding)
    return not color.is_srgb(opened.profile)


def reduced(image: Image.Image, factor: int) -> Image.Image:
    """The mean of every `factor` x `factor` pixels; sizes round up, as in a JPEG decoder."""
    return image.reduce(factor) if factor > 1 else image


def plain(image: Image.Image) -> Image.Image:
    """The picture without its file: no metadata, no hold on the bytes it came from."""
    if type(image) is not Image.Image:
        image = image._new(image.im)  # shares the pixels; a copy would double a large picture
    image.info = {}
    return image
