"""The files of a photo: what each is, its name, and whether the user put them together or apart."""

from PySide6.QtCore import Qt
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QFormLayout, QLabel, QSizePolicy, QVBoxLayout, QWidget

from culler.domain.photo import FileRole, Photo, PhotoFile
from culler.ui import theme
from culler.ui.labels import DimLabel, heading

_FORMATS = {"jpg": "JPEG", "jpe": "JPEG", "tif": "TIFF", "heif": "HEIC", "hif": "HEIC"}


class FilesPanel(QWidget):
    """A row for each file, the primary one first, and the folder they lie in."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        line = theme.unit(self.fontMetrics())
        self._shown: list[tuple[QLabel, QLabel]] = []
        self.rows = QFormLayout()
        self.rows.setContentsMargins(0, 0, 0, 0)
        self.rows.setHorizontalSpacing(line // 2)
        self.rows.setVerticalSpacing(line // 4)
        self.rows.setRowWrapPolicy(QFormLayout.RowWrapPolicy.DontWrapRows)
        self.rows.setLabelAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignTop)
        self.note = DimLabel("", self)
        self.note.setWordWrap(True)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(line // 3)
        column.addWidget(heading("Files", self))
        column.addLayout(self.rows)
        column.addWidget(self.note)

    def show_files(self, photo: Photo) -> None:
        """The files of this photo."""
        while self.rows.rowCount():
            self.rows.removeRow(0)
        self._shown.clear()
        for file in photo.files:
            self._add(_what(file), file.name, str(file.path(photo.root)))
        folder = photo.relative_path.rpartition("/")[0]
        if folder:
            self._add("Folder", folder, str(photo.path.parent))
        by_hand = any(file.pinned for file in photo.files)
        said = "Joined by hand." if len(photo.pictures) > 1 else "Split off by hand."
        self.note.setText(said if by_hand else "")
        self.note.setVisible(by_hand)

    def text(self) -> str:
        """All rows, as they read."""
        return "\n".join(f"{title.text()} {value.text()}" for title, value in self._shown).replace(
            "\u200b", ""
        )

    def _add(self, what: str, name: str, tip: str) -> None:
        title, value = DimLabel(what, self), WrappedPath(self)
        title.setAlignment(Qt.AlignmentFlag.AlignTop)
        value.set_text(name)
        value.setToolTip(tip)
        self.rows.addRow(title, value)
        self._shown.append((title, value))


class WrappedPath(QLabel):
    """Text without spaces, such as a path, that still wraps."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.setWordWrap(True)
        self.setTextFormat(Qt.TextFormat.PlainText)
        # Names in Arabic or Hebrew stay beside what they are.
        left = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignAbsolute
        self.setAlignment(left | Qt.AlignmentFlag.AlignTop)
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)

    def set_text(self, text: str) -> None:
        # A zero-width space after each separator, and everywhere in very long runs, is a place to break.
        pieces = []
        run = 0
        for character in text:
            pieces.append(character)
            run = 0 if character in " \n" else run + 1
            if character in "/_-.":
                run = 0
            if not run or run >= 16:
                pieces.append("\u200b")
        self.setText("".join(pieces))
        self._ask_for_height()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._ask_for_height()

    def _ask_for_height(self) -> None:
        # A form layout gives a row of many lines less height than it has for its width.
        self.setMinimumHeight(0)  # or it would count
        self.setMinimumHeight(max(0, self.heightForWidth(self.width())))


def _what(file: PhotoFile) -> str:
    """What a file is, in the word of the field."""
    extension = file.name.rpartition(".")[2].lower()
    match file.role:
        case FileRole.RAW:
            return "RAW"
        case FileRole.SIDECAR:
            return "Sidecar"
        case FileRole.VIDEO:
            return "Clip"
        case FileRole.RENDERED:
            return _FORMATS.get(extension, extension.upper())
