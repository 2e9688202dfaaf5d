"""What is decoded whole, what reduced on the way and what refused: the one rule, and its figures.

Decoding one photo may take MEMORY_LIMIT_BYTES at its peak. A picture that fits is decoded whole. One that
does not is reduced by the smallest power of two with which it fits, where its format lets itself be
reduced while it decodes: JPEG by its decoder (to an eighth of its edges), HEIC and TIFF a band of rows at
a time. What fits in no way is refused with a sentence. Measured by benchmarks/large_pictures.py: with the
program around it, no decode passes 1.5 GB.
"""

from dataclasses import dataclass

from culler.imaging.formats import Format

MEMORY_LIMIT_BYTES = 1_250_000_000
"""What decoding one picture may take at its peak; the process stays below 1.5 GB with it."""
LARGE_BYTES = 400_000_000
"""Decodes that take more run one at a time, and by bands where that saves memory."""
IN_MEMORY_BYTES = 300_000_000
"""Larger files are not read as a whole: of a TIFF its bands, of a RAW what LibRaw takes."""
RAW_IN_MEMORY_BYTES = 100_000_000
"""The same for a RAW, whose development leaves less room beside it."""
LARGEST_FILE_BYTES = 800_000_000
"""Files of other formats beyond this hold no photo."""
BLOCK_BYTES = 32_000_000
"""What a decoder is given of a file at once."""
MOST_SCAN_PIXELS = 3_000_000_000
"""Scans times pixels of a progressive JPEG: some ten seconds."""

_LARGEST_SCALE = 64
_LARGEST_JPEG_SCALE = 8
# Bytes a pixel at the peak of a full decode, measured as resident memory on large files: Pillow's own
# RGB is 4; the others hold the codec's planes and a copy of its output beside it.
_WHOLE = {
    Format.JPEG: 4.0,
    Format.MPO: 4.0,
    Format.PNG: 4.0,
    Format.TIFF: 6.0,
    Format.GIF: 5.0,
    Format.WEBP: 17.0,
    Format.HEIC: 8.0,
    Format.AVIF: 14.0,
    Format.JXL: 12.0,
}
_HEIC_PLANES = 4.5  # the codec's planes and its RGB, without Pillow's copy; twice that beyond 8 bits
_RGB = 4.0  # what Pillow keeps of a decoded pixel
_RAW_WHOLE, _RAW_HALF = 12.0, 5.0  # LibRaw's sensor data, its four 16-bit channels, and their RGB


@dataclass(frozen=True, slots=True)
class Need:
    """What decoding a picture depends on. `copies` are bytes a pixel of the result for turning and for
    other modes; `beside` are bytes that stay whatever the scale (the file itself, the coefficients of a
    progressive JPEG); `band_bytes` is what one band takes, None where the picture has no bands."""

    format: Format
    size: tuple[int, int]
    copies: float = 0.0
    beside: float = 0.0
    deep: bool = False
    band_bytes: float | None = None


@dataclass(frozen=True, slots=True)
class Plan:
    """How to decode: reduced by `scale` or not (1), whole or by bands, and what it takes."""

    scale: int
    banded: bool
    peak_bytes: float


def plan(need: Need, scale: int, part_pixels: int | None = None, may_reduce: bool = False) -> Plan | None:
    """How to decode at this scale, or (`may_reduce`) at the next one that fits; None where nothing fits.
    `part_pixels` is the size of the part that is wanted, at full size."""
    last = _LARGEST_SCALE if may_reduce and part_pixels is None else scale
    while scale <= last:
        whole = Plan(scale, False, _whole_peak(need, scale))
        if whole.peak_bytes <= min(LARGE_BYTES, MEMORY_LIMIT_BYTES):
            return whole
        if need.band_bytes is not None:
            banded = Plan(scale, True, _banded_peak(need, scale, part_pixels))
            if banded.peak_bytes <= MEMORY_LIMIT_BYTES:
                return banded
        if whole.peak_bytes <= MEMORY_LIMIT_BYTES:
            return whole
        scale *= 2
    return None


def raw_fits(pixels: int, half_size: bool) -> bool:
    """Whether LibRaw may develop a sensor of this many pixels."""
    return pixels * (_RAW_HALF if half_size else _RAW_WHOLE) <= MEMORY_LIMIT_BYTES


def fits_whole(format: Format, pixels: int) -> bool:
    """Whether a picture of this format, of which only the size is known, may be decoded whole."""
    return pixels * _WHOLE[format] <= MEMORY_LIMIT_BYTES


def _whole_peak(need: Need, scale: int) -> float:
    peak = need.size[0] * need.size[1] * (_WHOLE[need.format] + need.copies)
    if need.format in (Format.JPEG, Format.MPO):
        peak /= min(scale, _LARGEST_JPEG_SCALE) ** 2
    return peak + need.beside


def _banded_peak(need: Need, scale: int, part_pixels: int | None) -> float:
    pixels = need.size[0] * need.size[1]
    planes = pixels * _HEIC_PLANES * (2 if need.deep else 1) if need.format is Format.HEIC else 0.0
    result = pixels / scale**2 if part_pixels is None else part_pixels
    return planes + (need.band_bytes or 0.0) + need.beside + result * (_RGB + need.copies)
