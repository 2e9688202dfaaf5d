"""Which photos are one moment, from capture time, camera, look and embedding.

Linear: photos are put in order of capture and each is compared with the next few frames of its
camera; what alikeness is asked for grows with the time between. Photos without a time (or with one
that a crowd of others shares) are compared with their neighbours by name in the same folder, by look
alone. Sets are then recognised among the groups, and what the user did by hand wins over all.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from culler.ranking import looks as look_distance
from culler.ranking.columns import NO_TIME, PhotoColumns
from culler.ranking.groups import Grouping, GroupKind, Labels, Rows, StackEditKind, StackEdits, gather
from culler.ranking.order import name_ranks
from culler.ranking.sets import recognise_sets

Looks = NDArray[np.uint8]
Pairs = tuple[Rows, Rows]

CROWD = 60
"""More frames than this in one tick of a camera's clock: the clock stands still and tells nothing."""
REACH = 3
"""Each frame is compared with so many that follow it, so that one odd frame splits no burst."""
REACH_BY_NAME = 8
"""The same without times, where there is nothing but the look to go by."""
# dHash bits that may differ, by the time between two frames in units of the gap knob. Unrelated
# photos differ in 13 bits or fewer once in 1,000 pairs, in 17 or fewer once in 200.
GAP_EDGES = (1.0, 4.0, 15.0, 45.0)
BITS_BY_GAP = (24, 18, 14, 10)
LOOK_BY_GAP = (0.24, 0.2, 0.17, 0.14)
HOPELESS_BITS = 27
"""Frames that differ in more bits are not looked at more closely."""
BITS_BY_NAME = 8
LOOK_BY_NAME = 0.14
HOPELESS_BITS_BY_NAME = 22
UNSEEN_GAP_S = 1.0
"""Frames not decoded yet are one burst when they are this close and the knob allows it."""


@dataclass(frozen=True, slots=True)
class Knobs:
    """What the user turns. `gap_s` is the time within which frames are taken for one burst (similar
    ones are looked for up to 45 times as far); `similarity` in [0, 1] is how alike frames must look:
    0 hardly at all, 1 exactly."""

    gap_s: float = 2.0
    similarity: float = 0.5

    @property
    def tolerance(self) -> float:
        """What the allowed differences are multiplied by: 2 at no similarity, 0 at full."""
        return 2.0 * (1.0 - min(max(self.similarity, 0.0), 1.0))


DEFAULT_KNOBS = Knobs()


@dataclass(frozen=True, slots=True)
class Embeddings:
    """Feature vectors (n, d) of one encoder, rows of zeros or NaN where there is none, and the cosine
    from which two photos of that encoder are the same scene."""

    vectors: NDArray[np.floating[Any]]
    same_scene: float


def group_photos(
    columns: PhotoColumns,
    knobs: Knobs = DEFAULT_KNOBS,
    *,
    looks: Looks | None = None,
    embeddings: Embeddings | None = None,
    edits: StackEdits = (),
    names: Rows | None = None,
) -> Grouping:
    """Groups of two photos and more.

    `looks` (n, 384) and `embeddings` sharpen what the 64-bit hash leaves open; either may be absent.
    `names` are the rows' ranks by name (`order.Precedence.name_ranks`) where the caller keeps them.
    Videos are never grouped, except by hand.
    """
    n = len(columns)
    sequence, count = capture_sequence(columns, names)
    evidence = _Evidence(columns, knobs, looks, embeddings)
    labels = evidence.by_time(sequence[:count])
    labels = np.concatenate([labels, np.arange(n - count) + (labels[-1] + 1 if count else 0)])
    if count < n:
        labels = evidence.by_name(sequence, labels, count, names)
    hand = _apply(edits, columns, sequence, labels)
    labels, kinds = recognise_sets(columns, looks, sequence, count, labels, hand, knobs.gap_s)
    return gather(sequence, labels, kinds, set(hand))


