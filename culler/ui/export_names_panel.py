"""The third part of the export dialog: what the files are called."""

from functools import partial

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QLineEdit, QMenu, QToolButton, QWidget

from culler.ui.export_rows import Rows, say
from culler.workflow.export import DEFAULT_TEMPLATE, name_problem

_TOKENS = (
    ("Its name now", "{name}"),
    ("Date", "{date:%Y-%m-%d}"),
    ("Time", "{date:%H%M%S}"),
    ("Number in this export", "{sequence:04}"),
    ("Rank, of the best", "{rank:03}"),
    ("Camera", "{camera}"),
    ("Stars", "{stars}"),
    ("Flag", "{flag}"),
    ("Colour label", "{label}"),
    ("Level of quality", "{level}"),
)


class ExportNamesPanel(QWidget):
    """Signals: changed()."""

    changed = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        rows = Rows("Names", self)
        self.template = QLineEdit(DEFAULT_TEMPLATE, self)
        self.template.setMinimumWidth(1)
        self.template.setToolTip("Names without their endings; files of one photo are called alike")
        self.menu = QMenu(self)
        for title, token in _TOKENS:
            self.menu.addAction(f"{title}\t{token}", partial(self._insert, token))
        self.menu.addSeparator()
        self.menu.addAction("Names as they are", lambda: self.set_template(DEFAULT_TEMPLATE))
        insert = QToolButton(self)
        insert.setText("Insert")
        insert.setAccessibleName("Insert into the name")
        insert.setMenu(self.menu)
        insert.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        rows.add("Template", self.template, insert, stretch=True)
        self.problem = rows.add_note(problem=True)
        self.template.textChanged.connect(self._on_change)

    def name(self) -> str:
        """The template, whether it is one or not."""
        return self.template.text().strip()

    @property
    def is_fine(self) -> bool:
        return name_problem(self.name()) is None

    def set_template(self, text: str) -> None:
        self.template.setText(text)

    def _insert(self, token: str) -> None:
        self.template.insert(token)
        self.template.setFocus()

    def _on_change(self) -> None:
        say(self.problem, name_problem(self.name()) or "")
        self.changed.emit()
