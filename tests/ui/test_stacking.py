"""Closed and open stacks in a list, without a window."""

import numpy as np
import pytest

from culler.ranking.columns import PhotoColumns, empty
from culler.ranking.filters import Filter
from culler.ranking.groups import KIND_CODES, GroupKind, gather
from culler.ranking.order import SortKey
from culler.ui.collection import Collection
from culler.ui.stacking import Stacking
from culler.workflow.standings import Standings


def timed(count: int) -> PhotoColumns:
    """Photos a second apart."""
    columns = empty(count)
    columns.taken_us[:] = np.arange(count) * 1_000_000
    return columns


def standing(stacks: list[tuple[int, list[int]]], count: int) -> Standings:
    """Photos 0 … count − 1, of which `stacks` gives (a label, photos best first)."""
    labels = np.arange(count, dtype=np.int64) + 100
    place, size = np.zeros(count, np.int32), np.ones(count, np.int32)
    for label, photos in stacks:
        labels[photos] = label
        place[photos] = np.arange(1, len(photos) + 1)
        size[photos] = len(photos)
    sequence = np.arange(count, dtype=np.intp)
    kinds = np.full(count + 200, KIND_CODES[GroupKind.BURST], np.int8)
    grouping = gather(sequence, labels, kinds, set())
    return Standings(np.arange(count, dtype=np.int64), grouping, None, place, place, size, np.zeros(count))


@pytest.fixture
def found() -> Standings:
    return standing([(0, [1, 0, 2]), (1, [6, 4])], 7)


def shown(collection: Collection, stacking: Stacking) -> list[int]:
    collection.stack(stacking)
    collection.show()
    return [int(photo_id) for photo_id in collection.shown_ids]


@pytest.fixture
def collection(found: Standings) -> Collection:
    made = Collection()
    made.replace(timed(len(found.ids)))
    return made


def test_a_closed_stack_is_its_best_frame_where_that_frame_is(
    collection: Collection, found: Standings
) -> None:
    assert shown(collection, Stacking(found, True)) == [1, 3, 5, 6]


def test_an_open_stack_has_its_frames_together_best_first(collection: Collection, found: Standings) -> None:
    assert shown(collection, Stacking(found, True, frozenset({0}))) == [1, 0, 2, 3, 5, 6]
    assert shown(collection, Stacking(found, True, frozenset({6}))) == [1, 3, 5, 6, 4]


def test_expanded_stacks_leave_the_order_alone_but_for_the_closed(
    collection: Collection, found: Standings
) -> None:
    assert shown(collection, Stacking(found, False)) == [0, 1, 2, 3, 4, 5, 6]
    assert shown(collection, Stacking(found, False, frozenset({2}))) == [1, 3, 4, 5, 6]


def test_the_best_frame_that_a_filter_lets_through_stands_for_the_stack(
    collection: Collection, found: Standings
) -> None:
    collection.columns.stars[[0, 2, 4]] = 3
    collection.filter = Filter(min_stars=1)
    assert shown(collection, Stacking(found, True)) == [0, 4]
    assert collection.stand_in(1) == 0
    assert collection.stand_in(3) is None


def test_a_filter_may_hide_every_stack(collection: Collection, found: Standings) -> None:
    collection.columns.stars[3] = 3
    collection.filter = Filter(min_stars=1)
    assert shown(collection, Stacking(found, True)) == [3]
    collection.filter = Filter(min_stars=5)
    assert shown(collection, Stacking(found, True)) == []


def test_the_order_of_stacks_is_that_of_their_best_frames(collection: Collection, found: Standings) -> None:
    collection.key, collection.descending = SortKey.TIME, True
    collection.sort()
    assert shown(collection, Stacking(found, True)) == [6, 5, 3, 1]


def test_photos_that_came_later_stand_alone(collection: Collection, found: Standings) -> None:
    collection.stack(Stacking(found, True))
    late = empty(1)
    late.ids[:] = 9
    collection.patch(late, renamed=True)
    collection.show()
    assert collection.shown_ids.tolist() == [1, 3, 5, 6, 9]


def test_what_is_asked_for_photo_by_photo_is_not_folded(collection: Collection, found: Standings) -> None:
    collection.only = frozenset({0, 1, 3})
    assert shown(collection, Stacking(found, True)) == [0, 1, 3]


def test_a_hundred_thousand_photos_fold_in_a_blink() -> None:
    import time

    count = 100_000
    found = standing([(at, list(range(at * 5, at * 5 + 5))) for at in range(100)], count)
    rows = np.random.default_rng(0).permutation(count).astype(np.intp)
    stacking = Stacking(found, True)
    stacking.align(found.ids)
    start = time.perf_counter()
    folded = stacking.folded(rows)
    assert time.perf_counter() - start < 0.25
    assert len(folded) == count - 400
