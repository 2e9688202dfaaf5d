"""What makers' tags say of drive, bracketing and rating, and how their notes are laid out: facts only.

Numbers and meanings as ExifTool documents them (exiftool.org/TagNames). What is not known for certain
is not here: it reads as nothing said.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Generic, TypeVar

from culler.domain.photo import Bracketing, Drive

_Word = TypeVar("_Word", Drive, Bracketing)

SINGLE, CONTINUOUS, SELF_TIMER, REMOTE = Drive.SINGLE, Drive.CONTINUOUS, Drive.SELF_TIMER, Drive.REMOTE
NONE, EXPOSURE, FOCUS = Bracketing.NONE, Bracketing.EXPOSURE, Bracketing.FOCUS
WHITE_BALANCE, OTHER = Bracketing.WHITE_BALANCE, Bracketing.OTHER
N_A = (0x7FFF, 0xFFFF)
"""What stands for "not applicable" in Canon's and Sony's 16 bits."""


@dataclass(frozen=True, slots=True)
class Says(Generic[_Word]):
    """What one number of a tag means.

    `place` is the number's among the tag's values; only the bits of `mask` count. A number that is not
    among the `meanings` means `otherwise`. `where` names another place of the tag and what it must hold.
    """

    tag: int
    meanings: Mapping[int, _Word | None]
    place: int = 0
    mask: int = 0xFFFFFFFF
    otherwise: _Word | None = None
    where: tuple[int, int] | None = None


@dataclass(frozen=True, slots=True)
class Maker:
    """One maker's tags. The first that says something of `drive` counts; of `bracketing` the first
    that says more than NONE, which each may say for itself only. `within` is the tag of the directory
    inside the notes that holds the tags, where they are not in the notes themselves."""

    drive: tuple[Says[Drive], ...] = ()
    bracketing: tuple[Says[Bracketing], ...] = ()
    rating: int | None = None
    within: int | None = None


# Camera settings (0x0001), shot info (0x0004) and file info (0x0093) are arrays of 16 bits.
CANON = Maker(
    drive=(
        Says(0x0001, dict.fromkeys((1, 3, 4, 5, 8, 10), CONTINUOUS), place=5, mask=0xFFFF),
        Says(0x0001, {0: None, **dict.fromkeys(N_A)}, place=2, mask=0xFFFF, otherwise=SELF_TIMER),
        Says(0x0001, dict.fromkeys((0, 6, 9), SINGLE), place=5, mask=0xFFFF),
    ),
    bracketing=(
        Says(0x4053, {1: FOCUS}, place=1),
        Says(
            0x0093,
            {0: NONE, 1: EXPOSURE, 2: OTHER, 3: OTHER, 4: WHITE_BALANCE},
            place=3,
            mask=0xFFFF,
        ),
        Says(0x0004, {0: NONE, **dict.fromkeys((1, 2, 3, 0xFFFF), EXPOSURE)}, place=16, mask=0xFFFF),
        Says(0x0093, dict.fromkeys((1, 2), WHITE_BALANCE), place=9, mask=0xFFFF),
    ),
)
# Bits: 0 continuous, 1 delay, 3 self-timer, 7 infrared; 4 bracketing, with 6 of white balance, with 8 of
# D-lighting. Bit 2 says no more than that a computer is connected.
NIKON = Maker(
    drive=(
        Says(0x0089, {1: CONTINUOUS}, mask=0x01),
        Says(0x0089, {0: None}, mask=0x0A, otherwise=SELF_TIMER),
        Says(0x0089, {0x80: REMOTE}, mask=0x80),
        Says(0x0089, {0: SINGLE}, mask=0x8B),
    ),
    bracketing=(
        Says(
            0x0089,
            {0: NONE, 0x10: EXPOSURE, 0x40: WHITE_BALANCE, 0x50: WHITE_BALANCE},
            mask=0x150,
            otherwise=OTHER,
        ),
    ),
)
SONY = Maker(
    drive=(Says(0xB049, {0: SINGLE, 2: CONTINUOUS}),),
    bracketing=(Says(0xB049, {0: NONE, 2: NONE, 5: EXPOSURE, 6: WHITE_BALANCE, 8: OTHER}),),
    rating=0x2002,
)
# The bracketing tag says that there was some, not of what: exposure, film simulation, focus …
FUJIFILM = Maker(
    drive=(Says(0x1103, {0: SINGLE, 1: CONTINUOUS, 2: CONTINUOUS}, mask=0xFF),),
    bracketing=(Says(0x1100, {0: NONE, 1: OTHER, 6: OTHER}),),
    rating=0x1431,
)
# The drive mode is several numbers: mode, shot, bits that say what a mode of 5 brackets.
OLYMPUS = Maker(
    drive=(Says(0x0600, {0: SINGLE, 1: CONTINUOUS}),),
    bracketing=(
        Says(0x0600, {0x40: FOCUS}, place=2, mask=0x40, where=(0, 5)),
        Says(0x0600, {0: None}, place=2, mask=0x21, where=(0, 5), otherwise=EXPOSURE),
        Says(0x0600, {0x02: WHITE_BALANCE}, place=2, mask=0x02, where=(0, 5)),
        Says(0x0600, {0: NONE, 1: NONE, 2: EXPOSURE, 3: WHITE_BALANCE, 4: EXPOSURE, 5: OTHER}),
    ),
    within=0x2020,
)
PANASONIC = Maker(
    drive=(
        Says(0x002A, dict.fromkeys((1, 4, 17), CONTINUOUS)),
        Says(0x002E, dict.fromkeys((2, 3, 4, 258, 266, 778), SELF_TIMER)),
        Says(0x002A, {0: SINGLE}),
    ),
    bracketing=(
        Says(
            0x002A,
            {
                **dict.fromkeys((0, 1, 4, 17), NONE),
                2: EXPOSURE,
                3: FOCUS,
                8: WHITE_BALANCE,
                18: OTHER,
            },
        ),
        Says(0x0096, {3: FOCUS}),
        Says(0x0045, dict.fromkeys(range(1, 7), EXPOSURE)),
    ),
)
# Drive mode: how many frames, timer, remote control. Auto bracketing: the step in EV, written as steps
# of a third from 0, 0x1000 or 0x2000; then what else is bracketed.
PENTAX = Maker(
    drive=(
        Says(0x0034, dict.fromkeys((1, 2, 3, 4), CONTINUOUS)),
        Says(0x0034, dict.fromkeys((1, 2), SELF_TIMER), place=1),
        Says(0x0034, dict.fromkeys((1, 2, 4), REMOTE), place=2),
        Says(0x0034, {0: SINGLE}),
    ),
    bracketing=(
        Says(0x0018, dict.fromkeys((0, 0x1000, 0x2000), NONE), otherwise=EXPOSURE),
        Says(0x0018, {0: None}, place=1, otherwise=OTHER),
    ),
)
RICOH = Maker(
    drive=(Says(0x1002, {0: SINGLE, 1: CONTINUOUS, 8: CONTINUOUS}),),
    bracketing=(
        Says(
            0x1007,
            {
                0: NONE,
                9: EXPOSURE,
                11: WHITE_BALANCE,
                18: WHITE_BALANCE,
                **dict.fromkeys((16, 17, 19), OTHER),
            },
        ),
    ),
)
APPLE = Maker(drive=(Says(0x000B, {}, otherwise=CONTINUOUS),))
"""A burst has an identity; nothing says that a frame is of none."""

BY_MAKE = {"canon": CANON, "nikon": NIKON, "sony": SONY}
"""Notes that begin with their directory, by the first word of the camera's make."""

