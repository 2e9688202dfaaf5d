"""The user's taste and how far judges agree with the user, in the window: learning, sorting, reporting.

What the taste says of photos is derived from stored numbers in a thread, whenever these change.
"""

from collections.abc import Generator
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QObject, QTimer, QUrl, Signal
from PySide6.QtGui import QDesktopServices

from culler.domain.changes import Changed, Changes, Progress
from culler.domain.levels import LevelDistribution
from culler.domain.photo import PhotoId
from culler.ui.latest import Latest
from culler.ui.session import Session
from culler.ui.worker import Task

QUIET_MS = 300
BUSY_MS = 5000


class Taste(QObject):
    """Signals: changed() when the taste says something else; said(sentence)."""

    changed = Signal()
    said = Signal(str)

    def __init__(self, session: Session, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self._deriving = Latest("Deriving your taste", self)
        self._deriving.found.connect(self._on_derived)
        self._deriving.failed.connect(self.said)
        self._soon = QTimer(self, singleShot=True)
        self._soon.timeout.connect(self._derive)
        session.loaded.connect(lambda: self._later(0))
        session.changed.connect(self._on_changed)
        session.jobs.emptied.connect(self._on_idle)

    @property
    def is_used(self) -> bool:
        """Whether a taste was learnt and is worth going by."""
        return self._session.collection.taste is not None

    def of(self, photo_id: PhotoId | None) -> LevelDistribution | None:
        """What the taste says of a photo."""
        return None if photo_id is None else self._session.collection.taste_of(photo_id)

    def learn(self) -> None:
        """Learn the user's taste from marks and answers; says what came of it."""
        from culler.workflow import taste

        self._add("Learning your taste", partial(taste.learn, self._session.workspace), self._on_learnt)

    def forget(self) -> None:
        """Go by no taste any more; marks and answers stay."""
        from culler.workflow import taste

        was = taste.reset(self._session.workspace)
        self.said.emit("Your taste is forgotten; marks stay." if was else "There is no taste to forget.")
        self._later(0)

    def report(self) -> None:
        """Write the trust report of the opened folders and open it."""
        self._add(
            "Comparing judges with your picks",
            partial(_report, self._session.workspace, self._session.folders),
            self._on_report,
        )

    def close(self) -> None:
        self._soon.stop()
        self._deriving.close()

    def _add(self, title: str, make: Any, then: Any) -> None:
        self._session.jobs.add(Task(title, make, then=then), urgent=True)

    def _on_learnt(self, state: Any) -> None:
        self.said.emit(state.sentence)
        self._later(0)

    def _on_report(self, result: Any) -> None:
        sentence, path = result
        if path is None:
            self.said.emit(sentence)
            return
        opened = QDesktopServices.openUrl(QUrl.fromLocalFile(str(path)))
        self.said.emit(f"{sentence} The report is {path}." if opened else f"The report is at {path}.")

    def _on_changed(self, changes: Changes) -> None:
        if Changed.SCORES in changes.facets and self.is_used:
            self._later(QUIET_MS if self._session.jobs.running is None else BUSY_MS)

    def _on_idle(self) -> None:
        if self._soon.isActive():
            self._soon.start(0)

    def _later(self, ms: int) -> None:
        if ms == 0 or not self._soon.isActive():
            self._soon.start(ms)

    def _derive(self) -> None:
        if self._session.workspace is not None and len(self._session.columns):
            self._deriving.ask(partial(_levels, self._session.workspace, self._session.columns))

    def _on_derived(self, found: tuple[NDArray[np.int64], NDArray[np.float32] | None]) -> None:
        if found[1] is None and not self.is_used:
            return
        self._session.set_taste(*found)
        self.changed.emit()


def _levels(workspace: Any, columns: Any) -> tuple[NDArray[np.int64], NDArray[np.float32] | None]:
    from culler.workflow.taste import taste_levels

    return columns.ids, taste_levels(workspace, columns)


def _report(workspace: Any, folders: tuple[Path, ...]) -> Generator[Progress, None, tuple[str, Path | None]]:
    from culler.workflow import trust, trust_files

    found = yield from trust.trust_report(workspace, folders)
    if found.is_empty:
        return found.sentence, None
    yield Progress(0, None, "writing the page")
    path = workspace.places.data / "reports" / "Trust report.html"
    return found.sentence, trust_files.write_page(path, workspace, found, folders)
