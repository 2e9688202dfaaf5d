"""The model of the grid, without a view."""

import sys

import numpy as np
import pytest
from PySide6.QtCore import QPersistentModelIndex, Qt
from PySide6.QtTest import QAbstractItemModelTester

from culler.domain.decision import ColorLabel, Flag
from culler.ranking.columns import FLAG_CODES, FOREIGN_LABEL, LABEL_CODES, PhotoColumns, empty
from culler.ui.photo_cell import Role
from culler.ui.photo_model import PhotoModel


def some_photos(count: int) -> PhotoColumns:
    columns = empty(count)
    columns.ids[:] = np.arange(count) * 3 + 10
    columns.names[:] = [f"day one/DSC_{at:04d}.NEF" for at in range(count)]
    columns.quality[:] = [0.05, 0.05, 0.1, 0.7, 0.1]
    return columns


@pytest.fixture
def model(qapp: object) -> PhotoModel:
    model = PhotoModel(lambda ids: [f"/photos/{photo_id}.NEF" for photo_id in ids])
    model.set_columns(some_photos(6))
    return model


def watched(model: PhotoModel) -> QAbstractItemModelTester:
    return QAbstractItemModelTester(model, QAbstractItemModelTester.FailureReportingMode.Fatal)


def test_rows_follow_the_order_array(model: PhotoModel) -> None:
    model.set_order(np.array([4, 0, 2]))
    assert model.rowCount() == 3
    assert [model.photo_id(model.index(row)) for row in range(3)] == [22, 10, 16]
    assert [model.row_of(photo_id) for photo_id in (10, 13, 16, 22, 999)] == [1, -1, 2, 0, -1]


def test_a_persistent_index_follows_its_photo(model: PhotoModel) -> None:
    held = QPersistentModelIndex(model.index_of(16))
    model.set_order(np.array([5, 4, 3, 2, 1, 0]))
    assert held.row() == 3
    assert held.data(Role.PHOTO_ID) == 16


def test_a_persistent_index_of_a_filtered_photo_becomes_invalid(model: PhotoModel) -> None:
    held = QPersistentModelIndex(model.index_of(16))
    model.set_order(np.array([0, 1]))
    assert not held.isValid()


def test_new_columns_keep_indexes_of_photos_that_stay(model: PhotoModel) -> None:
    held = QPersistentModelIndex(model.index_of(16))
    more = some_photos(8)
    model.set_columns(more.take(np.array([7, 6, 5, 4, 3, 2])))
    assert held.row() == 5
    assert held.data(Role.PHOTO_ID) == 16


def test_qt_finds_no_fault_while_orders_and_columns_change(model: PhotoModel) -> None:
    tester = watched(model)
    random = np.random.default_rng(1)
    for size in (6, 0, 3, 6, 1):
        model.set_order(random.permutation(6)[:size])
    model.set_columns(some_photos(300))
    model.patch(some_photos(300).take(np.arange(0, 300, 7)))
    model.set_columns(empty())
    assert tester.model() is model


def test_a_patch_replaces_rows_by_id_and_names_them(model: PhotoModel, qtbot: object) -> None:
    model.set_order(np.array([5, 4, 3, 2, 1, 0]))
    subset = some_photos(6).take(np.array([1, 2, 5]))
    subset.stars[:] = [4, 5, 3]
    announced: list[tuple[int, int]] = []
    model.dataChanged.connect(lambda first, last: announced.append((first.row(), last.row())))
    model.patch(subset)
    assert [model.index_of(photo_id).data(Role.STARS) for photo_id in (13, 16, 25, 10)] == [4, 5, 3, 0]
    assert announced == [(0, 0), (3, 4)]


def test_a_scattered_patch_is_announced_once(qapp: object) -> None:
    model = PhotoModel(lambda ids: [])
    model.set_columns(some_photos(1000))
    announced: list[tuple[int, int]] = []
    model.dataChanged.connect(lambda first, last: announced.append((first.row(), last.row())))
    model.patch(some_photos(1000).take(np.arange(10, 1000, 2)))
    assert announced == [(10, 998)]


def test_a_patch_ignores_photos_that_are_not_there_and_is_silent_for_hidden_ones(model: PhotoModel) -> None:
    model.set_order(np.array([0]))
    announced: list[int] = []
    model.dataChanged.connect(lambda first, last: announced.append(first.row()))
    subset = some_photos(9).take(np.array([3, 8]))
    subset.stars[:] = 5
    model.patch(subset)
    assert announced == []
    model.set_order(np.arange(6))
    assert model.index(3).data(Role.STARS) == 5


