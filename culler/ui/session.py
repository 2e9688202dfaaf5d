"""What the window is about: the opened folders, their photos as columns, the order and filter, the
current photo, the marks, and the jobs that fill it all.

Writes and jobs report `Changes`; the session re-reads those rows, patches them into the columns in
place and announces them once. While jobs run this happens at most ten times a second, and a grid
sorted by scores moves at most every one and a half seconds.
"""

import logging
from collections.abc import Callable, Generator, Iterable, Sequence
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QObject, QTimer, Signal

from culler.domain.changes import NO_CHANGES, Changed, Changes, Progress
from culler.domain.errors import CullerError
from culler.domain.levels import LevelDistribution
from culler.domain.photo import PhotoId
from culler.ranking.columns import PhotoColumns, empty
from culler.ranking.filters import Filter
from culler.ranking.order import SortKey
from culler.ui.collection import Collection, Prepared
from culler.ui.edits import Edits
from culler.ui.facts import folder_title, reasons
from culler.ui.judging import Judging
from culler.ui.loading import Loading
from culler.ui.picture_source import PictureSource
from culler.ui.stacking import Stacking
from culler.ui.worker import JobQueue, Task

log = logging.getLogger(__name__)

PATCH_INTERVAL_MS = 100
REORDER_INTERVAL_MS = 1500
SCORE_KEYS = frozenset({SortKey.QUALITY, SortKey.AESTHETICS, SortKey.OVERALL, SortKey.SPREAD})


