"""What an XMP packet says of flag, stars and label, and how a decision is merged into it.

Reads the vocabularies of Lightroom, Bridge, Capture One, Photo Mechanic, digiKam and darktable.
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

__all__ = ["Marks", "WriteOptions", "marks_of", "merge", "owner", "read_marks", "reconcile"]

_Item = TypeVar("_Item")

REJECTED_RATING = -1
_SCORE_NAME = re.compile("[A-Za-z][A-Za-z0-9]*")
_BRIDGE_WORDS = {
    "select": ColorLabel.RED,
    "second": ColorLabel.YELLOW,
    "approved": ColorLabel.GREEN,
    "review": ColorLabel.BLUE,
    "to do": ColorLabel.PURPLE,
}
_LABEL_WORDS = {
    "": ColorLabel.NONE,
    **{label.value: label for label in ColorLabel},
    **_BRIDGE_WORDS,
}
# Colour numbers: ours where we have the colour, else the colour's English word.
_DARKTABLE_COLORS = ("red", "yellow", "green", "blue", "purple")
_DIGIKAM_COLORS = ("none", "red", "Orange", "yellow", "green", "blue", "purple", "Gray", "Black", "White")
_PHOTO_MECHANIC_COLORS = ("none", "purple", "red", "Orange", "yellow", "green", "Cyan", "blue", "Gray")
_DIGIKAM_PICKS = (Flag.NONE, Flag.REJECT, Flag.NONE, Flag.PICK)  # none, rejected, pending, accepted
_MICROSOFT_PERCENTS = (0, 1, 25, 50, 75, 99)  # the percentage that Windows writes for 0 … 5 stars


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
    source: str = "The XMP packet",
) -> bytes:
    """The packet with the decision stated in it; None makes a new one.

    `scores` replace what our own namespace holds (an empty mapping clears it, None leaves it alone);
    their names are letters and digits, such as "Quality". `sidecar_for_extension` is written only where the
    packet names no owner. A packet that already says all this comes back byte for byte. Raises
    CullerError where the packet is malformed.
    """
    tree = Packet.blank() if packet is None else Packet.parse(packet, source)
    _merge_flag(tree, decision.flag)
    _merge_label(tree, decision.label)
    _merge_stars(tree, decision, options)
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
    return Marks(flag, stars, None if label is None else _label(label))


def _own_flag(packet: Packet) -> Flag | None:
    pick = _number(packet.get("xmpDM:pick"))
    if pick is not None:
        return Flag.REJECT if pick < 0 else Flag.PICK if pick > 0 else Flag.NONE
    good = _boolean(packet.get("xmpDM:good"))
    return None if good is None else Flag.PICK if good else Flag.REJECT


def _foreign_marks(packet: Packet) -> Marks:
    flag = _item(_DIGIKAM_PICKS, _number(packet.get("digiKam:PickLabel")))
    if flag is None:
        tagged = _boolean(packet.get("photomechanic:Tagged"))
        flag = None if tagged is None else Flag.PICK if tagged else Flag.NONE
    label = _item(_PHOTO_MECHANIC_COLORS, _number(packet.get("photomechanic:ColorClass")))
    if label is None:
        label = _item(_DIGIKAM_COLORS, _number(packet.get("digiKam:ColorLabel")))
    if label is None:
        colors = [_item(_DARKTABLE_COLORS, _number(text)) for text in packet.items("darktable:colorlabels")]
        label = next((color for color in colors if color is not None), None)
    percent = _number(packet.get("MicrosoftPhoto:Rating"))
    stars = None
    if percent is not None and 0 <= percent <= 100:
        stars = min(range(6), key=lambda count: abs(_MICROSOFT_PERCENTS[count] - percent))
    return Marks(flag, stars, label)


def _merge_flag(packet: Packet, flag: Flag) -> None:
    pick, good = _number(packet.get("xmpDM:pick")), _boolean(packet.get("xmpDM:good"))
    if flag is Flag.NONE:
        foreign = _foreign_marks(packet).flag
        if pick or good is not None or (pick is None and foreign not in (None, Flag.NONE)):
            packet.set("xmpDM:pick", "0")
            packet.remove("xmpDM:good")
        return
    is_pick = flag is Flag.PICK
    if _own_flag(packet) is not flag or (good is not None and good is not is_pick):
        packet.set("xmpDM:pick", "1" if is_pick else "-1")
        packet.set("xmpDM:good", "True" if is_pick else "False")


def _merge_label(packet: Packet, label: str) -> None:
    said, wanted = packet.get("xmp:Label"), _label(label)
    if said is not None and _label(said) == wanted:
        return
    if wanted != ColorLabel.NONE.value:
        is_ours = wanted in ColorLabel._value2member_map_
        packet.set("xmp:Label", wanted.capitalize() if is_ours else wanted)
    elif _foreign_marks(packet).label not in (None, ColorLabel.NONE.value):
        packet.set("xmp:Label", "")  # else another program's colour would be read next time
    elif said is not None:
        packet.remove("xmp:Label")


def _merge_stars(packet: Packet, decision: Decision, options: WriteOptions) -> None:
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
    silent_is_enough = (
        rating is None and decision.stars == 0 and not _foreign_marks(packet).stars and not packet.changed
    )
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


def _label(text: str) -> str:
    """A ColorLabel's value for words we know, else the text as it stands."""
    word = text.strip()
    known = _LABEL_WORDS.get(word.casefold())
    return word if known is None else known.value


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