def test_a_patch_leaves_columns_that_may_not_be_written_alone(qapp: object) -> None:
    columns = some_photos(3)
    columns.stars.flags.writeable = False
    model = PhotoModel(lambda ids: [])
    model.set_columns(columns)
    subset = some_photos(3).take(np.array([1]))
    subset.stars[:] = 2
    model.patch(subset)
    assert model.index(1).data(Role.STARS) == 2
    assert columns.stars.tolist() == [0, 0, 0]


def test_every_mark_and_state_has_its_role(model: PhotoModel) -> None:
    columns = model.columns
    columns.flag[0], columns.stars[0] = FLAG_CODES[Flag.PICK], 3
    columns.label[0] = LABEL_CODES[ColorLabel.GREEN]
    columns.failed[0] = columns.video[0] = True
    columns.missing[1] = columns.damaged[1] = True
    columns.label[1] = FOREIGN_LABEL
    columns.quality[1] = np.nan
    first, second = model.index(0), model.index(1)
    assert first.data(Role.NAME) == first.data(Qt.ItemDataRole.DisplayRole) == "DSC_0000.NEF"
    assert first.data(Role.FLAG) == Flag.PICK
    assert (first.data(Role.STARS), first.data(Role.LABEL)) == (3, ColorLabel.GREEN)
    assert (first.data(Role.FAILED), first.data(Role.VIDEO), first.data(Role.MISSING)) == (True, True, False)
    assert (second.data(Role.MISSING), second.data(Role.DAMAGED)) == (True, True)
    assert second.data(Role.LABEL) is None
    assert first.data(Role.QUALITY) == pytest.approx((0.05, 0.05, 0.1, 0.7, 0.1))
    assert second.data(Role.QUALITY) is None
    assert first.data(Role.AESTHETICS) is None
    assert first.data(Qt.ItemDataRole.ToolTipRole) == "day one/DSC_0000.NEF"


def test_stacks_and_suggestions_are_none_until_set(model: PhotoModel) -> None:
    index = model.index(1)
    assert index.data(Role.STACK) is None
    assert index.data(Role.GHOST) == Flag.NONE
    model.set_stacks(np.array([1, 2, 1, 1, 1, 1]), np.array([2, 2, 1, 1, 0, 0]))
    model.set_ghosts(np.array([0, -1, 0, 0, 0, 1], np.int8))
    assert index.data(Role.STACK) == (2, 2)
    assert model.index(2).data(Role.STACK) is None
    assert index.data(Role.GHOST) == Flag.REJECT
    model.set_columns(some_photos(3))
    assert model.index(1).data(Role.STACK) is None


def test_a_screen_reader_hears_name_level_stars_and_flag(model: PhotoModel) -> None:
    columns = model.columns
    columns.stars[0], columns.flag[0] = 3, FLAG_CODES[Flag.PICK]
    assert model.index(0).data(Qt.ItemDataRole.AccessibleTextRole) == "DSC_0000.NEF, good, 3 stars, picked"
    columns.quality[1] = np.nan
    columns.stars[1], columns.label[1], columns.missing[1] = 1, LABEL_CODES[ColorLabel.RED], True
    said = model.index(1).data(Qt.ItemDataRole.AccessibleTextRole)
    assert said == "DSC_0001.NEF, not scored, 1 star, red label, missing"
    model.set_unwritten(frozenset({model.photo_id(model.index(2))}))
    assert model.index(2).data(Qt.ItemDataRole.AccessibleTextRole).endswith("unwritten")


def test_dragging_photos_out_offers_their_files(model: PhotoModel) -> None:
    model.set_order(np.array([2, 0]))
    mime = model.mimeData([model.index(0), model.index(1)])
    assert [url.toLocalFile() for url in mime.urls()] == ["/photos/16.NEF", "/photos/10.NEF"]
    assert model.flags(model.index(0)) & Qt.ItemFlag.ItemIsDragEnabled
    assert model.supportedDragActions() == Qt.DropAction.CopyAction


def test_nobody_loses_references_to_none(model: PhotoModel) -> None:
    """PySide6 6.12.0 drops one at nearly every void call, and the interpreter dies of it."""
    model.set_order(np.arange(6))
    before = sys.getrefcount(None)
    for _ in range(2000):
        model.dataChanged.emit(model.index(0), model.index(1))
        model.setObjectName("photos")
    assert sys.getrefcount(None) > before - 500
