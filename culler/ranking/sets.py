"""Sets among the groups: exposure brackets, focus stacks and panorama sweeps, which are kept whole.

The camera's own word wins where its notes were read. Otherwise a set is recognised by what makes it:
exposures that step while the scene stays (`ranking.brackets`), a steady series at one exposure whose
look drifts one way, frames that each overlap the one before by a part. A focus stack shot as fast as
a burst, by a camera that does not say so, stays a burst; a stack made by hand settles it.
"""

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from culler.ranking import looks as look_distance
from culler.ranking.brackets import (
    BRACKET_RANGE_EV,
    BRACKET_STEP_EV,
    bracket_parts,
    said_parts,
    says_something,
    was_unbracketed,
)
from culler.ranking.columns import PhotoColumns
from culler.ranking.groups import KIND_CODES, GroupKind, Labels, Rows, blocks

Looks = NDArray[np.uint8]
Values = NDArray[np.float64]

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
            parts = _set_parts(columns, looks, rows)
            if len(parts) == 1 and len(parts[0][1]) == len(rows):
                found[label] = parts[0][0]
            elif label not in by_hand:
                for kind, part in parts:
                    labels[dated[part]] = fresh
                    found[fresh] = kind
                    fresh += 1
    codes = np.append(codes, np.full(fresh - len(codes), KIND_CODES[GroupKind.BURST], np.int8))
    for label, kind in {**by_hand, **found}.items():
        if kind is not GroupKind.BURST:
            codes[label] = KIND_CODES[kind]
    return labels, codes


def _set_parts(columns: PhotoColumns, looks: Looks | None, rows: Rows) -> list[tuple[GroupKind, Rows]]:
    """The sets among one group's rows, in order of capture, as places in `rows`."""
    said = said_parts(columns, rows)
    if said:
        return said
    if _is_focus_stack(columns, rows):
        return [(GroupKind.FOCUS_STACK, np.arange(len(rows)))]
    if was_unbracketed(columns, rows):
        return []
    return [(GroupKind.BRACKET, part) for part in bracket_parts(columns, looks, rows)]


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
    """Groups worth a closer look: their exposure varies or is unknown, they are long and slow, or the
    camera says something of them."""
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
    said = says_something(columns, members)
    if said.any():
        suspicious |= np.logical_or.reduceat(said, inside)
    yield from np.flatnonzero(suspicious | slow | blind).tolist()


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
