"""What an XMP packet says of flag, stars and label, and how a decision is merged into it.

Reads the vocabularies of Lightroom, Bridge, Capture One, Photo Mechanic, digiKam, darktable, Windows and
ACDSee.
Writes only xmp:Rating, xmp:Label, xmpDM:pick, xmpDM:good, photoshop:SidecarForExtension and our own
namespace; a property that already says what is meant stays as it is written.
"""

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TypeVar

from culler.domain.decision import UNMARKED, ColorLabel, Decision, Facet, Flag
from culler.imaging.xmp_packet import Packet
from culler.imaging.xmp_words import (
    DARKTABLE_COLORS,
    DIGIKAM_COLORS,
    DIGIKAM_PICKS,
    MICROSOFT_PERCENTS,
    PHOTO_MECHANIC_COLORS,
    color_or_text,
)

__all__ = ["Marks", "WriteOptions", "marks_of", "merge", "owner", "read_marks", "reconcile"]

_Item = TypeVar("_Item")

REJECTED_RATING = -1
_SCORE_NAME = re.compile("[A-Za-z][A-Za-z0-9]*")


@dataclass(frozen=True, slots=True)
class Marks:
    """What a file says of its photo; None where it says nothing.

    `label` is a ColorLabel's value, or another program's own word as it stands.
    """

    flag: Flag | None = None
    stars: int | None = None
    label: str | None = None

    def __bool__(self) -> bool:
        return any(mark is not None for mark in (self.flag, self.stars, self.label))

    def or_else(self, fallback: "Marks") -> "Marks":
        """These marks; those of `fallback` where these say nothing."""
        return Marks(
            fallback.flag if self.flag is None else self.flag,
            fallback.stars if self.stars is None else self.stars,
            fallback.label if self.label is None else self.label,
        )

    def on(self, decision: Decision) -> Decision:
        """The decision with these marks set on it."""
        return Decision(
            decision.flag if self.flag is None else self.flag,
            decision.stars if self.stars is None else self.stars,
            decision.label if self.label is None else self.label,
        )

    def disagreements(self, other: "Marks") -> tuple[Facet, ...]:
        """The facets of which both speak, and differently."""
        pairs = (
            (Facet.FLAG, self.flag, other.flag),
            (Facet.STARS, self.stars, other.stars),
            (Facet.LABEL, self.label, other.label),
        )
        return tuple(facet for facet, ours, theirs in pairs if None not in (ours, theirs) and ours != theirs)


@dataclass(frozen=True, slots=True)
class WriteOptions:
    """How marks are written. `rating_for_reject` also writes xmp:Rating −1 for a reject, as Bridge
    and darktable do; it destroys the stars."""

    rating_for_reject: bool = False


DEFAULT_OPTIONS = WriteOptions()
SILENT = Marks()


def read_marks(packet: bytes, source: str = "The XMP packet") -> Marks:
    """What the packet says. Raises CullerError, naming `source`, where it is not XMP."""
    return marks_of(Packet.parse(packet, source))


def marks_of(packet: Packet) -> Marks:
    """What a parsed packet says: our own properties first, then other programs' vocabularies."""
    return _own_marks(packet).or_else(_foreign_marks(packet))


def owner(packet: bytes, source: str = "The XMP packet") -> str | None:
    """The extension, lower case, of the file that a short-named sidecar says it belongs to."""
    extension = Packet.parse(packet, source).get("photoshop:SidecarForExtension")
    return (extension or "").strip().lstrip(".").lower() or None


