"""Metadata values as cameras write them, made into numbers, times and text; None for what is none."""

import re
from datetime import datetime, timedelta
from fractions import Fraction
from typing import Any

_MOMENT = re.compile(r"\s*(\d{4})\D(\d\d)\D(\d\d)[T ](\d\d)\D(\d\d)(?:\D(\d\d))?(?:\.(\d+))?")
_CONTROL = re.compile("[\x01-\x08\x0e-\x1f\x7f]")
_ZONE = re.compile(r"([+-])(\d\d?):?(\d\d)\s*$")


def moment(text: str | None) -> datetime | None:
    """A time written the EXIF or the XMP way; None for blanks, zeros and days without a time."""
    match = _MOMENT.match(text or "")
    if match is None:
        return None
    year, month, day, hour, minute, second = (int(part or 0) for part in match.groups()[:6])
    microsecond = int((match[7] or "")[:6].ljust(6, "0"))
    try:
        return datetime(year, month, day, hour, minute, second, microsecond)
    except ValueError:
        return None


def zone(text: str | None) -> timedelta | None:
    """An offset from UTC written as +01:00, -0530 or Z, at the end of a time or alone; at most 14 hours."""
    match = _ZONE.search(text or "")
    if match is None:
        return timedelta(0) if (text or "").rstrip().endswith("Z") else None
    offset = timedelta(hours=int(match[2]), minutes=int(match[3]))
    if offset > timedelta(hours=14):
        return None
    return -offset if match[1] == "-" else offset


def text(value: Any) -> str | None:
    """Text that is more than blanks, and no binary data where text should be."""
    if not isinstance(value, str) or _CONTROL.search(value):
        return None
    return value.strip() or None


def real(value: Any) -> float | None:
    """A number: of several the first, of a fraction its value; not infinite, not absurd."""
    if isinstance(value, tuple):
        value = value[0] if value else None
    if isinstance(value, bool) or value is None:
        return None
    try:
        number = float(value if not isinstance(value, str) else Fraction(value))
    except (ValueError, TypeError, ZeroDivisionError, OverflowError):
        return None
    return number if -1e9 < number < 1e9 else None


def positive(value: Any) -> float | None:
    """A number above zero: zero stands for unknown in times, apertures and focal lengths."""
    number = real(value)
    return number if number is not None and number > 0 else None


def whole(value: Any) -> int | None:
    """A number without its fraction."""
    number = real(value)
    return None if number is None else int(number)


def iso(value: Any) -> int | None:
    """An ISO sensitivity."""
    iso = whole(value)
    # 65535 stands for "more than this field holds".
    return iso if iso is not None and 0 < iso != 65535 else None


def stars(value: Any) -> int | None:
    """A rating of 0 to 5, or -1 for a reject."""
    stars = whole(value)
    return stars if stars is not None and -1 <= stars <= 5 else None


def degrees(value: Any, hemisphere: Any, negative: str, limit: int) -> float | None:
    """An angle from degrees, minutes and seconds; below zero on the `negative` hemisphere."""
    if not isinstance(value, tuple) or len(value) != 3:
        return None
    parts = [real(part) for part in value]
    if None in parts:
        return None
    degrees, minutes, seconds = (part or 0.0 for part in parts)
    angle = degrees + minutes / 60 + seconds / 3600
    if not 0 <= angle <= limit:
        return None
    return -angle if (text(hemisphere) or "").upper().startswith(negative) else angle
