"""Columns, order and filter of the opened folders, without a window."""

import numpy as np
import pytest

from culler.domain.decision import Flag
from culler.ranking.columns import PhotoColumns, empty
from culler.ranking.filters import Filter
from culler.ranking.order import SortKey
from culler.ui.collection import Collection


def photos(*ids: int) -> PhotoColumns:
    columns = empty(len(ids))
    columns.ids[:] = ids
    columns.names[:] = [f"DSC_{id_:03d}.jpg" for id_ in ids]
    columns.taken_us[:] = [id_ * 1_000_000 for id_ in ids]
    return columns


@pytest.fixture
def collection() -> Collection:
    found = Collection()
    found.replace(photos(10, 20, 30, 40))
    return found


def test_new_rows_go_behind_the_others_until_all_are_sorted(collection: Collection) -> None:
    assert collection.patch(photos(25, 15), renamed=True)
    collection.show()
    assert collection.shown_ids.tolist() == [10, 20, 30, 40, 15, 25]
    collection.sort()
    collection.show()
    assert collection.shown_ids.tolist() == [10, 15, 20, 25, 30, 40]


def test_known_rows_are_patched_in_place(collection: Collection) -> None:
    part = photos(30)
    part.stars[0] = 4
    before = collection.columns
    assert not collection.patch(part, renamed=False)
    assert collection.columns is before
    assert collection.columns.stars.tolist() == [0, 0, 4, 0]


def test_what_took_the_place_of_a_hidden_photo_is_the_next_that_stays(collection: Collection) -> None:
    was = collection.shown_ids
    collection.columns.flag[1:3] = -1
    collection.filter = Filter(flags=frozenset({Flag.NONE}))
    assert collection.show()
    assert collection.successor(was, 1) == 40
    collection.columns.flag[3] = -1
    collection.show()
    assert collection.successor(was, 3) == 10
    collection.columns.flag[0] = -1
    collection.show()
    assert collection.successor(was, 3) is None


def test_showing_says_whether_the_list_is_another(collection: Collection) -> None:
    assert not collection.show()
    collection.filter = Filter(text="dsc_0")
    assert not collection.show()
    collection.filter = Filter(text="020")
    assert collection.show()


def test_neighbours_follow_the_order(collection: Collection) -> None:
    collection.descending = True
    collection.sort()
    collection.show()
    assert collection.neighbour(30, 1) == 20
    assert collection.neighbour(40, -1) is None
    assert collection.neighbour(999, 1) is None


def test_levels_are_of_quality_else_of_aesthetics(collection: Collection) -> None:
    assert collection.levels_of(10) is None
    collection.columns.aesthetics[0] = [0, 0, 0, 0, 1]
    assert collection.levels_of(10).mean == pytest.approx(5)
    collection.columns.quality[0] = [1, 0, 0, 0, 0]
    assert collection.levels_of(10).mean == pytest.approx(1)


def test_scores_sort_unscored_photos_last(collection: Collection) -> None:
    collection.columns.quality[2] = np.array([0, 0, 0, 1, 0], np.float32)
    collection.key, collection.descending = SortKey.QUALITY, True
    collection.sort()
    collection.show()
    assert collection.shown_ids.tolist() == [30, 10, 20, 40]


def test_a_dropped_photo_leaves_the_others_in_their_order(collection: Collection) -> None:
    before = collection.shown_ids.tolist()
    collection.set_taste(np.array([before[2]]), np.array([[0, 0, 0, 0, 1]], np.float32))
    assert collection.drop([before[1], 99])
    collection.show()
    assert collection.shown_ids.tolist() == [photo_id for photo_id in before if photo_id != before[1]]
    assert before[1] not in collection
    assert all(collection.columns.ids[collection.row_of(photo_id)] == photo_id for photo_id in before[2:])
    assert collection.taste_of(before[0]) is None and collection.taste_of(before[2]) is not None
    assert not collection.drop([99])
