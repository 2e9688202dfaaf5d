"""Which photos of a grid are in sight, told to whoever has pictures to fetch."""

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QObject, QTimer, Signal

from culler.domain.photo import PhotoId

_PAUSE_MS = 12
"""Scrolling tells at most so often."""


def plain(ids: NDArray[np.int64]) -> list[PhotoId]:
    """The ids as Python's own numbers."""
    return [int(photo_id) for photo_id in ids]


def in_sight(ids: NDArray[np.int64], first: int, last: int) -> list[PhotoId]:
    """Photos in the order in which their pictures are needed: those of the rows from `first` to
    `last`, then the page after, then the page before, from its end."""
    page = max(0, last + 1 - first)
    near = [
        ids[first : last + 1],
        ids[last + 1 : last + 1 + page],
        ids[max(0, first - page) : first][::-1],
    ]
    return plain(np.concatenate(near))


class Sight(QObject):
    """`ids` gives all photos as they are shown, `rows` the first and last row on screen.

    Signals: changed(ids): list of photo ids as `in_sight` orders them, where they are others than
    those last told.
    """

    changed = Signal(list)

    def __init__(
        self, ids: Callable[[], NDArray[np.int64]], rows: Callable[[], tuple[int, int]], parent: QObject
    ) -> None:
        super().__init__(parent)
        self._ids = ids
        self._rows = rows
        self._told: list[PhotoId] = []
        self._pause = QTimer(self, singleShot=True, interval=_PAUSE_MS)
        self._pause.timeout.connect(self._tell)

    def tell_soon(self) -> None:
        # Not started anew while it runs: steady scrolling would put it off for ever.
        if not self._pause.isActive():
            self._pause.start()

    def tell_anew(self) -> None:
        """What is in sight, even if it is what was: its pictures are of another size now."""
        self._told = []
        self.tell_soon()

    def _tell(self) -> None:
        wanted = in_sight(self._ids(), *self._rows())
        if wanted != self._told:
            self._told = wanted
            self.changed.emit(wanted)
