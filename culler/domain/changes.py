"""How far a job is, and what a write changed."""

from dataclasses import dataclass
from enum import StrEnum

from culler.domain.photo import PhotoId


class Changed(StrEnum):
    """The facet of photos that a write touched; views decide whether they care."""

    PHOTOS = "photos"  # rows came, went or moved: order may change
    PIXELS = "pixels"  # thumbnail or preview is there now
    SCORES = "scores"
    MARKS = "marks"
    FAILURES = "failures"
    FACTS = "facts"  # more is known of how they were taken: groups may differ
    GROUPS = "groups"  # stacked, parted or compared by hand


@dataclass(frozen=True, slots=True)
class Changes:
    """Which photos changed, in which facets."""

    photo_ids: frozenset[PhotoId] = frozenset()
    facets: frozenset[Changed] = frozenset()

    def __bool__(self) -> bool:
        return bool(self.photo_ids)

    def __or__(self, other: "Changes") -> "Changes":
        return Changes(self.photo_ids | other.photo_ids, self.facets | other.facets)

    @classmethod
    def of(
        cls,
        photo_ids: "frozenset[PhotoId] | set[PhotoId] | list[PhotoId] | tuple[PhotoId, ...]",
        *facets: Changed,
    ) -> "Changes":
        return cls(frozenset(photo_ids), frozenset(facets))


NO_CHANGES = Changes()


@dataclass(frozen=True, slots=True)
class Progress:
    """One step of a job; `total` is None while nobody knows it. `changes` is what the step wrote."""

    done: int
    total: int | None
    note: str = ""
    changes: Changes = NO_CHANGES
