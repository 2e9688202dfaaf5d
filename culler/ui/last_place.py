"""Where each folder was left: its current photo is current again when the folder is opened."""

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QTimer

from culler.domain.photo import PhotoId

if TYPE_CHECKING:
    from culler.ui.main_window import MainWindow

MOST = 100
"""So many folders are remembered, those left last."""

PAUSE_MS = 2_000


class LastPlace(QObject):
    """Notes the current photo a moment after somebody went there, so that a crash loses no place."""

    def __init__(self, window: "MainWindow") -> None:
        super().__init__(window)
        self._window, self._session = window, window.session
        self._acted = False
        self._soon = QTimer(self, singleShot=True, interval=PAUSE_MS)
        self._soon.timeout.connect(self.note)
        self._session.folders_opened.connect(self._on_folders)
        self._session.current_changed.connect(self._on_current)
        window.input.acted.connect(self._on_act)

    def take_up(self) -> None:
        """Make the photo current at which the folders were left, else the first."""
        session = self._session
        left = self._window.settings.left_at.get(self._key())
        found: PhotoId | None = None
        if isinstance(left, int):
            found = left if session.place_of(left) is not None else session.collection.stand_in(left)
        session.set_current(int(session.collection.shown_ids[0]) if found is None else found)
        if found is None:
            self._window.grid.scrollToTop()

    def note(self) -> None:
        """Keep where these folders are now, if anybody did anything in them."""
        self._soon.stop()
        current, key = self._session.current, self._key()
        if not self._acted or current is None:
            return
        others = [item for item in self._window.settings.left_at.items() if item[0] != key]
        self._window.update_settings(left_at=dict([*others, (key, current)][-MOST:]))

    def _key(self) -> str:
        return "\n".join(map(str, self._session.folders))

    def _on_folders(self, _folders: object) -> None:
        self._soon.stop()
        self._acted = False

    def _on_act(self) -> None:
        self._acted = True

    def _on_current(self, _photo_id: PhotoId | None) -> None:
        if self._acted:
            self._soon.start()
