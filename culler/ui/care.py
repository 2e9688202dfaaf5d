"""The care of catalog and marks, in the window: moved folders, files of marks, and whether all is well."""

from collections.abc import Generator
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QObject
from PySide6.QtGui import QIcon
from PySide6.QtWidgets import QFileDialog, QMessageBox

from culler.domain.changes import Progress
from culler.ui.labels import photos_counted
from culler.ui.worker import Task

if TYPE_CHECKING:
    from culler.ui.main_window import MainWindow

MARKS = "Files of marks (*.json)"


class Care(QObject):
    """What the actions about folders, files of marks and health do."""

    def __init__(self, window: "MainWindow") -> None:
        super().__init__(window)
        self._window = window

    # Folders that moved

    def find_moved(self, lost: Path | None = None) -> None:
        """Ask where a folder was and where it is now, and find its photos again."""
        # A job: a share that does not answer must not hold up the window.
        job = partial(_known, self._window.session.workspace)
        self._add("Looking for known folders", job, partial(self._ask_where, lost))

    def _ask_where(self, lost: Path | None, known: Any) -> None:
        from culler.ui.moved_dialog import MovedDialog

        if not known:
            self._window.task_line.say("Culler knows no folder yet. Open one first.")
            return
        dialog = MovedDialog(known, lost or self._likely(known), self._window)
        agreed, old, new = bool(dialog.exec()), dialog.old, dialog.new
        dialog.deleteLater()
        if agreed and old is not None:
            job = partial(_relink, self._window.session.workspace, old, new)
            self._add("Looking for moved photos", job, self._on_found)

    def _likely(self, known: Any) -> Path | None:
        """The opened folder, where it is among those that are gone."""
        opened = self._window.session.folders
        return next((each.path for each in known if each.path in opened and not each.is_there), None)

    def _on_found(self, answer: Any) -> None:
        report, new = answer
        found = photos_counted(len(report.relinked))
        self._window.task_line.say(
            f"Found {found} again." if not report.left else f"Found {found} again, {len(report.left):,} not.",
            lasting=True,
        )
        if report.left:
            self._list_left(report.left)
        if report.relinked:
            self._window.session.open([new])

    def _list_left(self, left: Any) -> None:
        from culler.ui.failures_dialog import FailuresDialog

        failed = [(each.photo_id, each.path.name, each.reason) for each in left]
        words = "These photos stay in the catalog with their marks, as missing."
        dialog = FailuresDialog(failed, (), self._window, "What Was Not Found", words)
        dialog.exec()
        dialog.deleteLater()

    # Files of marks

    def save_marks(self) -> None:
        """Write the marks of the opened folders into a file."""
        session = self._window.session
        proposed = session.folders[0].parent / f"{session.folders[0].name} marks.json"
        chosen, _ = QFileDialog.getSaveFileName(self._window, "Save Marks to a File", str(proposed), MARKS)
        if chosen:
            path = Path(chosen if Path(chosen).suffix else f"{chosen}.json")
            job = partial(_save_marks, session.workspace, path, session.folders)
            say = self._window.task_line.say
            done = lambda count: say(f"The marks of {photos_counted(count)} are in {path}.")  # noqa: E731
            self._add("Saving marks", job, done)

    def load_marks(self) -> None:
        """Restore the marks of the opened folders from a file."""
        session = self._window.session
        start = str(session.folders[0].parent)
        chosen, _ = QFileDialog.getOpenFileName(self._window, "Restore Marks from a File", start, MARKS)
        if chosen:
            self._load(Path(chosen), session.folders, replace=False)

    def restore_mirror(self) -> None:
        """Restore marks from the mirror that Culler keeps by itself."""
        job = partial(_mirror, self._window.session.workspace)
        self._add("Restoring marks from their mirror", job, self._on_mirror)

    def _load(self, path: Path, folders: tuple[Path, ...], replace: bool) -> None:
        job = partial(_load_marks, self._window.session.workspace, path, folders, replace)
        self._add("Restoring marks", job, partial(self._on_loaded, path, folders))

    def _on_loaded(self, path: Path, folders: tuple[Path, ...], report: Any) -> None:
        parts = [f"Restored the marks of {photos_counted(len(report.restored))}."]
        if report.equal:
            parts.append(f"{report.equal:,} had them already.")
        if report.kept:
            parts.append(f"{len(report.kept):,} keep other marks.")
        if report.unknown:
            parts.append(f"{len(report.unknown):,} are not in these folders.")
        self._window.task_line.say(" ".join(parts))
        if report.kept and self._overrule(len(report.kept)):
            self._load(path, folders, replace=True)

    def _overrule(self, count: int) -> bool:
        box = QMessageBox(self._window)
        box.setWindowTitle("Restore Marks")
        verb = "has other marks" if count == 1 else "have other marks"
        box.setText(f"{photos_counted(count)} {verb} than the file says.")
        box.setInformativeText("They were left as they are. Undo takes back what you replace.")
        buttons = QMessageBox.StandardButton
        box.setStandardButtons(buttons.Apply | buttons.Close)
        box.button(buttons.Apply).setText("Replace Them")
        box.button(buttons.Close).setText("Keep Them")
        for shown in box.buttons():
            shown.setIcon(QIcon())
        box.setDefaultButton(buttons.Close)
        box.setEscapeButton(buttons.Close)
        agreed = buttons(box.exec()) is buttons.Apply
        box.deleteLater()
        return agreed

    def _on_mirror(self, report: Any) -> None:
        parts = [f"Restored the marks of {photos_counted(report.restored)} from {report.mirror.name}."]
        if report.kept:
            parts.append(f"{len(report.kept):,} keep marks set since.")
        if report.absent:
            parts.append(f"{report.absent[0]} is not there; connect its disk and restore again.")
        self._window.task_line.say(" ".join(parts))

    # Health

    def check(self) -> None:
        """Say whether everything is in order."""
        self._add(
            "Looking whether everything is in order",
            partial(_check, self._window.session.workspace),
            self._on_checked,
        )

    def _on_checked(self, findings: Any) -> None:
        from culler.ui.health_dialog import HealthDialog

        dialog = HealthDialog(findings, self._window)
        dialog.exec()
        dialog.deleteLater()

    def _add(self, title: str, job: Any, then: Any) -> None:
        session = self._window.session
        session.jobs.add(Task(title, job, session.folders, then=then), urgent=True)


def _known(workspace: Any) -> Generator[Progress, None, object]:
    from culler.workflow.relink import known_folders

    yield Progress(0, None)
    return known_folders(workspace)


def _relink(workspace: Any, old: Path, new: Path) -> Generator[Progress, None, object]:
    from culler.workflow.relink import relink

    report = yield from relink(workspace, old, new)
    return report, new


def _save_marks(workspace: Any, path: Path, folders: tuple[Path, ...]) -> Generator[Progress, None, int]:
    from culler.workflow.marks_file import save

    yield Progress(0, None)
    return save(workspace, path, folders)


def _load_marks(
    workspace: Any, path: Path, folders: tuple[Path, ...], replace: bool
) -> Generator[Progress, None, object]:
    from culler.workflow.marks_file import load

    return (yield from load(workspace, path, folders, replace))


def _mirror(workspace: Any) -> Generator[Progress, None, object]:
    from culler.workflow.marks_mirror import restore

    return (yield from restore(workspace))


def _check(workspace: Any) -> Generator[Progress, None, object]:
    from culler.workflow.health import findings

    found = []
    for finding in findings(workspace):
        found.append(finding)
        yield Progress(len(found), None, finding.subject)
    return found