def capture_sequence(columns: PhotoColumns, names: Rows | None = None) -> tuple[Rows, int]:
    """All rows, and how many of them have a time of their own: these first, by camera and time, then
    the others by folder and name, videos last."""
    timed = (columns.taken_us != NO_TIME) & ~columns.video
    if timed.all():
        rows = np.lexsort((columns.taken_us, columns.camera))
    else:
        rows = np.flatnonzero(timed)
        rows = rows[np.lexsort((columns.taken_us[rows], columns.camera[rows]))]
    times, cameras = columns.taken_us[rows], columns.camera[rows]
    # A clock that stands still: frames of one tick beyond CROWD lose their time.
    if len(rows) > CROWD:
        crowded = (times[CROWD:] == times[:-CROWD]) & (cameras[CROWD:] == cameras[:-CROWD])
        if crowded.any():
            edges = np.zeros(len(rows) + 1, np.int64)
            starts = np.flatnonzero(crowded)
            np.add.at(edges, starts, 1)
            np.add.at(edges, starts + CROWD + 1, -1)
            still = np.cumsum(edges[:-1]) > 0
            timed[rows[still]] = False
            rows = rows[~still]
    others = np.flatnonzero(~timed)
    if len(others):
        ranks = name_ranks(columns.names[others], columns.ids[others]) if names is None else names[others]
        others = others[np.lexsort((ranks, columns.folder[others], columns.video[others]))]
    return np.concatenate([rows, others]), len(rows)