def merge(
    packet: bytes | None,
    decision: Decision,
    *,
    options: WriteOptions = DEFAULT_OPTIONS,
    sidecar_for_extension: str | None = None,
    scores: Mapping[str, float | str] | None = None,
    beneath: Marks = SILENT,
    source: str = "The XMP packet",
) -> bytes:
    """The packet with the decision stated in it; None makes a new one.

    `beneath` is what is read where this packet is silent: the packet inside the picture, the camera's own
    rating. A mark that is there and not in the decision is stated as cleared, as xmp:Rating 0 and so on.

    `scores` replace what our own namespace holds (an empty mapping clears it, None leaves it alone);
    their names are letters and digits, such as "Quality". `sidecar_for_extension` is written only where the
    packet names no owner. A packet that already says all this comes back byte for byte. Raises
    CullerError where the packet is malformed.
    """
    tree = Packet.blank() if packet is None else Packet.parse(packet, source)
    beneath = _foreign_marks(tree).or_else(beneath)
    _merge_flag(tree, decision.flag, beneath.flag)
    _merge_label(tree, decision.label, beneath.label)
    _merge_stars(tree, decision, options, beneath.stars)
    if scores is not None:
        _merge_scores(tree, scores)
    if sidecar_for_extension and not (tree.get("photoshop:SidecarForExtension") or "").strip():
        tree.set("photoshop:SidecarForExtension", sidecar_for_extension.lstrip(".").upper())
    if packet is not None and not tree.changed:
        return packet
    return tree.serialise()


def reconcile(synced: Decision, ours: Decision, theirs: Marks) -> tuple[Decision, tuple[Facet, ...]]:
    """Our decision and marks made outside, merged facet by facet, and the facets in conflict.

    `synced` is the decision that the file stated when both sides last agreed. A facet that only one
    side changed is that side's; one that both changed differently keeps our value and is named as a
    conflict. So is one on which the file fell silent: whether it was cleared or lost nobody can tell.
    """
    flag, flag_clash = _merged(synced.flag, ours.flag, theirs.flag, UNMARKED.flag)
    their_stars = theirs.stars
    if their_stars is None and theirs.flag is Flag.REJECT:
        their_stars = synced.stars  # a rating of −1 leaves the stars unknown, not cleared
    stars, stars_clash = _merged(synced.stars, ours.stars, their_stars, UNMARKED.stars)
    label, label_clash = _merged(synced.label, ours.label, theirs.label, UNMARKED.label)
    clashes = ((Facet.FLAG, flag_clash), (Facet.STARS, stars_clash), (Facet.LABEL, label_clash))
    return Decision(flag, stars, label), tuple(facet for facet, clash in clashes if clash)


def _merged(base: _Item, our: _Item, their: _Item | None, neutral: _Item) -> tuple[_Item, bool]:
    """The value of a facet with two sides, and whether they are in conflict."""
    if their is None:
        return our, neutral not in (base, our)
    if their in (base, our):
        return our, False
    return (their, False) if our == base else (our, True)


def _own_marks(packet: Packet) -> Marks:
    rating = _number(packet.get("xmp:Rating"))
    flag, stars = _own_flag(packet), None
    if rating == REJECTED_RATING:
        flag = Flag.REJECT
    elif rating is not None and 0 <= rating < 6:
        stars = int(rating)
    label = packet.get("xmp:Label")
    return Marks(flag, stars, None if label is None else color_or_text(label))


def _own_flag(packet: Packet) -> Flag | None:
    pick = _number(packet.get("xmpDM:pick"))
    if pick is not None:
        return Flag.REJECT if pick < 0 else Flag.PICK if pick > 0 else Flag.NONE
    good = _boolean(packet.get("xmpDM:good"))
    return None if good is None else Flag.PICK if good else Flag.REJECT


