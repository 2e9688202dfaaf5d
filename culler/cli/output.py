"""How verbs speak: JSON lines on stdout, sentences and progress on stderr."""

import json
import math
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Protocol, TypeVar

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, TextColumn, TimeRemainingColumn
from rich.progress import Progress as Bars

from culler.cli import interrupt
from culler.domain.changes import Progress
from culler.domain.photo import shown_name
from culler.workflow import marks_mirror
from culler.workflow.job import Job, Pace, drive
from culler.workflow.scan import ScanReport, scan
from culler.workflow.workspace import Workspace, open_workspace

T = TypeVar("T")


def say(sentence: str) -> None:
    """A sentence for the person, on stderr."""
    print(harmless(sentence), file=sys.stderr)


def put(record: Mapping[str, Any]) -> None:
    """One JSON object, one line, on stdout: UTF-8, or plain ASCII where stdout speaks something else."""
    ascii_only = getattr(sys.stdout, "encoding", "").lower().replace("-", "") != "utf8"
    print(json.dumps(_strict(record), ensure_ascii=ascii_only, allow_nan=False, default=str))


def path_text(path: Path) -> str:
    """A path as shown: bytes that are not UTF-8 escaped."""
    return shown_name(str(path))[0]


def harmless(text: str) -> str:
    """Text whose control characters, which a name may hold, cannot drive the terminal."""
    text = shown_name(text)[0]
    if text.isprintable():
        return text
    return "".join(c if c in "\n\t" or c.isprintable() or c > "\x9f" else f"\\x{ord(c):02x}" for c in text)


def _strict(value: Any) -> Any:
    """What JSON can say: no lone surrogates (escaped as in names), no NaN or infinity (None)."""
    if isinstance(value, str):
        return shown_name(value)[0]
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if isinstance(value, Mapping):
        return {_strict(key): _strict(part) for key, part in value.items()}
    if isinstance(value, list | tuple):
        return [_strict(part) for part in value]
    return value


@contextmanager
def workspace() -> Iterator[Workspace]:
    """The user's workspace, closed afterwards, with marks mirrored at most once an hour."""
    opened = open_workspace()
    try:
        yield opened
        marks_mirror.renew_quietly(opened, marks_mirror.HOUR_S)
    finally:
        opened.close()


def follow(job: Job[T], title: str) -> T:
    """Drive a job to its end, with a progress bar on a terminal and silence in a pipe."""
    console = Console(stderr=True)
    if not console.is_terminal:
        return _driven(job)
    pace = Pace()
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TextColumn("{task.fields[rate]}"),
        TimeRemainingColumn(),
    )
    with Bars(*columns, console=console, transient=True) as bars:
        task = bars.add_task(title, total=None, rate="")

        def show(progress: Progress) -> None:
            pace.step(progress)
            rate = "" if pace.rate is None else f"{pace.rate:.1f}/s"
            about = f"{title} ({harmless(progress.note)})" if progress.note else title
            bars.update(task, description=about, completed=progress.done, total=progress.total, rate=rate)

        return _driven(job, show)


def _driven(job: Job[T], on_progress: Callable[[Progress], None] = lambda progress: None) -> T:
    with interrupt.stepping():
        result = drive(job, on_progress, interrupt.asked.is_set)
    assert result is not None
    return result


def scanned(workspace: Workspace, folders: Sequence[Path]) -> ScanReport:
    """Bring the catalog up to date with these folders, ratings hidden in maker notes included, and say
    what could not be looked at."""
    report = follow(scan(workspace, folders), "Reading folders")
    if report.added or report.changed:
        from culler.workflow import maker_notes

        follow(maker_notes.read(workspace, report.folders, sets=False), maker_notes.NOTE)
    for trouble in report.troubles:
        say(f"{path_text(trouble.path)}: {trouble.reason}.")
    return report


def counted(number: int, one: str, many: str | None = None) -> str:
    """ "1 photo", "3 photos"."""
    return f"{number:,} {one if number == 1 else many or one + 's'}"


class MovedBack(Protocol):
    """A file that an undo brought back, or could not."""

    @property
    def path(self) -> Path: ...
    @property
    def to(self) -> Path: ...
    @property
    def message(self) -> str: ...


def told_back(items: Sequence[MovedBack], json: bool) -> int:
    """Say file by file what an undo of moves did; the exit code."""
    for item in items:
        if json:
            put({"path": path_text(item.path), "to": path_text(item.to), "error": item.message or None})
        if item.message:
            say(item.message)
    back = sum(not item.message for item in items)
    say(f"{counted(back, 'file')} back where {'it was' if back == 1 else 'they were'}.")
    return 0 if back else 1
