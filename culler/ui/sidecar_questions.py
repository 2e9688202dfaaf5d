"""What is asked before marks are written or left unwritten."""

from PySide6.QtGui import QIcon
from PySide6.QtWidgets import QCheckBox, QMessageBox, QWidget

from culler.ui.labels import photos_counted

Buttons = QMessageBox.StandardButton


def ask_unwritten(parent: QWidget, count: int) -> tuple[Buttons, bool]:
    """Save, Discard or Cancel, asked before a window closes on unwritten marks; and whether never to ask
    again."""
    box = QMessageBox(parent)
    box.setWindowTitle("Unwritten Marks")
    box.setText(f"The marks of {photos_counted(count)} are not in their sidecars yet.")
    box.setInformativeText(
        "They are safe in Culler's catalog. Other programs see them once they are written."
    )
    never = QCheckBox("Do not ask again", box)
    box.setCheckBox(never)
    box.setStandardButtons(Buttons.Save | Buttons.Discard | Buttons.Cancel)
    box.button(Buttons.Save).setText("Write and Quit")
    box.button(Buttons.Discard).setText("Quit Without Writing")
    box.setDefaultButton(Buttons.Save)
    answer, is_never = _answer(box), never.isChecked()
    box.deleteLater()
    return answer, is_never


def ask_embed(parent: QWidget, count: int, version: str) -> bool:
    """Whether marks may go into picture files."""
    box = QMessageBox(parent)
    box.setWindowTitle("Write into Picture Files")
    box.setText(f"Write the marks of {photos_counted(count)} into their files, too?")
    box.setInformativeText(
        f"ExifTool {version} writes them into JPEG, TIFF, HEIC and DNG; all others get their sidecars"
        " only. A file is changed only when all else in it was found unchanged; no copies are left."
    )
    box.setStandardButtons(Buttons.Save | Buttons.Cancel)
    box.button(Buttons.Save).setText("Write into Files")
    box.setDefaultButton(Buttons.Cancel)
    agreed = _answer(box) is Buttons.Save
    box.deleteLater()
    return agreed


def _answer(box: QMessageBox) -> Buttons:
    for shown in box.buttons():
        shown.setIcon(QIcon())
    return Buttons(box.exec())
