"""Selections of a list as row arrays: Qt's ranges in and out, without an index for every photo."""

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QAbstractItemModel, QItemSelection, QItemSelectionRange


def spans(selection: QItemSelection) -> list[QItemSelectionRange]:
    return [selection.at(at) for at in range(selection.size())]


def rows_in(selection: QItemSelection) -> NDArray[np.intp]:
    """The selected rows, ascending."""
    runs = [np.arange(span.top(), span.bottom() + 1) for span in spans(selection)]
    return np.unique(np.concatenate(runs)) if runs else np.empty(0, np.intp)


def selection_of(model: QAbstractItemModel, rows: NDArray[np.intp]) -> QItemSelection:
    """A selection of these rows, in as few ranges as there are runs of them."""
    selection = QItemSelection()
    rows = np.unique(rows)
    if len(rows):
        for run in np.split(rows, np.flatnonzero(np.diff(rows) > 1) + 1):
            selection.select(model.index(int(run[0]), 0), model.index(int(run[-1]), 0))
    return selection
