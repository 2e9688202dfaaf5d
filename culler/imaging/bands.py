"""A large picture put together from bands of its rows, reduced or cut out on the way: never whole in
memory, and pixel for pixel what reducing or cutting the whole would give."""

from collections.abc import Iterable, Iterator

from PIL import Image

from culler.imaging import color
from culler.imaging.upright import Box


def reduced(bands: Iterable[Image.Image], size: tuple[int, int], factor: int) -> Image.Image:
    """The mean of every `factor` x `factor` pixels of a picture of this size; sizes round up."""
    width, height = size
    whole: Image.Image | None = None
    top = 0
    for band in _multiples(map(color.eight_bit, bands), factor):
        part = band.reduce(factor) if factor > 1 else band
        if whole is None:
            whole = Image.new(part.mode, (-(-width // factor), -(-height // factor)))
        whole.paste(part, (0, top))
        top += part.height
    if whole is None:
        raise ValueError("no rows")
    return whole


def cut(bands: Iterable[Image.Image], box: Box) -> Image.Image:
    """The part of the picture inside a box of stored pixels."""
    left, top, right, bottom = box
    part: Image.Image | None = None
    begins = 0
    for band in bands:
        ends = begins + band.height
        if begins < bottom and ends > top:
            inside = (left, max(0, top - begins), right, min(band.height, bottom - begins))
            rows = color.eight_bit(band.crop(inside))
            if part is None:
                part = Image.new(rows.mode, (right - left, bottom - top))
            part.paste(rows, (0, max(0, begins - top)))
        if ends >= bottom:
            break
        begins = ends
    if part is None:
        raise ValueError("no rows")
    return part


def _multiples(bands: Iterable[Image.Image], factor: int) -> Iterator[Image.Image]:
    """The same rows in bands whose heights are multiples of `factor`, but for the last."""
    rest: Image.Image | None = None
    for band in bands:
        if rest is not None:
            joined = Image.new(band.mode, (band.width, rest.height + band.height))
            joined.paste(rest, (0, 0))
            joined.paste(band, (0, rest.height))
            band, rest = joined, None
        rows = band.height - band.height % factor
        if rows < band.height:
            rest = band.crop((0, rows, band.width, band.height))
            band = band.crop((0, 0, band.width, rows))
        if rows:
            yield band
    if rest is not None:
        yield rest
