import numpy as np

from culler.ranking.columns import RowsById, empty, joined


def test_photos_are_found_by_id_whatever_their_order() -> None:
    rows = RowsById(np.array([7, 3, 40, 12], np.int64))
    assert rows.of([12, 5, 7, 99, 3]).tolist() == [3, -1, 0, -1, 1]
    assert [rows.one(photo_id) for photo_id in (40, 1, 41)] == [2, None, None]


def test_no_photos_have_no_rows() -> None:
    rows = RowsById(empty().ids)
    assert rows.of([1, 2]).tolist() == [-1, -1] and rows.one(1) is None


def test_joined_columns_are_one_behind_the_other() -> None:
    first, second = empty(2), empty(1)
    second.names[:] = "b.jpg"
    assert joined([first, second]).names.tolist() == ["", "", "b.jpg"]
    assert len(joined([])) == 0
