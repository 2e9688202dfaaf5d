"""Exposure brackets among the frames of one group, and what the camera itself says of its series.

Where the maker notes were read, the camera's word that it bracketed (exposure or focus) makes a set,
however small the steps and however fast the frames. Its word that it did *not* bracket weighs less,
since photographers bracket by hand: exposure compensation or a manual exposure dialled between frames
leaves the camera's bracketing off, and such a set must stay whole. So that word counts only where no
hand can have done it: frames less than a second apart whose exposure changed without a change of the
compensation. That is an automatic exposure (or sensitivity) following the light, be the range ever so
wide. In all other cases exposure and brightness decide, as without a word.
"""

import numpy as np
from numpy.typing import NDArray

from culler.domain.photo import Bracketing
from culler.ranking import looks as look_distance
from culler.ranking.columns import BRACKETING_CODES, NO_TIME, PhotoColumns
from culler.ranking.groups import GroupKind, Rows

Looks = NDArray[np.uint8]
Values = NDArray[np.float64]

SAME_EXPOSURE_EV = 0.15
"""Less is the same exposure: cameras step by a third of a stop at least."""
BRACKET_STEP_EV = 0.5
"""Median step between neighbours of a bracket; an automatic exposure that follows the light takes
smaller ones."""
BRACKET_RANGE_EV = 1.0
SURE_RANGE_EV = 2.0
"""A range no automatic exposure crosses within one view: a bracket even where brightness does not
follow it (flash against window light)."""
FOLLOWING_EV = 0.35
"""Brightness of the picture follows exposure by at least this part, clipping included."""
BLIND_RANGE_EV = 1.5
"""Range of brightness that makes a bracket of alike frames without exposure data."""
LEAST_STEP_EV = 0.3
"""The smallest step of a bracketing menu, a third of a stop."""
HAND_S = 1.0
"""No hand turns a dial between frames that follow each other faster."""
_UNREAD = BRACKETING_CODES[None]
_NONE = BRACKETING_CODES[Bracketing.NONE]
_EXPOSURE = BRACKETING_CODES[Bracketing.EXPOSURE]
_FOCUS = BRACKETING_CODES[Bracketing.FOCUS]
_OTHER = BRACKETING_CODES[Bracketing.OTHER]


def says_something(columns: PhotoColumns, rows: Rows) -> NDArray[np.bool_]:
    """(rows,) whether the camera says that it varied something for the frame."""
    return np.asarray(columns.bracketing[rows] > _NONE)


def said_parts(columns: PhotoColumns, rows: Rows) -> list[tuple[GroupKind, Rows]]:
    """The sets that the camera itself names among one group's rows, in order of capture, as places in
    `rows`: each run of frames of a focus stack, and each turn of an exposure bracket in such a run.

    A camera that brackets without saying what is believed where the exposure steps. Frames nobody has
    read yet go with the one before, so that a set is not torn while its notes are being read.
    """
    said = columns.bracketing[rows]
    if not (said > _NONE).any():
        return []
    known = np.flatnonzero(said != _UNREAD)
    before = np.searchsorted(known, np.arange(len(rows)), side="right") - 1
    said = said[known[np.maximum(before, 0)]]
    meant = np.where(said == _OTHER, _EXPOSURE, said)
    parts: list[tuple[GroupKind, Rows]] = []
    for run in np.split(np.arange(len(rows)), np.flatnonzero(np.diff(meant)) + 1):
        if len(run) < 2:
            continue
        if meant[run[0]] == _FOCUS:
            parts.append((GroupKind.FOCUS_STACK, run))
        elif meant[run[0]] == _EXPOSURE:
            sure = bool((said[run] == _EXPOSURE).all())
            parts += [(GroupKind.BRACKET, turn) for turn in _said_turns(columns, rows, run, sure)]
    return parts


