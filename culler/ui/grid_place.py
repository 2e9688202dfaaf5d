"""Keeping one's place when the order of a grid changes.

The current photo stays at its height on screen; one that is filtered away hands over to the photo
that took its place; the selection keeps what is still shown.
"""

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QItemSelection, QItemSelectionModel, QObject

from culler.domain.photo import PhotoId
from culler.ui.grid_selection import rows_in, select_only
from culler.ui.photo_model import PhotoModel

if TYPE_CHECKING:
    from culler.ui.grid_view import GridView

_Flag = QItemSelectionModel.SelectionFlag
_HEIRS_AT_ONCE = 1024
"""Looked up together: nearly always the first of them is there already."""


@dataclass(frozen=True, slots=True)
class Anchor:
    """A photo, and how far below the top of the viewport its middle is."""

    photo_id: PhotoId
    height: int


@dataclass(frozen=True, slots=True)
class _Kept:
    """What to find again. `heirs` are the photos that may become current, the best first."""

    anchor: Anchor | None
    selected: NDArray[np.int64]
    heirs: NDArray[np.int64]


class PlaceKeeper(QObject):
    """Follows the model's orders on behalf of a view. Made before the view's selection model hears
    of the model: Qt would turn each selected photo into an index of its own."""

    def __init__(self, view: "GridView", model: PhotoModel) -> None:
        super().__init__(view)
        self._view = view
        self._photos = model
        self._kept: _Kept | None = None
        model.layoutAboutToBeChanged.connect(self._keep)
        model.layoutChanged.connect(self._give_back)

    @property
    def is_between_orders(self) -> bool:
        """Whether rows mean nothing at the moment."""
        return self._kept is not None

    def anchor(self) -> Anchor | None:
        """The photo to hold on to: the current one if it is on screen, else the first that is; none
        at the very top, which is a place of its own."""
        if not self._photos.rowCount():
            return None
        index = self._view.currentIndex()
        rect = self._view.visualRect(index)
        if not index.isValid() or not rect.intersects(self._view.viewport().rect()):
            if self._view.verticalOffset() == 0:
                return None
            index = self._photos.index(self._view.first_visible_row())
            rect = self._view.visualRect(index)
        return Anchor(self._photos.photo_id(index), rect.center().y())

    def return_to(self, anchor: Anchor | None) -> None:
        """Scrolls until the photo is at its old height; fully in sight if it is the current one."""
        index = self._photos.index_of(anchor.photo_id) if anchor is not None else None
        if anchor is None or index is None or not index.isValid():
            return
        bar = self._view.verticalScrollBar()
        bar.setValue(bar.value() + self._view.visualRect(index).center().y() - anchor.height)
        if index == self._view.currentIndex():
            self._view.scrollTo(index)

    def _keep(self) -> None:
        ids = self._photos.ids()
        chosen = self._view.selectionModel()
        selected = ids[rows_in(chosen.selection())]
        row = self._view.currentIndex().row()
        # The photo itself, those that followed it, then those before it, the nearest first.
        heirs = np.concatenate([ids[row:], ids[:row][::-1]]) if row >= 0 else ids[:0]
        self._kept = _Kept(self.anchor(), selected, heirs)
        if len(selected):
            chosen.blockSignals(True)
            chosen.select(QItemSelection(), _Flag.Clear)
            chosen.blockSignals(False)

    def _give_back(self) -> None:
        kept, self._kept = self._kept, None
        self._view.updateGeometries()
        if kept is None:
            return
        current = self._view.currentIndex()
        inherited = False
        if not current.isValid():
            current = self._photos.index(self._heir(kept.heirs))
            inherited = current.isValid()
            if inherited:
                self._view.selectionModel().setCurrentIndex(current, _Flag.NoUpdate)
        if len(kept.selected):
            self._select_again(kept.selected, current.row())
        if inherited:
            self._view.scrollTo(self._view.currentIndex())
        else:
            self.return_to(kept.anchor)

    def _heir(self, heirs: NDArray[np.int64]) -> int:
        """The row of the first of these photos that is shown, −1 without one."""
        for first in range(0, len(heirs), _HEIRS_AT_ONCE):
            rows = self._photos.rows_of(heirs[first : first + _HEIRS_AT_ONCE])
            shown = rows[rows >= 0]
            if len(shown):
                return int(shown[0])
        return -1

    def _select_again(self, ids: NDArray[np.int64], heir: int) -> None:
        rows = self._photos.rows_of(ids)
        rows = rows[rows >= 0]
        if not len(rows) and heir >= 0:
            rows = np.array([heir], np.intp)
        chosen = self._view.selectionModel()
        select_only(chosen, rows)
        if not len(rows):
            # Cleared unannounced before, so that this passed for no change.
            chosen.selectionChanged.emit(QItemSelection(), QItemSelection())