NO_AUTO_BRACKET = ("sigma",)
"""Makes that write EXIF's "auto bracket" for single frames too."""


@dataclass(frozen=True, slots=True)
class Layout:
    """Notes that begin with a mark. `at` is where the directory lies from the mark on; pointers count
    from the mark (`own_base`) or from the start of the EXIF structure. `order_at` is where the byte
    order is written ("II" or "MM"); without it, it is that of EXIF. `structure_at`: a whole TIFF
    structure begins there. `pointer_at`: the directory's place is written there, lowest byte first, and
    the whole directory is in that order."""

    mark: bytes
    maker: Maker
    at: int = 0
    own_base: bool = False
    order_at: int | None = None
    structure_at: int | None = None
    pointer_at: int | None = None


LAYOUTS = (
    Layout(b"Nikon\x00\x01", NIKON, at=8),
    Layout(b"Nikon\x00\x02", NIKON, structure_at=10),
    Layout(b"SONY DSC", SONY, at=12),
    Layout(b"SONY CAM", SONY, at=12),
    Layout(b"SONY MOBILE", SONY, at=12),
    Layout(b"FUJIFILM", FUJIFILM, own_base=True, pointer_at=8),
    Layout(b"OLYMPUS\x00", OLYMPUS, at=12, own_base=True, order_at=8),
    Layout(b"OM SYSTEM\x00", OLYMPUS, at=16, own_base=True, order_at=12),
    Layout(b"OLYMP\x00", OLYMPUS, at=8),
    Layout(b"Panasonic\x00\x00\x00", PANASONIC, at=12),
    Layout(b"PENTAX \x00", PENTAX, at=10, own_base=True, order_at=8),
    Layout(b"AOC\x00", PENTAX, at=6, order_at=4),
    Layout(b"RICOH\x00II", PENTAX, at=8, own_base=True, order_at=6),
    Layout(b"RICOH\x00MM", PENTAX, at=8, own_base=True, order_at=6),
    Layout(b"Ricoh\x00", RICOH, at=8),
    Layout(b"RICOH\x00", RICOH, at=8),
    Layout(b"Apple iOS\x00", APPLE, at=14, own_base=True, order_at=12),
)

CIFF = {0x0001: 0x102D, 0x0004: 0x102A, 0x0093: 0x1093}
"""Canon's arrays in the heap of a CRW file, by their numbers elsewhere."""
