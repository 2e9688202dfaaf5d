"""Selections of a list as row arrays: Qt's ranges in and out, without an index for every photo."""

from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QAbstractItemModel, QItemSelection, QItemSelectionModel, QItemSelectionRange

_MANY_RANGES = 256


def spans(selection: QItemSelection) -> list[QItemSelectionRange]:
    return [selection.at(at) for at in range(selection.size())]


def rows_in(selection: QItemSelection) -> NDArray[np.intp]:
    """The selected rows, ascending."""
    runs = [np.arange(span.top(), span.bottom() + 1) for span in spans(selection)]
    return np.unique(np.concatenate(runs)) if runs else np.empty(0, np.intp)


def selection_of(model: QAbstractItemModel, rows: NDArray[np.intp]) -> QItemSelection:
    """A selection of these rows, in as few ranges as there are runs of them."""
    rows = np.unique(rows)
    runs = np.split(rows, np.flatnonzero(np.diff(rows) > 1) + 1) if len(rows) else []
    return selection_of_runs(model, ((int(run[0]), int(run[-1])) for run in runs))


def selection_of_runs(model: QAbstractItemModel, runs: Iterable[tuple[int, int]]) -> QItemSelection:
    """A selection of runs of rows, each given by its first and last."""
    selection = QItemSelection()
    for first, last in runs:
        selection.select(model.index(first, 0), model.index(last, 0))
    return selection


def select_only(chosen: QItemSelectionModel, rows: NDArray[np.intp]) -> None:
    """Selects exactly these rows."""
    if chosen.selection().size() > _MANY_RANGES:
        # Qt compares every old range with every new one: seconds, where both are thousands.
        chosen.clearSelection()
    chosen.select(selection_of(chosen.model(), rows), QItemSelectionModel.SelectionFlag.ClearAndSelect)
