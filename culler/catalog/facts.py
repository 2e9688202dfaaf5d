"""Capture facts as columns of the table photo, and back."""

from datetime import datetime, timedelta
from operator import attrgetter
from typing import Any, TypeVar

from sqlalchemy import Row

from culler.domain.photo import Bracketing, CaptureFacts, Drive

PLAIN_FACTS = (
    "width", "height", "orientation", "make", "model", "serial", "lens", "exposure_s", "aperture", "iso",
    "focal_mm", "exposure_bias_ev", "latitude", "longitude", "camera_rating",
    "drive", "bracketing",
)  # fmt: skip
FACT_COLUMNS = (*PLAIN_FACTS, "taken_us", "utc_offset_s")
_Kind = TypeVar("_Kind", Drive, Bracketing)
EPOCH = datetime(1970, 1, 1)


def microseconds(moment: datetime | None) -> int | None:
    """A naive camera clock as µs since 1970."""
    return None if moment is None else (moment - EPOCH) // timedelta(microseconds=1)


def facts_values(facts: CaptureFacts) -> dict[str, Any]:
    """Capture facts as column values."""
    return dict(zip(FACT_COLUMNS, fact_row(facts), strict=True))


_plain_facts = attrgetter(*PLAIN_FACTS)


def fact_row(facts: CaptureFacts) -> tuple[Any, ...]:
    """The values of FACT_COLUMNS."""
    offset = None if facts.utc_offset is None else int(facts.utc_offset.total_seconds())
    return (*_plain_facts(facts), microseconds(facts.taken), offset)


def facts_of(row: Row[Any]) -> CaptureFacts:
    plain = {name: getattr(row, name) for name in PLAIN_FACTS}
    plain |= {"drive": _word(Drive, row.drive), "bracketing": _word(Bracketing, row.bracketing)}
    return CaptureFacts(
        **plain,
        taken=None if row.taken_us is None else EPOCH + timedelta(microseconds=row.taken_us),
        utc_offset=None if row.utc_offset_s is None else timedelta(seconds=row.utc_offset_s),
    )


def _word(kind: type[_Kind], text: str | None) -> _Kind | None:
    """The word of a vocabulary; None for what a later Culler may have written."""
    try:
        return None if text is None else kind(text)
    except ValueError:
        return None
