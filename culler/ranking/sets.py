"""Sets among the groups: exposure brackets, focus stacks and panorama sweeps, which are kept whole.

Recognised by what makes a set: exposures that step while the scene stays (EXIF, or brightness where
there is none), a steady series at one exposure whose look drifts one way, frames that each overlap
the one before by a part. A set shot too fast to tell from a burst (an in-camera focus stack without
its focus distances) stays a burst; a stack made by hand settles it.
"""

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from culler.ranking import looks as look_distance
from culler.ranking.columns import PhotoColumns
from culler.ranking.groups import KIND_CODES, GroupKind, Labels, Rows, blocks

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
STACK_FRAMES = 5
STACK_GAP_S = 1.5
"""Slower than any burst: moving a focusing rail, or refocusing by hand, between two frames."""
SWEEP_GAP_S = 10.0
SWEEP_MATCH = 0.9
"""Correlation of what two frames of a sweep have in common."""
SWEEP_FRAMES = 3
_SAMPLE = 24


def recognise_sets(
    columns: PhotoColumns,
    looks: Looks | None,
    sequence: Rows,
    timed: int,
    labels: Labels,
    by_hand: dict[int, GroupKind],
    gap_s: float,
) -> tuple[Labels, NDArray[np.int8]]:
    """Labels with brackets split off their groups and sweeps joined, and the kind code of each label.

    `labels` are those of `sequence`, of which the first `timed` have a capture time. Groups made by
    hand are left as they are; a part split off a set by hand is still recognised as one.
    """
    labels = labels.copy()
    found: dict[int, GroupKind] = {}
    fresh = int(labels.max()) + 1 if len(labels) else 0
    if looks is not None:
        for sweep in sweeps(columns, looks, sequence[:timed], labels[:timed], by_hand):
            labels[sweep] = fresh
            found[fresh] = GroupKind.PANORAMA
            fresh += 1
    by_label, firsts, sizes = blocks(labels)
    codes = np.full(fresh, KIND_CODES[GroupKind.BURST], np.int8)
    if len(firsts):
        _tell_similars(columns, sequence, timed, labels, (by_label, firsts, sizes), codes, gap_s)
        for place in _suspects(columns, looks, sequence[by_label], firsts, sizes):
            positions = by_label[firsts[place] : firsts[place] + sizes[place]]
            label = int(labels[positions[0]])
            if by_hand.get(label) is GroupKind.STACK or label in found:
                continue
            # A merged picture lost its capture time: it goes along with the set it was made from.
            dated = positions[positions < timed] if positions[0] < timed else positions
            rows = sequence[dated]
            if _is_focus_stack(columns, rows):
                found[label] = GroupKind.FOCUS_STACK
                continue
            brackets = bracket_parts(columns, looks, rows)
            if len(brackets) == 1 and len(brackets[0]) == len(rows):
                found[label] = GroupKind.BRACKET
            elif label not in by_hand:
                for part in brackets:
                    labels[dated[part]] = fresh
                    found[fresh] = GroupKind.BRACKET
                    fresh += 1
    codes = np.append(codes, np.full(fresh - len(codes), KIND_CODES[GroupKind.BURST], np.int8))
    for label, kind in {**by_hand, **found}.items():
        if kind is not GroupKind.BURST:
            codes[label] = KIND_CODES[kind]
    return labels, codes


def _tell_similars(
    columns: PhotoColumns,
    sequence: Rows,
    timed: int,
    labels: Labels,
    parts: tuple[Rows, Rows, Rows],
    codes: NDArray[np.int8],
    gap_s: float,
) -> None:
    """Groups whose frames are on average further apart than a burst's, or have no times, are views."""
    by_label, firsts, sizes = parts
    heads = by_label[firsts]
    # Members stand in order of capture, those without a time last and with the least of numbers.
    span_us = _last_time(columns, sequence[by_label], firsts, sizes) - columns.taken_us[sequence[heads]]
    untimed = by_label[firsts + sizes - 1] >= timed
    slow = untimed | (span_us > (sizes - 1) * gap_s * 1e6)
    codes[labels[heads[slow]]] = KIND_CODES[GroupKind.SIMILAR]


def _members(rows: Rows, firsts: Rows, sizes: Rows) -> tuple[Rows, Rows]:
    """The rows of all groups one after the other, and where each group begins."""
    begins = np.cumsum(sizes) - sizes
    return rows[np.repeat(firsts - begins, sizes) + np.arange(sizes.sum())], begins


def _last_time(columns: PhotoColumns, rows: Rows, firsts: Rows, sizes: Rows) -> NDArray[np.int64]:
    members, begins = _members(rows, firsts, sizes)
    return np.asarray(np.maximum.reduceat(columns.taken_us[members], begins))


