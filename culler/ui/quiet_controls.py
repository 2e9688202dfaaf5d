"""Controls that leave the keyboard to the photos: they are clicked, and never have the focus."""

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QComboBox, QToolButton, QWidget


def quiet_choice(name: str, parent: QWidget) -> QComboBox:
    """As wide as what it holds; `name` is for the tool tip and for screen readers."""
    choice = QComboBox(parent)
    choice.setFocusPolicy(Qt.FocusPolicy.NoFocus)
    choice.setAccessibleName(name)
    choice.setToolTip(name)
    choice.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToContents)
    return choice


def quiet_button(parent: QWidget) -> QToolButton:
    """Flat until the mouse is over it."""
    button = QToolButton(parent)
    button.setAutoRaise(True)
    button.setFocusPolicy(Qt.FocusPolicy.NoFocus)
    return button
