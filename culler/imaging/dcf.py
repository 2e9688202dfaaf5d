"""The colour space that a camera names by its DCF file kind instead of a profile.

Most cameras set to Adobe RGB embed no profile; they write "R03" as the interoperability index (DCF 2.0,
"optional colour space file"; EXIF 2.32, section 4.6.7).
"""

import io

from culler.imaging import color
from culler.imaging.directories import first_directory

_EXIF, _INTEROPERABILITY, _INDEX = 0x8769, 0xA005, 0x0001
_OPTIONAL = b"R03"


def profile(exif: bytes | None) -> bytes | None:
    """The ICC profile that an EXIF block, as a TIFF structure, stands for; None where that is sRGB."""
    if exif is None or _OPTIONAL not in exif:
        return None
    directory = first_directory(io.BytesIO(exif))
    for tag in (_EXIF, _INTEROPERABILITY):
        directory = None if directory is None else directory.within(tag)
    if directory is None or bytes(directory.values(_INDEX)[:3]) != _OPTIONAL:
        return None
    return color.adobe_rgb()
