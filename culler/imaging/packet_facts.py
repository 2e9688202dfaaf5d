"""Capture facts from XMP and IPTC: what editors, agencies and scanners keep there and EXIF lacks.

Names and forms of the values: XMP Specification part 2, "Exif schema" and "TIFF schema"; IPTC-IIM 4.2,
datasets 2:55 and 2:60; Photoshop File Formats, "Image Resource Blocks".
"""

import html
import re
import struct
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from culler.domain.photo import CaptureFacts
from culler.imaging import containers, values

_ANGLE = re.compile(r"(\d{1,3}),(\d+(?:\.\d+)?)(?:,(\d+(?:\.\d+)?))?([NSEW])")
_IPTC_RESOURCE = 0x0404
_DAY, _TIME = b"\x1c\x02\x37", b"\x1c\x02\x3c"


def with_packet(facts: CaptureFacts, packet: bytes) -> CaptureFacts:
    """The facts with what an XMP packet adds: a rating counts over the camera's own, everything else only
    where EXIF has none.

    `xmp:CreateDate` is not asked: editors write there when their document began.
    """
    rating = values.stars(containers.packet_value(packet, b"(?:xmp|xap):Rating"))
    if rating is not None:
        facts = replace(facts, camera_rating=rating)
    found: dict[str, Any] = {}
    for fact, (names, read) in _FACTS.items():
        if getattr(facts, fact) is None:
            texts = (_text(packet, name) for name in names)
            found[fact] = next((value for text in texts if (value := read(text)) is not None), None)
    if facts.taken is None:
        texts = (_text(packet, name) for name in (b"exif:DateTimeOriginal", b"photoshop:DateCreated"))
        moment = next((text for text in texts if values.moment(text)), None)
        found |= {"taken": values.moment(moment), "utc_offset": values.zone(moment)}
    return facts.filled_from(CaptureFacts(**found))


def with_iptc(facts: CaptureFacts, resources: bytes) -> CaptureFacts:
    """The facts with the day and the time of creation that Photoshop's image resources hold as IPTC,
    where nothing else says when the picture was taken."""
    if facts.taken is not None:
        return facts
    iptc = _resource(resources, _IPTC_RESOURCE)
    day, time = _dataset(iptc, _DAY), _dataset(iptc, _TIME)
    match = re.match(r"(\d{4})(\d\d)(\d\d) (\d\d)(\d\d)(\d\d)", f"{day} {time}")
    if match is None:
        return facts
    moment = "{}-{}-{}T{}:{}:{}".format(*match.groups())
    return replace(facts, taken=values.moment(moment), utc_offset=values.zone(time))


def _angle(text: str | None) -> float | None:
    match = _ANGLE.fullmatch(text or "")
    if match is None:
        return None
    degrees, minutes, seconds, side = match.groups()
    parts = (float(degrees), float(minutes), float(seconds or 0))
    return values.degrees(parts, side, "S" if side in "NS" else "W", 90 if side in "NS" else 180)


_FACTS: Mapping[str, tuple[tuple[bytes, ...], Callable[[str | None], Any]]] = {
    "make": ((b"tiff:Make",), values.text),
    "model": ((b"tiff:Model",), values.text),
    "serial": ((b"exifEX:BodySerialNumber", b"aux:SerialNumber"), values.text),
    "lens": ((b"exifEX:LensModel", b"aux:Lens"), values.text),
    "exposure_s": ((b"exif:ExposureTime",), values.positive),
    "aperture": ((b"exif:FNumber",), values.positive),
    "iso": ((b"exif:ISOSpeedRatings", b"exifEX:PhotographicSensitivity"), values.iso),
    "focal_mm": ((b"exif:FocalLength",), values.positive),
    "exposure_bias_ev": ((b"exif:ExposureBiasValue",), values.real),
    "latitude": ((b"exif:GPSLatitude",), _angle),
    "longitude": ((b"exif:GPSLongitude",), _angle),
}
"""Facts by the properties that may hold them, and how their text is read."""


def _text(packet: bytes, name: bytes) -> str | None:
    # The look before the search: most packets have few of these, and some have megabytes.
    text = containers.packet_value(packet, name) if name in packet else None
    return None if text is None else html.unescape(text)


def _resource(resources: bytes, wanted: int) -> bytes:
    """The first filled image resource of this number; empty where there is none."""
    at = 0
    while resources[at : at + 4] == b"8BIM" and at + 12 <= len(resources):
        (number,) = struct.unpack_from(">H", resources, at + 4)
        at += 6 + (resources[at + 6] + 2) // 2 * 2  # a name, padded with its length byte to even
        (size,) = struct.unpack(">I", resources[at : at + 4].rjust(4, b"\xff"))
        data = resources[at + 4 : at + 4 + size]
        if number == wanted and data:
            return data
        at += 4 + (size + 1) // 2 * 2
    return b""


def _dataset(iptc: bytes, mark: bytes) -> str:
    at = 0
    while iptc[at : at + 1] == b"\x1c" and at + 5 <= len(iptc):
        (size,) = struct.unpack_from(">H", iptc, at + 3)
        if iptc[at : at + 3] == mark:
            return iptc[at + 5 : at + 5 + size].decode("ascii", "replace")
        at += 5 + size
    return ""
