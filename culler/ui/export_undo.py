"""Taking the last exported move back: asks first, then does it among the window's other jobs."""

from collections.abc import Sequence
from functools import partial
from typing import TYPE_CHECKING, Any

from PySide6.QtGui import QIcon
from PySide6.QtWidgets import QMessageBox

from culler.ui.export_words import counted
from culler.ui.worker import Task

if TYPE_CHECKING:
    from culler.ui.main_window import MainWindow


def undo_move(window: "MainWindow") -> None:
    """Say how many photos would come back, and bring them back if that is wanted."""
    from culler.workflow.export import can_undo, undo

    workspace = window.session.workspace
    if workspace is None:
        return
    count = can_undo(workspace)
    if not count:
        window.task_line.say("There is no move to take back.")
        return
    box = QMessageBox(window)
    box.setWindowTitle("Undo Last Move")
    box.setText(f"Move {counted(count, 'photo')} back?")
    box.setInformativeText(
        "They go where they were before the last export moved them. Nothing is overwritten."
    )
    buttons = QMessageBox.StandardButton
    box.setStandardButtons(buttons.Ok | buttons.Cancel)
    box.button(buttons.Ok).setText("Move Back")
    for shown in box.buttons():
        shown.setIcon(QIcon())
    answer = buttons(box.exec())
    box.deleteLater()
    if answer is buttons.Ok:
        then = partial(_on_back, window)
        window.session.jobs.add(Task("Moving back", partial(undo, workspace), then=then), urgent=True)


def _on_back(window: "MainWindow", moved: Any) -> None:
    items: Sequence[Any] = moved
    failed = [item for item in items if item.message]
    back = len({item.photo_id for item in items if not item.message})
    sentence = f"Moved {counted(back, 'photo')} back."
    window.task_line.say(f"{sentence} {failed[0].message}" if failed else sentence, lasting=True)
    if window.session.folders:
        window.session.rescan()