def _said_turns(columns: PhotoColumns, rows: Rows, run: Rows, sure: bool) -> list[Rows]:
    """The brackets of a run of bracketed frames; all of it when its exposures do not tell them apart."""
    steps = columns.exposure_ev[rows[run]].astype(np.float64)
    if np.isnan(steps).any():
        return [run] if sure else []
    turns = [run[turn] for turn in _turns(steps) if len(turn) >= 2 and np.ptp(steps[turn]) >= LEAST_STEP_EV]
    return turns or ([run] if sure else [])


def was_unbracketed(columns: PhotoColumns, rows: Rows) -> bool:
    """Whether the camera says that it did not bracket these frames and no hand can have done it."""
    times = columns.taken_us[rows]
    if len(rows) < 2 or (columns.bracketing[rows] != _NONE).any() or (times == NO_TIME).any():
        return False
    bias = columns.bias_ev[rows]
    dialled = not np.isnan(bias).any() and float(np.ptp(bias)) >= LEAST_STEP_EV
    return not dialled and float(np.median(np.diff(times))) < HAND_S * 1e6


def bracket_parts(columns: PhotoColumns, looks: Looks | None, rows: Rows) -> list[Rows]:
    """The brackets among one group's rows, in order of capture, as places in `rows`."""
    bias = columns.bias_ev[rows].astype(np.float64)
    exposure = columns.exposure_ev[rows].astype(np.float64)
    bright = look_distance.brightness_ev(looks[rows]) if looks is not None else None
    if bright is not None and not look_distance.known(looks[rows]).all():  # type: ignore[index]
        bright = None
    deliberate = bool(not np.isnan(bias).any() and np.ptp(bias) >= BRACKET_STEP_EV)
    if deliberate:
        steps = bias if np.isnan(exposure).any() or np.ptp(exposure) < BRACKET_STEP_EV else exposure
    elif not np.isnan(exposure).any():
        steps = exposure
    elif np.isnan(exposure).all() and bright is not None:
        return [np.arange(len(rows))] if _is_blind_bracket(bright) else []
    else:
        return []
    return [
        turn
        for turn in _turns(steps)
        if _is_bracket(steps[turn], None if bright is None else bright[turn], deliberate)
    ]


def _turns(steps: Values) -> list[Rows]:
    """The frames parted where two in a row have one exposure, and where the exposures begin anew."""
    cuts = np.flatnonzero(np.abs(np.diff(steps)) < SAME_EXPOSURE_EV) + 1
    turns: list[Rows] = []
    for part in np.split(np.arange(len(steps)), cuts):
        cycle = _period(steps[part])
        turns += np.split(part, range(cycle, len(part), cycle))
    return turns


def _period(steps: Values) -> int:
    """After how many frames the exposures repeat; all of them when they do not."""
    for period in range(2, min(9, len(steps) // 2) + 1):
        repeats = np.abs(steps[period:] - steps[:-period]) < SAME_EXPOSURE_EV
        if len(steps) % period == 0 and repeats.all():
            return period
    return max(len(steps), 1)


def _is_bracket(steps: Values, bright: Values | None, deliberate: bool) -> bool:
    if len(steps) < 2:
        return False
    span = float(np.ptp(steps))
    if span < BRACKET_RANGE_EV or float(np.median(np.abs(np.diff(steps)))) < BRACKET_STEP_EV:
        return False
    if deliberate or span >= SURE_RANGE_EV:
        return True
    # Exposure as EV at ISO 100: less of it is more light. An automatic exposure keeps the picture's
    # brightness, a bracket changes it.
    if bright is None or len(steps) < 3:
        return False
    slope = float(np.polyfit(steps, bright, 1)[0])
    return slope <= -FOLLOWING_EV


def _is_blind_bracket(bright: Values) -> bool:
    """Alike frames that go from dark to bright in distinct steps."""
    if len(bright) < 3:
        return False
    gaps = np.diff(np.sort(bright))
    return float(np.ptp(bright)) >= BLIND_RANGE_EV and float(np.median(gaps)) >= SAME_EXPOSURE_EV