class Session(QObject):
    """The state of one window.

    Signals: folders_opened(tuple of Path); loaded() when the columns are others altogether;
    patched(PhotoColumns) and changed(Changes) when some rows are other than before; reordered() when
    other photos are shown or in another order; current_changed(photo id | None); said(sentence);
    marked(Changes) after a mark of the user; lost(Path) when a folder should be opened that is known and
    not there.
    """

    folders_opened = Signal(object)
    loaded = Signal()
    patched = Signal(object)
    changed = Signal(object)
    reordered = Signal()
    current_changed = Signal(object)
    marked = Signal(object)
    said = Signal(str)
    lost = Signal(object)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.workspace: Any = None
        self.jobs = JobQueue(self)
        self.loading = Loading(self)
        self.folders: tuple[Path, ...] = ()
        self.collection = Collection()
        self.pictures = PictureSource()
        self.judging = Judging(self)
        self.edits = Edits(self)
        self.current: PhotoId | None = None
        self.scorer: object | None = None
        self.ignored: tuple[Any, ...] = ()
        self.trouble = ""
        self.wanted_first: Callable[[], Sequence[PhotoId]] = tuple
        self.hold_order = False
        self._pending = NO_CHANGES
        self._meanwhile = NO_CHANGES  # what changed while the columns are being read
        self._arrived: set[PhotoId] = set()  # of the opened folders, maybe not in the columns yet
        self._stale = False
        self._look_again = False  # at the folders, once their columns are read
        self._patch_timer = QTimer(self, singleShot=True, interval=PATCH_INTERVAL_MS)
        self._patch_timer.timeout.connect(self._patch_pending)
        self._reorder_timer = QTimer(self, singleShot=True, interval=REORDER_INTERVAL_MS)
        self._reorder_timer.timeout.connect(self._reorder_when_allowed)
        self.loading.loaded.connect(self._on_columns)
        self.loading.failed.connect(self.said)
        self.jobs.progressed.connect(self._on_progress)
        self.jobs.finished.connect(self._on_job_end)
        self.jobs.stopped.connect(self._on_job_end)
        self.jobs.failed.connect(self._on_failed)

    @property
    def columns(self) -> PhotoColumns:
        return self.collection.columns

    @property
    def shown(self) -> NDArray[np.intp]:
        """Rows of the columns, as they are shown."""
        return self.collection.shown

    @property
    def filter(self) -> Filter:
        return self.collection.filter

    @property
    def missing_count(self) -> int:
        """How many photos of the opened folders are not where they were."""
        return int(np.count_nonzero(self.columns.missing))

    @property
    def all_missing(self) -> bool:
        """Whether there are photos, and none of them is where it was."""
        return 0 < self.missing_count == len(self.columns)

    # Opening and closing

    def attach(self, workspace: object) -> None:
        """Use this open workspace from now on."""
        self.workspace = workspace
        self.pictures.attach(workspace)
        self._read_scorer()

    def show_early(self, folders: Sequence[Path]) -> bool:
        """Show what the catalog knew of these folders' first photos, while it is being opened; False
        where it knew none."""
        from culler.workflow.first_page import first_page

        there = tuple(dict.fromkeys(path.expanduser().absolute() for path in folders))
        self.pictures.page = first_page(there) if all(path.is_dir() for path in there) else None
        if self.pictures.page is not None:
            self._enter(there, self.pictures.page.columns)
        return self.pictures.page is not None

    def open(self, paths: Sequence[Path]) -> None:
        """Show these folders, read what is new in them and have it scored. A file stands for its
        folder; what does not exist is said and left out."""
        folders: list[Path] = []
        lost: Path | None = None
        for path in paths:
            path = path.expanduser().absolute()
            folder = path if path.is_dir() else path.parent
            if not path.exists():
                self.said.emit(f"There is nothing at {path}. Is its disk connected?")
                lost = lost or (path if self.knows(path) else None)
            elif folder not in folders:
                folders.append(folder)
        if lost is not None and not folders:
            self.lost.emit(lost)
        if not folders or self.workspace is None:
            return
        page, self.pictures.page = self.pictures.page, None
        if page is None or self.folders != tuple(folders):
            self._enter(tuple(folders), self._first_columns(folders))
        self.rescan()

    def knows(self, folder: Path) -> bool:
        """Whether the catalog remembers this folder, there or not."""
        from culler.workflow.workspace import known_scopes

        try:
            return self.workspace is not None and bool(known_scopes(self.workspace, [folder]))
        except CullerError:
            return False

    def _first_columns(self, folders: Sequence[Path]) -> PhotoColumns:
        """The columns of the first photos, read in a moment."""
        from culler.workflow.first_page import first_page

        page = first_page(folders, self.workspace.places)
        return empty() if page is None else page.columns

    def _enter(self, folders: tuple[Path, ...], columns: PhotoColumns) -> None:
        self.folders = folders
        self.collection.filter = Filter()
        self.collection.only = None
        self.current = None
        self._arrived.clear()
        self.collection.replace(columns)
        self.folders_opened.emit(self.folders)
        self.loaded.emit()

    def rescan(self) -> None:
        """Look at the opened folders again; filter and current photo stay."""
        self.ignored = ()
        self.trouble = ""
        self._read_scorer()
        self._look_again = True
        self.loading.start(self.workspace, self.folders)

    def _on_columns(self, found: Prepared) -> None:
        """All that the catalog knows is read: show it, then see what is new in the folders."""
        self._stale = False
        was_ids, place = self.collection.shown_ids, self.place_of(self.current)
        self.collection.replace(found)
        self._announce(loaded=True, was_ids=was_ids, place=place)
        meanwhile, self._meanwhile = self._meanwhile, NO_CHANGES
        if meanwhile:
            self.apply(meanwhile)
        look, self._look_again = self._look_again, False
        if look:
            self._scan()

    def _scan(self) -> None:
        self.jobs.resume()
        self.jobs.add(
            Task(
                f"Reading {folder_title(self.folders)}",
                partial(_read, self.workspace, self.folders),
                self.folders,
                then=partial(self._score_after_scan, self.folders),
            ),
            urgent=True,
        )

    def first_wanted(self) -> Sequence[PhotoId]:
        """Ids the job should take first: what can be seen now. Called in the job's thread."""
        return self.wanted_first()

    def close(self) -> None:
        """End the jobs, then the workspace."""
        self._patch_timer.stop()
        self._reorder_timer.stop()
        self.pictures.let_go()
        self.loading.close()
        self.jobs.close()
        if self.workspace is not None:
            from culler.workflow import marks_mirror

            marks_mirror.renew_quietly(self.workspace)
            self.pictures.close()
            self.workspace.close()
            self.workspace = None

    def _score_after_scan(self, folders: tuple[Path, ...], report: Any) -> None:
        if folders == self.folders:
            self.ignored = tuple(getattr(report, "ignored", ()))
        self.judging.score(folders)

    # Reading

    def _read_scorer(self) -> bool:
        """Find out who judges; True when it is another than before, whose scores are not read yet."""
        from culler.workflow.rank import current_scorer, quality_weight

        before, self.scorer = self.scorer, current_scorer(self.workspace)
        self.collection.quality_weight = quality_weight(self.workspace)
        return before is not None and before != self.scorer

    def _follow_judge(self) -> None:
        """Read the columns again where another judge took over."""
        if self._read_scorer() and self.folders:
            self.loading.start(self.workspace, self.folders)

    def row_of(self, photo_id: PhotoId) -> int | None:
        """The photo's row in the columns."""
        return self.collection.row_of(photo_id)

    def shown_ids(self) -> list[PhotoId]:
        """The ids that are shown, in order."""
        ids: list[PhotoId] = self.collection.shown_ids.tolist()
        return ids

    def place_of(self, photo_id: PhotoId | None) -> int | None:
        """Where in the shown order the photo is; None when it is not shown."""
        return self.collection.place_of(photo_id)

    def neighbour(self, photo_id: PhotoId | None, step: int) -> PhotoId | None:
        """The photo `step` places further in the shown order, or None past either end."""
        return self.collection.neighbour(photo_id, step)

    def detail(self, photo_id: PhotoId) -> Any:
        """Everything about one photo (culler.workflow.rank.PhotoDetail)."""
        from culler.workflow.rank import detail

        return detail(self.workspace, photo_id)

    def compare(self, a: PhotoId, b: PhotoId) -> Any:
        """P(a is better than b) by the stored levels; raises CullerError when one is not scored."""
        from culler.workflow.rank import compare

        return compare(self.workspace, a, b)

    def levels_of(self, photo_id: PhotoId) -> LevelDistribution | None:
        """The photo's quality by the current scorer, else its aesthetics; None where not scored."""
        return self.collection.levels_of(photo_id)

    def failures(self) -> list[tuple[PhotoId, str, str]]:
        """(id, name, reason) of the photos that could not be read or scored."""
        found = []
        for row in np.flatnonzero(self.columns.failed).tolist():
            photo_id = int(self.columns.ids[row])
            why = " ".join(reasons(self.detail(photo_id).failures))
            found.append((photo_id, str(self.columns.names[row]), why))
        return found

    def file_paths(self, photo_ids: Sequence[PhotoId]) -> list[str]:
        """Every file of these photos, to drag out of the window."""
        from culler.workflow.rank import file_paths

        return file_paths(self.workspace, photo_ids)

    # Order, filter, current photo

    def set_sort(self, key: SortKey, descending: bool) -> None:
        self.collection.key, self.collection.descending = key, descending
        self._sort()

    def set_filter(self, filter: Filter) -> None:
        if filter != self.filter:
            self.collection.filter = filter
            self._show()

    def restack(self, stacking: Stacking | None) -> None:
        """Show these stacks from now on."""
        self.collection.stack(stacking)
        self._show()

    def set_taste(self, ids: NDArray[np.int64], levels: NDArray[np.float32] | None) -> None:
        """What the user's taste says of these photos, from now on."""
        self.collection.set_taste(ids, levels)
        if self.collection.key is SortKey.TASTE:
            self._stale = True
            self._reorder_when_allowed()

    def show_only(self, photo_ids: frozenset[PhotoId] | None) -> None:
        """Show nothing but these photos, as far as the filter lets them through; None lifts it."""
        if photo_ids != self.collection.only:
            self.collection.only = photo_ids
            self._show()

    def set_current(self, photo_id: PhotoId | None) -> None:
        if photo_id != self.current and (photo_id is None or photo_id in self.collection):
            self.current = photo_id
            self.current_changed.emit(photo_id)

    def step(self, by: int) -> bool:
        """Make the neighbour current; False at either end."""
        other = self.neighbour(self.current, by)
        if other is not None:
            self.set_current(other)
        return other is not None

    def release_order(self) -> None:
        """Let scores that came in meanwhile reorder the grid now."""
        self.hold_order = False
        self._reorder_when_allowed()

    def _sort(self) -> None:
        self._stale = False
        self.collection.sort()
        self._show()

    def _show(self) -> None:
        """Filter again; the current photo stays, or the one that took its place follows."""
        was_ids, place = self.collection.shown_ids, self.place_of(self.current)
        if self.collection.show():
            self._announce(was_ids=was_ids, place=place)

    def _announce(
        self, loaded: bool = False, was_ids: NDArray[np.int64] | None = None, place: int | None = None
    ) -> None:
        before = self.current
        if before is not None and self.place_of(before) is None:
            self.current = self.collection.stand_in(before)
            if self.current is None and was_ids is not None and place is not None:
                self.current = self.collection.successor(was_ids, place)
        current = self.current
        (self.loaded if loaded else self.reordered).emit()
        if current != before and self.current == current:
            self.current_changed.emit(current)

    def _reorder_when_allowed(self) -> None:
        if self._stale and not self.hold_order:
            self._sort()

    # Changes

    def _on_progress(self, progress: Progress) -> None:
        running = self.jobs.running
        if progress.changes:
            self._pending |= progress.changes
            if running is not None and set(running.folders) <= set(self.folders):
                self._arrived |= progress.changes.photo_ids
            if not self._patch_timer.isActive():
                self._patch_timer.start()

    def _on_failed(self, task: Task, sentence: str) -> None:
        if task.folders == self.folders:
            self.trouble = sentence
        self._on_job_end(task)

    def _on_job_end(self, task: Task, _result: object = None) -> None:
        self._patch_timer.stop()
        self._patch_pending()
        if self.workspace is not None:
            self._follow_judge()
        self._reorder_timer.stop()
        self._reorder_when_allowed()

    def _patch_pending(self) -> None:
        pending, self._pending = self._pending, NO_CHANGES
        if not pending or self.workspace is None:
            return
        if Changed.SCORES in pending.facets:
            self._follow_judge()
        try:
            self.apply(pending)
        except CullerError as error:
            self.said.emit(str(error))

    def expect(self, photo_ids: Iterable[PhotoId]) -> None:
        """These photos belong to the opened folders, though the columns may not have them yet."""
        self._arrived.update(photo_ids)

    def apply(self, changes: Changes) -> None:
        """Re-read these photos and announce them; order and filter follow what changed."""
        from culler.workflow.rank import rows

        ids = [id_ for id_ in changes.photo_ids if id_ in self.collection or id_ in self._arrived]
        if self.loading.running:
            self._meanwhile |= changes
        else:
            self._arrived.difference_update(ids)
        if not ids:
            return
        if Changed.SCORES in changes.facets and self.scorer is None:
            self._read_scorer()
        part = rows(self.workspace, sorted(ids))
        came_or_went = Changed.PHOTOS in changes.facets
        was_ids, place = self.collection.shown_ids, self.place_of(self.current)
        # Photos whose files another one has now are no photos any more.
        went = self.collection.drop(set(ids) - set(part.ids.tolist()))
        if self.collection.patch(part, renamed=came_or_went) or went:
            self.collection.show()
            self._announce(loaded=True, was_ids=was_ids, place=place)
        else:
            self.patched.emit(part)
        self.changed.emit(Changes(frozenset(ids), changes.facets))
        if Changed.MARKS in changes.facets or (came_or_went and part.missing.any()):
            self._show()
        by_score = self.collection.key in SCORE_KEYS or bool(self.filter)
        if came_or_went or (by_score and changes.facets & {Changed.SCORES, Changed.FAILURES}):
            self._stale = True
            if not self._reorder_timer.isActive():
                self._reorder_timer.start()


def _read(workspace: Any, folders: Sequence[Path]) -> Generator[Progress, None, object]:
    """The scan as a job; then it imports what the window will call next, which is slow the first time."""
    from culler.workflow.scan import scan

    report = yield from scan(workspace, folders)
    import culler.workflow.cull
    import culler.workflow.score  # noqa: F401

    return report
