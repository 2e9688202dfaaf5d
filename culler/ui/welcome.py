"""The first thing one sees: where to drop a folder, and the folder of last time."""

from pathlib import Path

from PySide6.QtCore import QEvent, QRectF, Qt, Signal
from PySide6.QtGui import QColor, QPainter, QPaintEvent, QPalette, QPen
from PySide6.QtWidgets import QHBoxLayout, QLabel, QPushButton, QVBoxLayout, QWidget

from culler.ui import theme
from culler.ui.facts import folder_title
from culler.ui.labels import DimLabel, heading
from culler.ui.session import Session


class Welcome(QWidget):
    """Signals: folder_wanted() from the button, last_wanted() from the one for the last folder."""

    folder_wanted = Signal()
    last_wanted = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._hovering = False
        line = theme.unit(self.fontMetrics())
        self._line = line
        self.title = heading("Drop a folder of photos here", self, 1.8)
        self.text = DimLabel(
            "Every photo gets a picture, a level from bad to excellent for quality and for aesthetics, "
            "and waits for your keys. Nothing leaves this computer, and no file of yours is changed.",
            self,
        )
        self.text.setWordWrap(True)
        self.text.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.text.setFixedWidth(line * 30)
        self.text.setFixedHeight(self.text.heightForWidth(line * 30))
        self.open_button = QPushButton("Open Folder…", self)
        self.open_button.setDefault(True)
        self.open_button.setMinimumHeight(line * 2)
        self.open_button.setMinimumWidth(line * 10)
        self.last_button = QPushButton(self)
        self.last_button.setMinimumHeight(line * 2)
        self.last_button.hide()
        self.keys = DimLabel("P pick · X reject · 1–5 stars · arrows move · ? all keys", self)
        self.icon = QLabel(self)
        self.icon.setAlignment(Qt.AlignmentFlag.AlignCenter)
        buttons = QHBoxLayout()
        buttons.addStretch(1)
        buttons.addWidget(self.open_button)
        buttons.addWidget(self.last_button)
        buttons.addStretch(1)
        column = QVBoxLayout(self)
        column.setSpacing(line)
        column.addStretch(2)
        for widget in (self.icon, self.title, self.text):
            column.addWidget(widget, 0, Qt.AlignmentFlag.AlignHCenter)
        column.addLayout(buttons)
        column.addSpacing(line)
        column.addWidget(self.keys, 0, Qt.AlignmentFlag.AlignHCenter)
        column.addStretch(3)
        self.open_button.clicked.connect(self.folder_wanted)
        self.last_button.clicked.connect(self.last_wanted)
        self._dress()

    def set_last_folder(self, folder: Path | None, is_there: bool = True) -> None:
        """Offer this folder again, or to find it where it is not there."""
        self.last_button.setVisible(folder is not None)
        if folder is not None:
            name = self.fontMetrics().elidedText(
                folder.name or str(folder), Qt.TextElideMode.ElideMiddle, self._line * 14
            )
            self.last_button.setText(f"Open “{name}” Again" if is_there else f"Where Is “{name}” Now?…")
            self.last_button.setToolTip(str(folder))

    def set_hovering(self, hovering: bool) -> None:
        """Something that can be dropped is over the window."""
        if hovering != self._hovering:
            self._hovering = hovering
            self.update()

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() == QEvent.Type.PaletteChange:
            self._dress()

    def _dress(self) -> None:
        color = theme.cell_colors(self.palette()).dim_text
        ratio = max(2.0, self.devicePixelRatioF())
        self.icon.setPixmap(theme.glyph("photos", self._line * 5, color, ratio))

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.fillRect(self.rect(), theme.cell_colors(self.palette()).ground)
        line = self._line
        frame = QRectF(self.rect()).adjusted(line, line, -line, -line)
        color = self.palette().color(
            QPalette.ColorRole.Highlight if self._hovering else QPalette.ColorRole.PlaceholderText
        )
        if not self._hovering:
            color = QColor(color)
            color.setAlpha(90)
        pen = QPen(color, 2)
        pen.setDashPattern([5, 4])
        painter.setPen(pen)
        painter.drawRoundedRect(frame, line, line)


class EmptyNote(QWidget):
    """Over an empty grid: why it is empty, and a button that helps.

    Signals: clicked().
    """

    clicked = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        line = theme.unit(self.fontMetrics())
        self.title = heading("", self, 1.4)
        self.title.setWordWrap(True)
        self.title.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.text = DimLabel("", self)
        self.text.setWordWrap(True)
        self.text.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.button = QPushButton(self)
        self.button.setMinimumHeight(line * 2)
        self.button.setMinimumWidth(line * 10)
        self.button.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.button.clicked.connect(self.clicked)
        self.icon = QLabel(self)
        self._icon_side = line * 4
        column = QVBoxLayout(self)
        column.setSpacing(line * 3 // 4)
        column.addStretch(2)
        column.addWidget(self.icon, 0, Qt.AlignmentFlag.AlignHCenter)
        for widget in (self.title, self.text):
            widget.setFixedWidth(line * 30)
            column.addWidget(widget, 0, Qt.AlignmentFlag.AlignHCenter)
        self._dress()
        column.addSpacing(line // 2)
        column.addWidget(self.button, 0, Qt.AlignmentFlag.AlignHCenter)
        column.addStretch(3)

    def say(self, title: str, text: str, button: str) -> None:
        self.title.setText(title)
        self.text.setText(text)
        for label in (self.title, self.text):
            label.setFixedHeight(label.heightForWidth(label.width()))
        self.text.setVisible(bool(text))
        self.button.setText(button)
        self.button.setVisible(bool(button))

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() == QEvent.Type.PaletteChange:
            self._dress()

    def _dress(self) -> None:
        color = theme.cell_colors(self.palette()).dim_text
        ratio = max(2.0, self.devicePixelRatioF())
        self.icon.setPixmap(theme.glyph("photos", self._icon_side, color, ratio))

    def paintEvent(self, event: QPaintEvent) -> None:
        QPainter(self).fillRect(self.rect(), theme.cell_colors(self.palette()).ground)


def why_empty(session: Session) -> tuple[str, str, str]:
    """(title, text, button) for a grid without photos."""
    total, others = len(session.columns), len(session.ignored)
    if session.all_missing and not session.filter:
        gone = "The only photo is" if total == 1 else f"All {total:,} photos are"
        text = "Their files are not in this folder any more. If they moved, Culler finds them with all marks."
        return f"{gone} missing", text, "Where Are They Now?…"
    if total and session.filter.only_missing:
        return "No photo is missing", "Every photo is where it was.", "Show All Photos"
    total -= session.missing_count
    if total:
        hidden = "the only photo" if total == 1 else f"all {total:,} photos"
        return "No photo passes the filter", f"It hides {hidden}.", "Show All Photos"
    if session.loading.running or session.jobs.running is not None:
        return "Reading the folder …", str(session.folders[0]), ""
    if session.trouble:
        text = session.trouble
    elif not others:
        text = "It is empty."
    elif others == 1:
        text = "The only file in it is no photo that Culler can show."
    else:
        text = f"None of the {others:,} files in it is a photo that Culler can show."
    return f"No photos in {folder_title(session.folders)}", text, "Open Another Folder…"
