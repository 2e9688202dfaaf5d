"""The window: grid, loupe, compare and survey of one session, with the bars around them.

Owns the widgets and passes what happens in one to the others; what is known and done lives in the
session.
"""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from PySide6.QtCore import QByteArray, QSize, Qt, QTimer, Signal
from PySide6.QtGui import QCloseEvent, QDragEnterEvent, QDropEvent, QPaintEvent
from PySide6.QtWidgets import (
    QApplication,
    QDialog,
    QFileDialog,
    QHBoxLayout,
    QMainWindow,
    QScrollArea,
    QSplitter,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from culler.domain.assessment import Aspect
from culler.domain.changes import Changed, Changes
from culler.domain.errors import CullerError
from culler.domain.photo import PhotoId
from culler.ranking.order import SortKey
from culler.settings import Settings
from culler.ui import dialogs, theme
from culler.ui.action_spec import Preset, Situation
from culler.ui.actions import Actions
from culler.ui.care import Care
from culler.ui.compare_view import CompareView
from culler.ui.culling import Culling
from culler.ui.facts import folder_title
from culler.ui.files_by_hand import FilesByHand
from culler.ui.filter_bar import FilterBar
from culler.ui.grid_view import GridView
from culler.ui.input_watch import InputWatch
from culler.ui.inspector import Inspector
from culler.ui.last_place import LastPlace
from culler.ui.loupe import Loupe
from culler.ui.marker import Marker
from culler.ui.metadata import Metadata
from culler.ui.outside import Outside
from culler.ui.photo_delegate import PhotoDelegate
from culler.ui.photo_model import PhotoModel
from culler.ui.pictures import Pictures
from culler.ui.removing import Removing
from culler.ui.screen_color import ScreenColor
from culler.ui.session import Session
from culler.ui.survey_view import SurveyView
from culler.ui.task_line import TaskLine
from culler.ui.thumbnail_loader import ThumbnailLoader
from culler.ui.view_switch import ViewSwitch
from culler.ui.views import Views
from culler.ui.welcome import EmptyNote, Welcome
from culler.ui.window_menus import WindowMenus

DETAIL_PAUSE_MS = 25


class MainWindow(QMainWindow):
    """Signals: first_painted() once; rescue_wanted() from the button beside a catalog that cannot be
    opened; closed() when everything of the window has ended."""

    first_painted = Signal()
    rescue_wanted = Signal()
    closed = Signal()

    session: Session
    culling: Culling
    metadata: Metadata
    outside: Outside
    removing: Removing
    files_by_hand: FilesByHand
    care: Care
    compare: CompareView
    survey: SurveyView
    marker: Marker
    views: Views

    def __init__(self, session: Session, settings: Settings, settings_file: Path) -> None:
        super().__init__()
        self.session = session
        self.settings = settings
        self._settings_file = settings_file
        self._painted = False
        self.is_dark = False
        self._touched = False
        self._several_files = False
        self.setWindowTitle("Culler")
        self.setAcceptDrops(True)

        self.pictures = Pictures(session.pictures.preview, session.pictures.full, self)
        self.loader = ThumbnailLoader(
            session.pictures.thumbnail,
            session.pictures.quick_thumbnail,
            session.pictures.large_thumbnail,
            parent=self,
        )
        self.screen_color = ScreenColor(self, settings.screen_profile)
        self.cells = PhotoDelegate(self.loader.pixmap, self)
        self.model = PhotoModel(session.file_paths, self)
        self.grid = GridView(self.model, self.cells, self)
        self.loupe = Loupe(self.pictures, self.loader.pixmap, self)
        self.compare = CompareView(
            self.pictures, session.compare, session.neighbour, session.detail, session.levels_of, self
        )
        self.survey = SurveyView(self.pictures, session.detail, session.levels_of, self)
        self.culling = Culling(self)
        self.welcome = Welcome(self)
        self.note = EmptyNote(self)
        self.stack = QStackedWidget(self)
        self.views = Views(self, self.stack)
        self.inspector = Inspector(self)
        self.filter_bar = FilterBar(self)
        self.switch = ViewSwitch(self)
        self.task_line = TaskLine(session.jobs, self)
        self._lay_out()

        self.input = InputWatch(self)
        self.marker = Marker(session, self.targets, self._goes_on, self)
        self.actions_: Actions = Actions(
            self, Preset(settings.keys) if settings.keys in set(Preset) else Preset.LIGHTROOM
        )
        self.menus = WindowMenus(self)
        self._detail_timer = QTimer(self, singleShot=True, interval=DETAIL_PAUSE_MS)
        self._detail_timer.timeout.connect(self.refresh_detail)
        self._connect()
        self.actions_["auto-advance"].setChecked(settings.auto_advance)
        for shown in ("info", "grid"):
            self.actions_[shown].setChecked(True)
        self.actions_["panels"].setChecked(settings.panels)
        self.actions_["filter-bar"].setChecked(settings.filter_bar)
        self.grid.set_cell_width(settings.thumbnail_px)
        self.views.show_page()
        self._refresh_actions()

    # Construction

    def _lay_out(self) -> None:
        line = theme.unit(self.fontMetrics())
        self.top = QWidget(self)
        bar = QHBoxLayout(self.top)
        bar.setContentsMargins(line * 2 // 3, 0, 0, 0)
        bar.setSpacing(0)
        bar.addWidget(self.switch)
        # On a narrow screen the bar's end is cut off and can be scrolled to; the window stays narrow.
        window_on_bar = QScrollArea(self.top)
        window_on_bar.setFrameShape(QScrollArea.Shape.NoFrame)
        window_on_bar.setWidgetResizable(True)
        window_on_bar.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        window_on_bar.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        window_on_bar.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        window_on_bar.setWidget(self.filter_bar)
        window_on_bar.setFixedHeight(self.filter_bar.sizeHint().height())
        bar.addWidget(window_on_bar, 1)
        self.splitter = QSplitter(Qt.Orientation.Horizontal, self)
        self.splitter.setHandleWidth(1)
        self.splitter.setChildrenCollapsible(False)
        self.splitter.addWidget(self.stack)
        self.splitter.addWidget(self.inspector)
        self.splitter.setStretchFactor(0, 1)
        self.splitter.setStretchFactor(1, 0)
        whole = QWidget(self)
        column = QVBoxLayout(whole)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self.top)
        column.addWidget(self.culling.bar)
        column.addWidget(self.splitter, 1)
        column.addWidget(self.task_line)
        self.setCentralWidget(whole)
        self.task_line.slider.setRange(*self.grid.cell_width_range())

    def _connect(self) -> None:
        session = self.session
        session.loaded.connect(self._on_loaded)
        session.reordered.connect(self._on_reordered)
        session.patched.connect(self.model.patch)
        session.changed.connect(self._on_changed)
        session.current_changed.connect(self._on_current)
        session.folders_opened.connect(self._on_folders)
        session.said.connect(self.task_line.say)
        self.culling.join()
        self.metadata = Metadata(self)
        self.metadata.join()
        self.outside = Outside(self)
        self.outside.join()
        self.removing = Removing(self)
        self.files_by_hand = FilesByHand(self)
        self.care = Care(self)
        session.lost.connect(self.care.find_moved)
        session.marked.connect(lambda _: self._refresh_actions())
        self.input.acted.connect(self._on_act)
        self.last_place = LastPlace(self)
        self.marker.said.connect(self.task_line.say)
        for signal in (session.jobs.started, session.jobs.emptied):
            signal.connect(lambda *_: self.views.show_page())
        session.wanted_first = lambda: self._visible
        self._visible: tuple[PhotoId, ...] = ()
        self.grid.visible_changed.connect(self._on_visible)
        self.grid.current_changed.connect(session.set_current)
        self.grid.opened.connect(lambda _: self.views.show_loupe())
        self.grid.cell_width_changed.connect(self._on_cell_width)
        self.grid.selectionModel().selectionChanged.connect(lambda *_: self._refresh_actions())
        self.loader.loaded.connect(self.grid.update_photo)
        self.screen_color.changed.connect(self._on_screen_profile)
        self.screen_color.said.connect(self.task_line.say)
        self.task_line.cell_width_chosen.connect(self.grid.set_cell_width)
        self.task_line.failures_wanted.connect(self.show_failures)
        self.filter_bar.filter_changed.connect(session.set_filter)
        self.filter_bar.sort_changed.connect(self._on_sort)
        self.filter_bar.left.connect(self.views.take_keys)
        self.switch.chosen.connect(lambda view: self.actions_[view].trigger())
        self.welcome.folder_wanted.connect(self.choose_folder)
        self.welcome.last_wanted.connect(lambda: self.session.open([Path(self.settings.last_folder)]))
        self.note.clicked.connect(self._help_empty)
        for marks in (self.inspector, self.loupe, self.compare):
            marks.flagged.connect(self.marker.flag)
            marks.starred.connect(self.marker.stars)
            marks.labelled.connect(self.marker.label)
        self.compare.active_changed.connect(self._on_active)
        self.survey.current_changed.connect(self._on_active)
        self.survey.opened.connect(lambda _: self.views.show_loupe())
        self.input.caps_lock_changed.connect(lambda _: self._show_auto_advance())
        app = QApplication.instance()
        if app is not None:
            app.installEventFilter(self.input)

    # What the session tells

    def _on_folders(self, folders: object) -> None:
        self.setWindowTitle(f"{folder_title(self.session.folders)} · Culler")
        self.update_settings(last_folder=str(self.session.folders[0]))
        self.loader.clear()
        self._touched = False
        self.filter_bar.set_filter(self.session.filter)
        self.views.show_grid()

    def _on_loaded(self) -> None:
        self.model.set_columns(self.session.columns, self.session.shown)
        self.culling.show_stacks()
        self.culling.show_suggestions()
        self._after_reorder()

    def _on_reordered(self) -> None:
        current = self.session.current
        self.model.set_order(self.session.shown)
        # The grid went to the photo behind one that is gone; the session knows better, of stacks too.
        if current is not None:
            self.session.set_current(current)
        self._after_reorder()

    def _after_reorder(self) -> None:
        self.views.show_page()
        # Until somebody acts, the first photo is current, whoever that is while photos come in, or the last
        # time's.
        fresh = self.session.current is None or not self._touched
        if fresh and len(self.session.shown) and self.views.name in ("grid", "loupe"):
            self.last_place.take_up()
        self._follow_current()
        if self.views.name == "loupe":
            self.views.show_in_loupe()
        self._refresh_actions()

    def _on_changed(self, changes: Changes) -> None:
        if Changed.PHOTOS in changes.facets:
            self.loader.invalidate(changes.photo_ids)
            self.pictures.forget(list(changes.photo_ids))
            self.loader.request(self._visible)
        if self.views.focus_id() in changes.photo_ids:
            if Changed.MARKS in changes.facets:
                self.refresh_detail()
            else:
                self._detail_timer.start()  # a job's news can wait for a turn of their own
        if self.views.name == "compare" and changes.photo_ids & set(self.compare.ids):
            self.compare.refresh()
        if self.views.name == "survey" and changes.photo_ids & set(self.survey.ids):
            self.survey.refresh()

    def _on_current(self, photo_id: PhotoId | None) -> None:
        self._follow_current()
        if self.views.name == "loupe":
            self.views.show_in_loupe()
        self._detail_timer.start()
        self._refresh_actions()

    def _follow_current(self) -> None:
        """The grid's current photo is the session's, where it is shown."""
        current = self.session.current
        if current is not None and self.grid.current_id() != current:
            self.grid.set_current(current)

    def _on_active(self, photo_id: PhotoId | None) -> None:
        """Compare and survey have their own current photo; the rest follows it."""
        if self.views.name in ("compare", "survey"):
            self.session.set_current(photo_id)
            self._detail_timer.start()

    def _on_act(self) -> None:
        """Somebody acts: from now on nothing moves the current photo away."""
        self._touched = True

    def _on_visible(self, ids: list[PhotoId]) -> None:
        self._visible = tuple(ids)
        self.loader.set_target_px(self.grid.box_px())
        self.loader.request(ids)

    def _on_screen_profile(self, profile: bytes | None) -> None:
        """Every picture is made anew in the colours of the screen."""
        self.loader.set_screen(profile)
        self.pictures.set_screen(profile)
        self.loader.request(self._visible)

    def _on_sort(self, key: SortKey, descending: bool) -> None:
        """The bars in the grid speak of what it is sorted by."""
        self.cells.set_aspect(Aspect.AESTHETICS if key is SortKey.AESTHETICS else Aspect.QUALITY)
        self.session.set_sort(key, descending)
        self.grid.viewport().update()

    def _on_cell_width(self, width: int) -> None:
        self.task_line.slider.setValue(width)
        self.loader.set_target_px(self.grid.box_px())

    def refresh_later(self) -> None:
        """What is known of the photo in focus may have changed."""
        self._detail_timer.start()
        self._refresh_actions()

    def refresh_count(self) -> None:
        """How many photos are shown."""
        collection = self.session.collection
        folded = collection.passing - len(collection.shown)
        present = len(self.session.columns) - self.session.missing_count
        self.filter_bar.set_count(collection.passing, present, folded)
        self.actions_["missing"].setChecked(self.session.filter.only_missing)

    def refresh_detail(self) -> None:
        """Read what is known of the photo in focus again."""
        self._detail_timer.stop()
        photo_id = self.views.focus_id()
        detail = None
        if photo_id is not None and self.session.workspace is not None:
            try:
                detail = self.session.detail(photo_id)
            except CullerError as error:
                self.task_line.say(str(error))
        several = detail is not None and len(detail.photo.pictures) > 1
        if several is not self._several_files:
            self._several_files = several
            self._refresh_actions()
        if self.inspector.isVisible():
            self.inspector.show_detail(detail)
            self.culling.show_standing(None if detail is None else photo_id)
        if detail is not None and self.views.name == "loupe":
            self.loupe.set_detail(detail, self.session.levels_of(detail.photo.id))

    # Pages and views

    def set_ready(self) -> None:
        """The catalog is open."""
        last = Path(self.settings.last_folder) if self.settings.last_folder else None
        is_there = last is not None and last.is_dir()
        offered = last is not None and (is_there or self.session.knows(last))
        self.welcome.set_last_folder(last if offered else None, is_there)
        self._refresh_actions()

    def expect(self, folders: Sequence[Path]) -> None:
        """These folders will be shown as soon as the catalog is open."""
        if folders:
            self.views.show_note(f"Opening {folder_title(folders)} …", str(folders[0]), "")

    def refuse(self, sentence: str) -> None:
        """The catalog cannot be opened: say why, and nothing else can be done."""
        self.session.folders = ()  # what was shown early cannot be worked on
        self.views.show_note("Culler cannot open its catalog", sentence, "")
        self.show_bars()

    def _help_empty(self) -> None:
        if self.session.workspace is None:
            self.rescue_wanted.emit()
        elif self.session.all_missing and not self.session.filter:
            self.care.find_moved()
        elif len(self.session.columns):
            self.clear_filter()
        else:
            self.choose_folder()

    def show_bars(self) -> None:
        opened = bool(self.session.folders)
        dark = self.is_dark
        self.top.setVisible(opened and not dark and self.actions_["filter-bar"].isChecked())
        self.culling.bar.setVisible(
            self.top.isVisibleTo(self) and self.views.name != "pairwise" and self.culling.suggesting.is_open
        )
        panel = self.actions_["panels"].isChecked() and self.views.name != "pairwise"
        self.inspector.setVisible(opened and not dark and panel)
        self.task_line.setVisible(not dark)
        self.menuBar().setVisible(not dark)
        self.task_line.slider.setVisible(opened and self.views.name == "grid")

    # Marks

    def targets(self) -> list[PhotoId]:
        """The photos a mark lands on: in the grid the selected ones, elsewhere only the one in focus."""
        if self.views.name == "grid":
            chosen = self.grid.selected_ids()
            if chosen:
                return chosen
        focus = self.views.focus_id()
        return [] if focus is None else [focus]

    def _goes_on(self) -> bool:
        """Whether the next photo comes after a mark."""
        return self.views.name in ("grid", "loupe") and (self.settings.auto_advance or self.input.caps_lock)

    # What actions do

    def choose_folder(self) -> None:
        start = str(self.session.folders[0]) if self.session.folders else self.settings.last_folder
        chosen = QFileDialog.getExistingDirectory(self, "Open a folder of photos", start)
        if chosen:
            self.session.open([Path(chosen)])

    def toggle_panels(self) -> None:
        self.show_bars()
        self.refresh_detail()

    def toggle_filter_bar(self) -> None:
        self.show_bars()

    def toggle_full_screen(self) -> None:
        self.setWindowState(self.windowState() ^ Qt.WindowState.WindowFullScreen)

    def toggle_lights(self) -> None:
        self.is_dark = not self.is_dark
        self.actions_["lights"].setChecked(self.is_dark)
        self.show_bars()

    def toggle_auto_advance(self) -> None:
        self.update_settings(auto_advance=self.actions_["auto-advance"].isChecked())

    def _show_auto_advance(self) -> None:
        self.task_line.say(
            "Caps Lock: going on after each mark." if self.input.caps_lock else "Staying after a mark."
        )

    def resize_cells(self, by: int) -> None:
        self.grid.set_cell_width(round(self.grid.cell_width() * 1.2**by))

    def search(self) -> None:
        if not self.actions_["filter-bar"].isChecked():
            self.actions_["filter-bar"].setChecked(True)
            self.show_bars()
        self.filter_bar.focus_search()

    def clear_filter(self) -> None:
        self.culling.suggesting.set_queue(None)
        self.filter_bar.clear_filter()

    def toggle_missing(self) -> None:
        self.filter_bar.set_only_missing(self.actions_["missing"].isChecked())

    def set_theme(self, scheme: str) -> None:
        app = QApplication.instance()
        if isinstance(app, QApplication):
            theme.apply(app, scheme)
        self.update_settings(theme=scheme)

    def set_screen_profile(self, choice: str) -> None:
        self.screen_color.set_choice(choice)
        self.update_settings(screen_profile=choice)

    def set_keys(self, preset: str) -> None:
        self.actions_.set_preset(Preset(preset))
        self.update_settings(keys=preset)

    def show_export(self) -> None:
        dialog = dialogs.export_dialog(self)
        dialog.exec()
        dialog.deleteLater()
        if dialog.moved and self.session.workspace is not None:
            self.session.rescan()

    def undo_move(self) -> None:
        from culler.ui.export_undo import undo_move

        undo_move(self)

    def show_failures(self) -> None:
        dialog = dialogs.failures_dialog(self.session, self)
        dialog.photo_wanted.connect(self.views.go_to)
        dialog.exec()
        dialog.deleteLater()

    def exec_with_pictures(self, dialog: QDialog, photo_ids: Sequence[PhotoId]) -> None:
        """Show a dialog; the pictures of its photos come first until it closes."""
        self.loader.request(list(photo_ids))
        dialog.exec()
        self.loader.request(self.grid.visible_ids())

    def show_keys(self) -> None:
        dialog = dialogs.key_sheet(self.actions_.preset, self)
        dialog.exec()
        dialog.deleteLater()

    def show_about(self) -> None:
        dialog = dialogs.about_dialog(self)
        dialog.exec()
        dialog.deleteLater()

    # Around

    def situation(self) -> Situation:
        """What the actions ask about."""
        session = self.session
        return Situation(
            ready=session.workspace is not None,
            opened=bool(session.folders),
            shown=len(session.shown),
            targets=1 if self.views.focus_id() is not None else 0,
            selected=self.grid.selected_count,
            several_files=self._several_files,
            view=self.views.name if session.folders else "welcome",
            stacked=self.culling.stacks.group_of(self.views.focus_id()) >= 0,
            closed=self.culling.stacks.is_closed(self.views.focus_id()),
            suggested=self.culling.suggesting.is_open,
            in_queue=self.culling.suggesting.in_queue,
        )

    def _refresh_actions(self) -> None:
        self.actions_.refresh(self.situation())
        self.switch.set_enabled(
            {view: self.actions_[view].isEnabled() for view in ("grid", "loupe", "compare", "survey")}
        )

    def update_settings(self, **parts: object) -> None:
        """Change some settings and keep them."""
        self.settings = replace(self.settings, **parts)  # type: ignore[arg-type]
        try:
            self.settings.save(self._settings_file)
        except OSError as error:
            self.task_line.say(f"Settings could not be saved in {self._settings_file}: {error.strerror}.")

    def restore_place(self) -> None:
        """The size and place that the window had last."""
        last = QByteArray.fromHex(self.settings.window.encode("ascii", "ignore"))
        if not self.restoreGeometry(last):
            self.resize(self.sizeHint())

    def _keep_place(self) -> None:
        self.last_place.note()
        parts: dict[str, object] = {"thumbnail_px": self.grid.cell_width()}
        if not self.isFullScreen():
            parts["window"] = bytes(self.saveGeometry().toHex().data()).decode("ascii")
        for name, action in (("panels", "panels"), ("filter_bar", "filter-bar")):
            parts[name] = self.actions_[action].isChecked()
        self.update_settings(**parts)

    def sizeHint(self) -> QSize:
        available = self.screen().availableSize()
        return QSize(min(1500, available.width() * 9 // 10), min(950, available.height() * 9 // 10))

    def paintEvent(self, event: QPaintEvent) -> None:
        super().paintEvent(event)
        if not self._painted:
            self._painted = True
            QTimer.singleShot(0, self.first_painted.emit)

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        if event.source() is None and _dropped(event) and self.session.workspace is not None:
            event.acceptProposedAction()
            self.welcome.set_hovering(True)

    def dragLeaveEvent(self, event: object) -> None:
        self.welcome.set_hovering(False)

    def dropEvent(self, event: QDropEvent) -> None:
        self.welcome.set_hovering(False)
        paths = _dropped(event)
        if paths:
            event.acceptProposedAction()
            self.session.open(paths)

    def closeEvent(self, event: QCloseEvent) -> None:
        for dialog in self.findChildren(QDialog):
            dialog.close()
        if not self.metadata.may_close():
            event.ignore()
            return
        self._detail_timer.stop()
        self._keep_place()
        app = QApplication.instance()
        if app is not None:
            app.removeEventFilter(self.input)
        self.culling.close()
        self.metadata.close()
        self.outside.close()
        self.session.pictures.let_go()
        self.loader.close()
        self.pictures.close()
        self.session.close()
        super().closeEvent(event)
        self.closed.emit()


def _dropped(event: QDropEvent) -> list[Path]:
    """Local paths that were dropped."""
    return [Path(url.toLocalFile()) for url in event.mimeData().urls() if url.isLocalFile()]