def _foreign_marks(packet: Packet) -> Marks:
    flag = _item(DIGIKAM_PICKS, _number(packet.get("digiKam:PickLabel")))
    if flag is None:
        tagged = _boolean(packet.get("photomechanic:Tagged"))
        tagged = _boolean(packet.get("acdsee:tagged")) if tagged is None else tagged
        flag = None if tagged is None else Flag.PICK if tagged else Flag.NONE
    label = _item(PHOTO_MECHANIC_COLORS, _number(packet.get("photomechanic:ColorClass")))
    if label is None:
        label = _item(DIGIKAM_COLORS, _number(packet.get("digiKam:ColorLabel")))
    if label is None:
        colors = [_item(DARKTABLE_COLORS, _number(text)) for text in packet.items("darktable:colorlabels")]
        label = next((color for color in colors if color is not None), None)
    percent = _number(packet.get("MicrosoftPhoto:Rating"))
    stars = None
    if percent is not None and 0 <= percent <= 100:
        stars = min(range(6), key=lambda count: abs(MICROSOFT_PERCENTS[count] - percent))
    elif (rating := _number(packet.get("acdsee:rating"))) is not None and 0 <= rating < 6:
        stars = int(rating)
    return Marks(flag, stars, label)


def _merge_flag(packet: Packet, flag: Flag, beneath: Flag | None) -> None:
    pick, good = _number(packet.get("xmpDM:pick")), _boolean(packet.get("xmpDM:good"))
    if flag is Flag.NONE:
        if pick or good is not None or (pick is None and beneath not in (None, Flag.NONE)):
            packet.set("xmpDM:pick", "0")
            packet.remove("xmpDM:good")
        return
    is_pick = flag is Flag.PICK
    if _own_flag(packet) is not flag or (good is not None and good is not is_pick):
        packet.set("xmpDM:pick", "1" if is_pick else "-1")
        packet.set("xmpDM:good", "True" if is_pick else "False")


def _merge_label(packet: Packet, label: str, beneath: str | None) -> None:
    said, wanted = packet.get("xmp:Label"), color_or_text(label)
    if said is not None and color_or_text(said) == wanted:
        return
    if wanted != ColorLabel.NONE.value:
        is_ours = wanted in ColorLabel._value2member_map_
        packet.set("xmp:Label", wanted.capitalize() if is_ours else wanted)
    elif beneath not in (None, ColorLabel.NONE.value):
        packet.set("xmp:Label", "")  # else another colour would be read next time
    elif said is not None:
        packet.remove("xmp:Label")


def _merge_stars(packet: Packet, decision: Decision, options: WriteOptions, beneath: int | None) -> None:
    rating = _number(packet.get("xmp:Rating"))
    rejected = decision.flag is Flag.REJECT
    if rejected and options.rating_for_reject:
        if rating != REJECTED_RATING:
            packet.set("xmp:Rating", str(REJECTED_RATING))
        return
    if rating == REJECTED_RATING and rejected and decision.stars == 0:
        return  # says the same; 0 would take the reject away from Bridge and darktable
    said = _own_marks(packet).stars
    if said == decision.stars:
        return
    # No stars are stated beside other marks, too: darktable gives a silent sidecar one star.
    silent_is_enough = rating is None and decision.stars == 0 and not beneath and not packet.changed
    if not silent_is_enough:
        packet.set("xmp:Rating", str(decision.stars))


def _merge_scores(packet: Packet, scores: Mapping[str, float | str]) -> None:
    if not all(_SCORE_NAME.fullmatch(name) for name in scores):
        raise ValueError(f"scores have plain names, unlike {sorted(scores)}")
    wanted = {
        f"culler:{name}": value if isinstance(value, str) else f"{value:.4f}"
        for name, value in scores.items()
    }
    for name in packet.names("culler"):
        if name not in wanted:
            packet.remove(name)
    for name, text in wanted.items():
        if packet.get(name) != text:
            packet.set(name, text)


def _number(text: str | None) -> float | None:
    try:
        value = float((text or "").strip())
    except ValueError:
        return None
    return value if math.isfinite(value) else None


def _boolean(text: str | None) -> bool | None:
    return {"true": True, "1": True, "false": False, "0": False}.get((text or "").strip().lower())


def _item(items: tuple[_Item, ...], index: float | None) -> _Item | None:
    return items[int(index)] if index is not None and 0 <= index < len(items) else None
