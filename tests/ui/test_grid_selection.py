"""Selections as row arrays, on a list model without a view."""

import numpy as np
import pytest
from PySide6.QtCore import QItemSelectionModel, QObject, QStringListModel

from culler.ui.grid_selection import rows_in, select_only, selection_of, selection_of_runs, spans


@pytest.fixture
def model(qapp: QObject) -> QStringListModel:
    return QStringListModel([str(row) for row in range(2000)])


def test_rows_go_in_as_runs_and_come_out_as_they_were(model: QStringListModel) -> None:
    selection = selection_of(model, np.array([7, 3, 4, 5, 9, 3]))
    assert [(span.top(), span.bottom()) for span in spans(selection)] == [(3, 5), (7, 7), (9, 9)]
    assert rows_in(selection).tolist() == [3, 4, 5, 7, 9]


def test_no_rows_are_an_empty_selection(model: QStringListModel) -> None:
    assert selection_of(model, np.empty(0, np.intp)).isEmpty()
    assert rows_in(selection_of_runs(model, [])).tolist() == []


@pytest.mark.parametrize("before", [[1, 2], range(0, 2000, 2)], ids=["few runs", "many runs"])
def test_select_only_replaces_what_was_selected(model: QStringListModel, before: list[int]) -> None:
    chosen = QItemSelectionModel(model)
    select_only(chosen, np.array(before, np.intp))
    select_only(chosen, np.array([2, 30], np.intp))
    assert rows_in(chosen.selection()).tolist() == [2, 30]
