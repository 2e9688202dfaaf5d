"""Capture facts, reasons of failures and folders, as photographers read them."""

from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path

from culler.domain.assessment import Failure, Stage
from culler.domain.photo import Bracketing, CaptureFacts


def reasons(failures: Sequence[Failure]) -> list[str]:
    """Why a photo could not be read or scored, each reason once: what the scan saw, decoding repeats."""
    seen_by_scan = any(failure.stage is Stage.SCAN for failure in failures)
    return [failure.message for failure in failures if not (seen_by_scan and failure.stage is Stage.DECODE)]


def signed(number: float) -> str:
    """'+0.7' or '−1.3', with a true minus sign."""
    return f"{number:+.1f}".replace("-", "−")


def shutter(seconds: float) -> str:
    """'1/250 s', '0.5 s', '30 s'."""
    if seconds <= 0:
        return ""
    if seconds >= 0.4:
        return f"{seconds:.1f}".rstrip("0").rstrip(".") + " s"
    return f"1/{round(1 / seconds)} s"


def exposure_line(facts: CaptureFacts) -> str:
    """'1/250 s · f/2.8 · ISO 400 · 50 mm', as far as known; it breaks only between its parts."""
    parts = []
    if facts.exposure_s:
        parts.append(shutter(facts.exposure_s))
    if facts.aperture:
        parts.append(f"f/{facts.aperture:.1f}".removesuffix(".0"))
    if facts.iso:
        parts.append(f"ISO {facts.iso}")
    if facts.focal_mm:
        parts.append(f"{facts.focal_mm:.0f} mm")
    return " · ".join(part.replace(" ", "\N{NO-BREAK SPACE}") for part in parts)


def drive_line(facts: CaptureFacts) -> str:
    """'Continuous, exposure bracketing', as far as known; that there was no bracketing goes without
    saying."""
    parts = [] if facts.drive is None else [facts.drive.value]
    if facts.bracketing is Bracketing.OTHER:
        parts.append("bracketing")
    elif facts.bracketing not in (None, Bracketing.NONE):
        parts.append(f"{facts.bracketing} bracketing")
    text = ", ".join(parts)
    return text[:1].upper() + text[1:]


def taken_line(facts: CaptureFacts) -> str:
    """'14 March 2024, 16:02:07 (UTC+1)'."""
    if facts.taken is None:
        return ""
    text = f"{facts.taken.day} {facts.taken:%B %Y, %H:%M:%S}"
    if facts.utc_offset is not None:
        text += f" (UTC{_offset(facts.utc_offset)})"
    return text


def pixels_line(facts: CaptureFacts) -> str:
    """'6,000 × 4,000 (24 MP)'."""
    if not facts.width or not facts.height:
        return ""
    shown = f"{facts.width:,} × {facts.height:,}"
    megapixels = facts.width * facts.height / 1e6
    size = f"{megapixels:.0f} MP" if megapixels >= 9.5 else f"{megapixels:.1f} MP"
    return shown if megapixels < 0.05 else f"{shown} ({size})"


def _offset(offset: timedelta) -> str:
    minutes = round(offset.total_seconds() / 60)
    sign = "+" if minutes >= 0 else "−"
    hours, rest = divmod(abs(minutes), 60)
    return f"{sign}{hours}" + (f":{rest:02}" if rest else "")


def folder_title(folders: Sequence[Path]) -> str:
    """How the opened folders are called in one short phrase."""
    if not folders:
        return ""
    first = folders[0].name or str(folders[0])
    return first if len(folders) == 1 else f"{first} and {len(folders) - 1} more"
