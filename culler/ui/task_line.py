"""The quiet line at the bottom: what runs, how far and how fast it is, and what was done last."""

from typing import TYPE_CHECKING

from PySide6.QtCore import QRectF, QSize, Qt, QTimer, Signal
from PySide6.QtGui import QPainter, QPaintEvent, QPalette
from PySide6.QtWidgets import QHBoxLayout, QLabel, QSizePolicy, QSlider, QToolButton, QWidget

from culler.domain.changes import Progress
from culler.ui import theme
from culler.ui.worker import JobQueue, Task

if TYPE_CHECKING:
    from culler.workflow.job import Pace

REFRESH_MS = 250


class ThinBar(QWidget):
    """A slim progress bar; without a total it shows a moving piece."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._done = 0
        self._total: int | None = None
        self._phase = 0.0
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)

    def sizeHint(self) -> QSize:
        line = theme.unit(self.fontMetrics())
        return QSize(line * 10, max(4, line // 3))

    def set_progress(self, done: int, total: int | None) -> None:
        self._done, self._total = done, total
        self._phase = (self._phase + 0.04) % 1.0
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        whole = QRectF(self.rect())
        radius = whole.height() / 2
        painter.setBrush(theme.cell_colors(self.palette()).track)
        painter.drawRoundedRect(whole, radius, radius)
        if self._total:
            part = QRectF(0, 0, whole.width() * min(1.0, self._done / self._total), whole.height())
        else:
            part = QRectF(whole.width() * 0.75 * self._phase, 0, whole.width() * 0.25, whole.height())
        painter.setBrush(self.palette().color(QPalette.ColorRole.Highlight).lighter(125))
        painter.drawRoundedRect(part, radius, radius)


class TaskLine(QWidget):
    """Follows a job queue.

    Signals: failures_wanted() after a click on the number of unreadable photos; cell_width_chosen(int)
    from the slider.
    """

    failures_wanted = Signal()
    cell_width_chosen = Signal(int)

    def __init__(self, jobs: JobQueue, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._jobs = jobs
        self._pace: Pace | None = None
        self._progress: Progress | None = None
        self._task: Task | None = None
        self._said = ""  # the last line, which a quiet task leaves standing
        self._lasting = False
        self.text = QLabel(self)
        self.text.setTextFormat(Qt.TextFormat.RichText)
        self.text.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        self.text.linkActivated.connect(lambda _: self.failures_wanted.emit())
        self.bar = ThinBar(self)
        self.speed = QLabel(self)
        self.pause_button = _button("Pause", self)
        self.cancel_button = _button("Cancel", self)
        self.slider = QSlider(Qt.Orientation.Horizontal, self)
        self.slider.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.slider.setToolTip("Size of the thumbnails")
        self.slider.setAccessibleName("Size of the thumbnails")
        self.slider.setRange(110, 420)
        line = theme.unit(self.fontMetrics())
        self.slider.setFixedWidth(line * 7)
        self.slider.valueChanged.connect(self.cell_width_chosen)
        row = QHBoxLayout(self)
        row.setContentsMargins(line * 3 // 4, line // 4, line * 3 // 4, line // 4)
        row.setSpacing(line * 3 // 4)
        row.addWidget(self.text, 1)
        row.addWidget(self.speed)
        row.addWidget(self.bar)
        row.addWidget(self.pause_button)
        row.addWidget(self.cancel_button)
        row.addSpacing(line // 2)
        row.addWidget(self.slider)
        self.setFixedHeight(max(self.pause_button.sizeHint().height(), line) + line // 2)
        self.pause_button.clicked.connect(self._pause_or_resume)
        self.cancel_button.clicked.connect(jobs.cancel)
        jobs.started.connect(self._on_started)
        jobs.progressed.connect(self._on_progressed)
        jobs.paused.connect(self._on_paused)
        jobs.failed.connect(self._on_failed)
        jobs.stopped.connect(self._on_stopped)
        jobs.finished.connect(self._on_finished)
        self._timer = QTimer(self, interval=REFRESH_MS)
        self._timer.timeout.connect(self._refresh)
        self._show_running(False)

    def say(self, sentence: str, failures: int = 0, lasting: bool = False) -> None:
        """Show a last line; `failures` makes the number of unreadable photos a link. A `lasting` one stays
        where the look at the folders that follows it finds nothing new."""
        self._lasting = lasting
        text = _escaped(sentence)
        if failures:
            link = self.palette().color(QPalette.ColorRole.Link).name()
            text += (
                f' <a href="failures" style="color:{link};text-decoration:none">'
                f"{failures:,} could not be read</a>"
            )
        self._said = text
        self.text.setText(text)
        self.text.setToolTip(sentence)

    def _on_started(self, task: Task) -> None:
        from culler.workflow.job import Pace

        self._task, self._progress, self._pace = task, None, Pace()
        self._show_running(True)
        self._timer.start()
        self._refresh()

    def _on_progressed(self, progress: Progress) -> None:
        self._progress = progress
        if self._pace is not None:
            self._pace.step(progress)

    def _on_paused(self, _paused: bool) -> None:
        if self._pace is not None:
            self._pace.hold()
        self._refresh()

    def _on_failed(self, task: Task, sentence: str) -> None:
        self._end(sentence)

    def _on_stopped(self, task: Task) -> None:
        self._end(f"{task.title} was cancelled. What was done so far is kept.")

    def _on_finished(self, task: Task, report: object) -> None:
        if self._lasting and not has_news(report):
            self._lasting = not hasattr(report, "scored")  # a look at the folders ends with a scoring
            self._end("")
        else:
            self._end(*summary(report))
            self._lasting = has_news(report) and not hasattr(report, "scored")

    def _end(self, sentence: str, failures: int = 0) -> None:
        self._timer.stop()
        self._task = None
        self._show_running(False)
        if sentence or failures:
            self.say(sentence, failures)
        else:
            self.text.setText(self._said)

    def _show_running(self, running: bool) -> None:
        for widget in (self.speed, self.bar, self.pause_button, self.cancel_button):
            widget.setVisible(running)

    def _pause_or_resume(self) -> None:
        if self._jobs.is_paused:
            self._jobs.resume()
        else:
            self._jobs.pause()

    def _refresh(self) -> None:
        if self._task is None:
            return
        paused = self._jobs.is_paused
        self.pause_button.setText("Resume" if paused else "Pause")
        progress = self._progress
        done, total = (0, None) if progress is None else (progress.done, progress.total)
        self.bar.set_progress(done, total)
        text = f"{self._task.title}: {done:,} of {total:,}" if total else f"{self._task.title} …"
        if total is None and done:
            text = f"{self._task.title}: {done:,} so far"
        note = "" if progress is None or progress.note == self._task.title else progress.note
        waiting = len(self._jobs.waiting)
        extras = [note] if note else []
        line = _escaped(text)
        if self._task.quiet and self._said:
            line, extras = self._said, [text, *extras]
        if waiting:
            extras.append(f"{waiting} more to do after this")
        dim = theme.cell_colors(self.palette()).dim_text.name()
        tail = "".join(f' <span style="color:{dim}">· {_escaped(extra)}</span>' for extra in extras)
        self.text.setText(line + tail)
        self.text.setToolTip("")
        self.speed.setText("paused" if paused else self._speed())

    def _speed(self) -> str:
        rate = None if self._pace is None else self._pace.rate
        if self._pace is None or not rate:
            return ""
        words = [f"{rate:,.0f} photos/s" if rate >= 10 else f"{rate:.1f} photos/s"]
        left = self._pace.seconds_left
        if left is not None and self._progress is not None and self._progress.total:
            words.append(f"{duration(left)} left")
        return " · ".join(words)


def summary(report: object) -> tuple[str, int]:
    """(what was done as a sentence, how many photos could not be read)."""
    failed = int(getattr(report, "failed", 0) or 0)
    tail = "," if failed else "."
    if hasattr(report, "scored"):
        scored, already = len(report.scored), int(getattr(report, "already", 0))
        if scored == 0 and already:
            return f"Everything was scored before{tail}", failed
        if scored == 0 and not failed:
            return "", 0
        return f"{_count(scored)} scored{tail}", failed
    if hasattr(report, "added"):
        added, changed = int(report.added), int(getattr(report, "changed", 0))
        missing = int(getattr(report, "missing", 0))
        parts = []
        if added:
            parts.append(f"{_count(added)} new")
        if changed:
            parts.append(f"{changed:,} changed")
        if missing:
            parts.append(f"{missing:,} missing")
        return (", ".join(parts) or "Nothing new") + tail, failed
    return "", 0


def has_news(report: object) -> bool:
    """Whether a reading or a scoring found anything that was not there before."""
    return any(getattr(report, name, 0) for name in ("scored", "added", "changed", "missing"))


def duration(seconds: float) -> str:
    """A time span in its two largest units at most: '40 s', '3 min', '1 h 20 min'."""
    seconds = max(0, round(seconds))
    if seconds < 60:
        return f"{seconds} s"
    minutes = round(seconds / 60)
    if minutes < 60:
        return f"{minutes} min"
    return f"{minutes // 60} h {minutes % 60} min"


def _count(photos: int) -> str:
    return "1 photo" if photos == 1 else f"{photos:,} photos"


def _button(text: str, parent: QWidget) -> QToolButton:
    button = QToolButton(parent)
    button.setText(text)
    button.setAutoRaise(True)
    button.setFocusPolicy(Qt.FocusPolicy.NoFocus)
    return button


def _escaped(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
