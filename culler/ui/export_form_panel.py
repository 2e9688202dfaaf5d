"""The fourth part of the export dialog: the files as they are, or new pictures of them."""

from dataclasses import dataclass

from PySide6.QtCore import QSignalBlocker, Signal
from PySide6.QtWidgets import QCheckBox, QSpinBox, QWidget

from culler.ui.export_rows import Rows, combo, select
from culler.workflow.export import QUALITIES, MetadataPolicy, Target

_FORMATS = (
    ("As they are", ""),
    ("New JPEGs, sRGB", Target.JPEG.value),
    ("New AVIFs, sRGB", Target.AVIF.value),
)
_POLICIES = (
    ("All but the maker's own notes", MetadataPolicy.ALL),
    ("Only who made it (copyright)", MetadataPolicy.COPYRIGHT),
    ("None", MetadataPolicy.NONE),
)


@dataclass(frozen=True, slots=True)
class Form:
    """`format` is a Target's value, empty for the files as they are. `side_px` counts where `limited`."""

    format: str = ""
    jpeg_quality: int = QUALITIES[Target.JPEG]
    avif_quality: int = QUALITIES[Target.AVIF]
    limited: bool = False
    side_px: int = 2048
    metadata: MetadataPolicy = MetadataPolicy.ALL

    @property
    def target(self) -> Target | None:
        return Target(self.format) if self.format else None

    @property
    def quality(self) -> int | None:
        if not self.format:
            return None
        return self.jpeg_quality if self.target is Target.JPEG else self.avif_quality

    @property
    def max_side_px(self) -> int | None:
        return self.side_px if self.format and self.limited else None


class ExportFormPanel(QWidget):
    """Signals: changed()."""

    changed = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._qualities = dict(QUALITIES)
        rows = Rows("Pictures", self)
        self.format = combo(self, _FORMATS)
        rows.add("Format", self.format)
        self.quality = QSpinBox(self)
        self.quality.setRange(1, 100)
        self.quality.setToolTip("From 1 to 100; at the value to begin with no difference shows at 1:1")
        self.limited = QCheckBox("Longest side", self)
        self.limited.setToolTip("Make larger pictures smaller; smaller ones are never enlarged")
        self.side = QSpinBox(self)
        self.side.setRange(16, 100_000)
        self.side.setSingleStep(256)
        self.side.setSuffix(" px")
        self.side.setAccessibleName("Longest side in pixels")
        rows.add("Quality", self.quality, self.limited, self.side)
        self.limited.setAccessibleName("Limit the longest side")
        self.metadata = combo(self, _POLICIES)
        rows.add("Metadata", self.metadata)
        self.set_form(Form())
        self.format.currentIndexChanged.connect(self._on_format)
        self.metadata.currentIndexChanged.connect(self.changed)
        self.quality.valueChanged.connect(self._on_quality)
        self.limited.toggled.connect(self._on_change)
        self.side.valueChanged.connect(self.changed)

    def form(self) -> Form:
        """What is chosen now."""
        return Form(
            self.format.currentData(),
            self._qualities[Target.JPEG],
            self._qualities[Target.AVIF],
            self.limited.isChecked(),
            self.side.value(),
            MetadataPolicy(self.metadata.currentData()),
        )

    def set_form(self, form: Form) -> None:
        self._qualities = {Target.JPEG: form.jpeg_quality, Target.AVIF: form.avif_quality}
        select(self.format, form.format)
        select(self.metadata, form.metadata)
        with QSignalBlocker(self.limited), QSignalBlocker(self.side):
            self.limited.setChecked(form.limited)
            self.side.setValue(form.side_px)
        self._on_format()

    def _on_format(self) -> None:
        target = self.form().target
        with QSignalBlocker(self.quality):
            self.quality.setValue(self._qualities[target or Target.JPEG])
        self._on_change()

    def _on_quality(self, value: int) -> None:
        target = self.form().target
        if target is not None:
            self._qualities[target] = value
        self.changed.emit()

    def _on_change(self) -> None:
        converts = bool(self.format.currentData())
        for control in (self.quality, self.limited, self.metadata):
            control.setEnabled(converts)
        self.side.setEnabled(converts and self.limited.isChecked())
        self.changed.emit()