class _Evidence:
    """The pairs that belong together, and the labels that follow from them."""

    def __init__(
        self, columns: PhotoColumns, knobs: Knobs, looks: Looks | None, embeddings: Embeddings | None
    ) -> None:
        self.columns, self.knobs, self.looks, self.embeddings = columns, knobs, looks, embeddings

    def by_time(self, rows: Rows) -> Labels:
        """Labels of timed rows, given by camera and time; ascending along the sequence."""
        if not len(rows):
            return np.zeros(0, np.int64)
        times, cameras = self.columns.taken_us[rows], self.columns.camera[rows]
        hashes = self.columns.dhash[rows]
        window_us = np.int64(min(self.knobs.gap_s * GAP_EDGES[-1], 1e9) * 1e6)
        labels = np.zeros(len(rows), np.int64)
        for reach in range(1, min(REACH, len(rows) - 1) + 1):
            gaps = times[reach:] - times[:-reach]
            near = (gaps <= window_us) & (cameras[reach:] == cameras[:-reach])
            if reach > 1:
                near &= labels[reach:] != labels[:-reach]
            first = np.flatnonzero(near)
            joined = first[self._alike(rows, hashes, first, first + reach, gaps[first])]
            if reach == 1:
                breaks = np.ones(len(rows), np.int64)
                breaks[0] = 0
                breaks[joined + 1] = 0
                labels = np.cumsum(breaks)
            elif len(joined):
                labels = merged(labels, labels[joined], labels[joined + reach])
        return labels

    def _alike(
        self, rows: Rows, hashes: NDArray[np.uint64], first: Rows, second: Rows, gaps: NDArray[np.int64]
    ) -> NDArray[np.bool_]:
        tolerance = self.knobs.tolerance
        a, b = hashes[first], hashes[second]
        bits = np.bitwise_count(a ^ b)
        # Half-open classes of the gap: within one knob's width, within four of them, …
        edges_us = np.array([edge * self.knobs.gap_s * 1e6 for edge in GAP_EDGES[:-1]]).astype(np.int64)
        gap_class = np.searchsorted(edges_us, gaps, side="left")
        alike = bits <= (np.array(BITS_BY_GAP) * tolerance)[gap_class]
        unseen = (a == 0) | (b == 0)
        if unseen.any():
            alike[unseen] = gaps[unseen] <= min(self.knobs.gap_s, UNSEEN_GAP_S) * 1e6
        if self.looks is not None or self.embeddings is not None:
            open_ = np.flatnonzero(~alike & ~unseen & (bits <= HOPELESS_BITS * max(tolerance, 1.0)))
            if self.looks is not None and len(open_):
                limits = np.array(LOOK_BY_GAP)[gap_class[open_]] * tolerance
                unlike = look_distance.distances(self.looks, rows[first[open_]], rows[second[open_]])
                alike[open_] = unlike <= limits
            if self.embeddings is not None:
                rest = np.flatnonzero(~alike)
                alike[rest] = self._same_scene(rows[first[rest]], rows[second[rest]])
        return np.asarray(alike)

    def _same_scene(self, first: Rows, second: Rows) -> NDArray[np.bool_]:
        assert self.embeddings is not None
        vectors, result = self.embeddings.vectors, np.zeros(len(first), bool)
        # The knob moves the encoder's own threshold towards 1 (stricter) or away from it.
        threshold = 1.0 - (1.0 - self.embeddings.same_scene) * self.knobs.tolerance
        at_once = max(1, 4_000_000 // max(vectors.shape[1], 1))
        for start in range(0, len(first), at_once):
            a = vectors[first[start : start + at_once]].astype(np.float32)
            b = vectors[second[start : start + at_once]].astype(np.float32)
            dots = np.einsum("nd,nd->n", a, b)
            norms = np.sqrt(np.einsum("nd,nd->n", a, a) * np.einsum("nd,nd->n", b, b))
            # Unknown vectors have no direction: 0 and NaN compare as unlike.
            result[start : start + at_once] = (norms > 0) & (dots >= threshold * norms)
        return result

    def by_name(self, sequence: Rows, labels: Labels, count: int, names: Rows | None) -> Labels:
        """Labels with photos that have no time joined to neighbours by name, timed ones included."""
        columns = self.columns
        # Timed photos of folders that also hold untimed ones come along as possible neighbours.
        folders = np.unique(columns.folder[sequence[count:]])
        beside = np.flatnonzero(np.isin(columns.folder[sequence[:count]], folders))
        positions = np.concatenate([beside, np.arange(count, len(sequence))])
        positions = positions[~columns.video[sequence[positions]]]
        rows = sequence[positions]
        ranks = name_ranks(columns.names[rows], columns.ids[rows]) if names is None else names[rows]
        along = np.lexsort((ranks, columns.folder[rows]))
        positions, rows = positions[along], rows[along]
        hashes, folder, camera = columns.dhash[rows], columns.folder[rows], columns.camera[rows]
        has_time = positions < count
        for reach in range(1, min(REACH_BY_NAME, len(rows) - 1) + 1):
            a, b = slice(None, -reach), slice(reach, None)
            bits = np.bitwise_count(hashes[a] ^ hashes[b])
            near = (bits <= HOPELESS_BITS_BY_NAME * max(self.knobs.tolerance, 1.0)) & (folder[a] == folder[b])
            near &= (hashes[a] != 0) & (hashes[b] != 0) & ~(has_time[a] & has_time[b])
            near &= (camera[a] == camera[b]) | (camera[a] < 0) | (camera[b] < 0)
            near &= labels[positions[a]] != labels[positions[b]]
            first = np.flatnonzero(near)
            alike = bits[first] <= BITS_BY_NAME * self.knobs.tolerance
            if self.looks is not None and len(first):
                # The hash alone confuses plain skies and walls: where there is a look, it decides.
                limit = LOOK_BY_NAME * self.knobs.tolerance
                unlike = look_distance.distances(self.looks, rows[first], rows[first + reach], limit)
                alike = np.where(np.isinf(unlike), alike, unlike <= limit)
            joined = first[alike]
            if len(joined):
                labels = merged(labels, labels[positions[joined]], labels[positions[joined + reach]])
        return labels


def merged(labels: Labels, first: Labels, second: Labels) -> Labels:
    """Labels (below their number + 1) after uniting pairs of them; each set takes its lowest."""
    parent = np.arange(int(labels.max()) + 1)
    first, second = np.minimum(first, second), np.maximum(first, second)
    while True:
        # Hook the higher root below the lower one, then shorten all ways to the root.
        roots_a, roots_b = parent[first], parent[second]
        low, high = np.minimum(roots_a, roots_b), np.maximum(roots_a, roots_b)
        apart = low != high
        if not apart.any():
            return parent[labels]
        np.minimum.at(parent, high[apart], low[apart])
        while True:
            shorter = parent[parent]
            if (shorter == parent).all():
                break
            parent = shorter


def _apply(edits: StackEdits, columns: PhotoColumns, sequence: Rows, labels: Labels) -> dict[int, GroupKind]:
    """Relabel in place by the user's edits, in order; answers the labels made by hand and their kind."""
    if not edits:
        return {}
    position = np.empty(len(sequence), np.intp)
    position[sequence] = np.arange(len(sequence))
    by_id = np.argsort(columns.ids, kind="stable")
    sorted_ids = columns.ids[by_id]
    hand: dict[int, GroupKind] = {}
    fresh = int(labels.max()) + 1 if len(labels) else 0
    for edit in edits:
        wanted = np.array(edit.photo_ids, np.int64)
        at = np.searchsorted(sorted_ids, wanted)
        present = at < len(sorted_ids)
        present[present] = sorted_ids[at[present]] == wanted[present]
        places = position[by_id[at[present]]]
        if not len(places):
            continue
        if edit.kind is StackEditKind.UNSTACK:
            labels[places] = fresh + np.arange(len(places))
            fresh += len(places)
            continue
        # What is split off keeps its nature: a part of a burst is a burst.
        labels[places] = fresh
        hand[fresh] = GroupKind.STACK if edit.kind is StackEditKind.STACK else GroupKind.BURST
        fresh += 1
    return hand