def _suspects(
    columns: PhotoColumns, looks: Looks | None, rows: Rows, firsts: Rows, sizes: Rows
) -> Iterator[int]:
    """Groups worth a closer look: their exposure varies, is unknown, or they are long and slow."""
    members, inside = _members(rows, firsts, sizes)
    exposure, bias = columns.exposure_ev[members], columns.bias_ev[members]

    def spread(values: NDArray[np.float32]) -> NDArray[np.float32]:
        return np.asarray(np.fmax.reduceat(values, inside) - np.fmin.reduceat(values, inside))

    suspicious = (spread(exposure) >= BRACKET_RANGE_EV) | (spread(bias) >= BRACKET_STEP_EV)
    times = columns.taken_us[members]
    span_us = np.maximum.reduceat(times, inside) - times[inside]
    slow = (sizes >= STACK_FRAMES) & (span_us >= (STACK_FRAMES - 1) * STACK_GAP_S * 1e6)
    blind = np.zeros(len(firsts), bool)
    if looks is not None:
        blind = np.isnan(np.fmax.reduceat(exposure, inside)) & (sizes >= 3)
    yield from np.flatnonzero(suspicious | slow | blind).tolist()


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
    cuts = np.flatnonzero(np.abs(np.diff(steps)) < SAME_EXPOSURE_EV) + 1
    parts = []
    for part in np.split(np.arange(len(rows)), cuts):
        cycle = _period(steps[part])
        for turn in np.split(part, range(cycle, len(part), cycle)):
            if _is_bracket(steps[turn], None if bright is None else bright[turn], deliberate):
                parts.append(turn)
    return parts


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


def _is_focus_stack(columns: PhotoColumns, rows: Rows) -> bool:
    """A steady, slow series at one exposure and focal length whose look drifts one way."""
    if len(rows) < STACK_FRAMES:
        return False
    gaps_s = np.diff(columns.taken_us[rows]) / 1e6
    middle = float(np.median(gaps_s))
    if middle < STACK_GAP_S or float(gaps_s.max()) > 2.5 * middle or float(gaps_s.min()) < 0.3 * middle:
        return False
    for values, tolerance in ((columns.exposure_ev[rows], 0.1), (columns.focal_mm[rows], 0.05)):
        if np.isnan(values).any() or float(np.ptp(values)) > tolerance:
            return False
    sample = rows[np.unique(np.linspace(0, len(rows) - 1, _SAMPLE).round().astype(int))]
    hashes = columns.dhash[sample]
    if (hashes == 0).any():
        return False
    bits = np.bitwise_count(hashes[:, None] ^ hashes[None, :]).astype(np.float64)
    first, second = np.triu_indices(len(sample), 1)
    apart, unlike = (second - first).astype(np.float64), bits[first, second]
    if float(np.median(np.diag(bits, 1))) > 4 or float(np.ptp(unlike)) == 0.0:
        return False
    correlation = np.corrcoef(apart, unlike)
    return float(correlation[0, 1]) >= 0.6


def sweeps(
    columns: PhotoColumns, looks: Looks, rows: Rows, labels: Labels, by_hand: dict[int, GroupKind]
) -> list[Rows]:
    """Panorama sweeps among timed rows in order of capture, as positions in `rows`.

    Looked for among frames that are alone so far: a sweep's frames overlap by a part and so are not
    alike. The focal length must be known and the same, the turn go on in one direction.
    """
    if len(rows) < SWEEP_FRAMES:
        return []
    _, firsts, sizes = blocks(labels)
    by_label = np.argsort(labels, kind="stable")
    alone = np.ones(len(rows), bool)
    grouped = np.repeat(firsts, sizes) + np.arange(sizes.sum()) - np.repeat(np.cumsum(sizes) - sizes, sizes)
    alone[by_label[grouped]] = False
    alone &= ~np.isin(labels, list(by_hand))
    times, cameras = columns.taken_us[rows], columns.camera[rows]
    focal, exposure = columns.focal_mm[rows], columns.exposure_ev[rows]
    near = alone[1:] & alone[:-1] & (cameras[1:] == cameras[:-1])
    near &= times[1:] - times[:-1] <= SWEEP_GAP_S * 1e6
    near &= np.abs(focal[1:] - focal[:-1]) <= 0.02 * focal[1:]  # NaN compares as apart
    near &= ~(np.abs(exposure[1:] - exposure[:-1]) > 1.0)
    # Only runs that could make a sweep are worth correlating.
    near &= np.append(near[1:], False) | np.append(False, near[:-1])
    pairs = np.flatnonzero(near)
    if not len(pairs):
        return []
    right, down = np.zeros(len(rows) - 1, np.int8), np.zeros(len(rows) - 1, np.int8)
    match = np.zeros(len(rows) - 1, np.float32)
    right[pairs], down[pairs], match[pairs] = look_distance.sweep_shift(looks, rows[pairs], rows[pairs + 1])
    good = (match >= SWEEP_MATCH) & near
    direction = np.where(good, 3 * np.sign(right.astype(np.int64)) + np.sign(down.astype(np.int64)), 0)
    found = []
    for run in np.split(np.arange(len(direction)), np.flatnonzero(np.diff(direction) != 0) + 1):
        if len(run) >= SWEEP_FRAMES - 1 and direction[run[0]] != 0:
            found.append(np.append(run, run[-1] + 1))
    return found
