"""The colour space that a camera names by its DCF file kind instead of a profile.

Most cameras set to Adobe RGB embed no profile; they write "R03" as the interoperability index (DCF 2.0,
"optional colour space file"; EXIF 2.32, section 4.6.7).
"""

import io
from typing import BinaryIO

from culler.imaging import color
from culler.imaging.directories import Directory, first_directory

_EXIF, _INTEROPERABILITY, _INDEX, _DNG_VERSION = 0x8769, 0xA005, 0x0001, 0xC612
_OPTIONAL = b"R03"


def profile(exif: bytes | None) -> bytes | None:
    """The ICC profile that an EXIF block, as a TIFF structure, stands for; None where that is sRGB."""
    if exif is None or _OPTIONAL not in exif:
        return None
    return _profile(first_directory(io.BytesIO(exif)))


def preview_profile(raw: BinaryIO) -> bytes | None:
    """The same for the picture that a camera embedded in its RAW without saying more, as far as the RAW
    is a TIFF structure. Converters to DNG make previews of their own: of these it is not known."""
    directory = first_directory(raw)
    if directory is None or _DNG_VERSION in directory.entries:
        return None
    return _profile(directory)


def _profile(directory: Directory | None) -> bytes | None:
    for tag in (_EXIF, _INTEROPERABILITY):
        directory = None if directory is None else directory.within(tag)
    if directory is None or bytes(directory.values(_INDEX)[:3]) != _OPTIONAL:
        return None
    return color.adobe_rgb()
