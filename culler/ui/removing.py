"""Rejects to the bin and back, in the window: only after a list, and only those that stay ticked."""

from collections import Counter
from collections.abc import Generator, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QObject

from culler.domain.changes import Progress
from culler.ui.labels import photos_counted
from culler.ui.worker import Task

if TYPE_CHECKING:
    from culler.ui.main_window import MainWindow

BACK = "File, Bring Back Removed Rejects returns them."


class Removing(QObject):
    """What the actions about the bin do."""

    def __init__(self, window: "MainWindow") -> None:
        super().__init__(window)
        self._window = window

    def list_rejects(self) -> None:
        """Show what would go to the bin."""
        self._do("Looking at the rejects", _rejects, self._on_rejects)

    def bring_back(self) -> None:
        """Bring back what the latest removal took."""
        self._do("Bringing back rejects", _bring_back, self._on_back)

    def _do(self, title: str, make: Any, then: Any) -> None:
        session = self._window.session
        if session.workspace is not None and session.folders:
            job = partial(make, session.workspace, session.folders)
            session.jobs.add(Task(title, job, session.folders, then=then), urgent=True)

    def _on_rejects(self, listed: Any) -> None:
        from culler.ui.bin_dialog import BinDialog
        from culler.workflow.removal import remove

        if not listed.items:
            self._window.task_line.say("No photo here is a reject.")
            return
        dialog = BinDialog(listed, self._window.loader, self._window)
        self._window.exec_with_pictures(dialog, [item.photo_id for item in listed.items])
        if dialog.result():
            chosen = tuple(item for item in listed.items if item.photo_id in dialog.chosen)
            job = partial(remove, listed=replace(listed, items=chosen))
            self._do("Moving rejects to the bin", _removing(job), self._on_removed)
        dialog.deleteLater()

    def _on_removed(self, done: Sequence[Any]) -> None:
        from culler.workflow.removal import can_undo

        actions = Counter(item.action for item in done)
        parts = []
        if actions["binned"]:
            parts.append(f"Moved {photos_counted(actions['binned'])} to the bin.")
        if actions["set aside"]:
            parts.append(
                f"The bin did not take {photos_counted(actions['set aside'])}: they are in the folder "
                "_Rejected beside the others."
            )
        if parts and can_undo(self._window.session.workspace):
            parts.append(BACK)
        kept = [item for item in done if item.action == "kept"]
        if kept:
            parts.append(f"{photos_counted(len(kept))} stayed. {kept[0].message}")
        self._window.task_line.say(" ".join(parts))

    def _on_back(self, moved: Sequence[Any]) -> None:
        failed = [item for item in moved if item.message]
        back = len({item.photo_id for item in moved if not item.message})
        sentence = f"Brought back {photos_counted(back)}."
        self._window.task_line.say(f"{sentence} {failed[0].message}" if failed else sentence)


_Folders = tuple[Path, ...]


def _rejects(workspace: Any, folders: _Folders) -> Generator[Progress, None, object]:
    from culler.workflow.removal import rejects

    yield Progress(0, None, "Looking at the rejects")
    return rejects(workspace, folders)


def _removing(remove: Any) -> Any:
    """The removal of what was listed, whatever is opened now."""
    return lambda workspace, _folders: remove(workspace)


def _bring_back(workspace: Any, _folders: _Folders) -> Generator[Progress, None, object]:
    from culler.workflow import removal

    return (yield from removal.undo(workspace))
