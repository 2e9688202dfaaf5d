"""The views of the window: which one is shown, how one gets from one to the other, and the way of the
current photo through them."""

from typing import TYPE_CHECKING

from PySide6.QtWidgets import QStackedWidget

from culler.domain.photo import PhotoId
from culler.ui.loupe import AHEAD
from culler.ui.welcome import why_empty

if TYPE_CHECKING:
    from culler.ui.main_window import MainWindow


class Views:
    """Shows the pages of a window in a stack of widgets.

    `name` is the view that is shown, or would be if there were photos: grid, loupe, compare, survey or
    pairwise.
    """

    def __init__(self, window: "MainWindow", stack: QStackedWidget) -> None:
        self.name = "grid"
        self._window, self._stack, self._session = window, stack, window.session
        self._grid, self._loupe = window.grid, window.loupe
        self._compare, self._survey = window.compare, window.survey
        self._pairwise = window.culling.pairwise
        self._pages = {
            "grid": self._grid,
            "loupe": self._loupe,
            "compare": self._compare,
            "survey": self._survey,
            "pairwise": self._pairwise,
        }
        self._info = True
        for page in (window.welcome, window.note, *self._pages.values()):
            stack.addWidget(page)

    def focus_id(self) -> PhotoId | None:
        """The photo that panels speak of and single marks land on."""
        if self.name == "compare":
            return self._compare.active_id
        if self.name == "survey":
            return self._survey.current
        if self.name == "pairwise":
            return self._pairwise.focus_id
        return self._session.current

    # Which view is shown

    def show_page(self) -> None:
        """Show the page of the view, or the reason why there is nothing in it."""
        if not self._session.folders:
            self._stack.setCurrentWidget(self._window.welcome)
        elif len(self._session.shown) or self.name in ("compare", "survey", "pairwise"):
            self._stack.setCurrentWidget(self._pages[self.name])
        else:
            self.show_note(*why_empty(self._session))
        self._window.show_bars()
        self._window.refresh_count()

    def show_note(self, title: str, text: str, button: str) -> None:
        """Show a sentence instead of photos."""
        self._window.note.say(title, text, button)
        self._stack.setCurrentWidget(self._window.note)

    def enter(self, view: str) -> None:
        """Show a view by its name."""
        window = self._window
        if view != self.name:
            for page in (self._loupe, self._compare, self._survey, self._pairwise):
                page.leave()
        self.name = view
        self._session.hold_order = view != "grid"
        if view != "pairwise":
            window.actions_[view].setChecked(True)
            window.switch.set_view(view)
        self.show_page()
        if view == "grid":
            self._session.release_order()
            window.culling.stacks.release()
        self.take_keys()
        window.refresh_later()

    def take_keys(self) -> None:
        """Let the page that is shown have the keyboard."""
        page = self._stack.currentWidget()
        if page is not None:
            page.setFocus()

    def back(self) -> None:
        """From a picture to the grid; from there out of the dark, then out of the full screen."""
        if self.name != "grid":
            self.show_grid()
        elif self._window.is_dark:
            self._window.toggle_lights()
        elif self._window.isFullScreen():
            self._window.actions_["full-screen"].trigger()

    def show_grid(self) -> None:
        self.enter("grid")
        current = self._session.current
        if current is not None:
            self._grid.set_current(current, select=current not in self._grid.selected_ids())

    def show_loupe(self) -> None:
        focus = self.focus_id()
        if focus is None and len(self._session.shown):
            focus = self._session.shown_ids()[0]
        if focus is None:
            return
        self._session.set_current(focus)
        self.enter("loupe")
        self.show_in_loupe()

    def show_in_loupe(self) -> None:
        """Show the current photo there, and have its neighbours ready."""
        current = self._session.current
        ahead = [self._session.neighbour(current, step) for step in AHEAD]
        place = self._session.place_of(current)
        counted = "" if place is None else f"{place + 1:,} of {len(self._session.shown):,}"
        self._loupe.show_photo(current, [id_ for id_ in ahead if id_ is not None], counted)
        self._loupe.set_info_visible(self._info and current is not None)
        self._window.refresh_later()

    def show_compare(self) -> None:
        champion, candidate = self._pair()
        self.enter("compare")
        self._compare.reset_zoom()
        self._compare.show_pair(champion, candidate)

    def _pair(self) -> tuple[PhotoId | None, PhotoId | None]:
        """The current photo and another selected one, else its neighbour."""
        current = self.focus_id()
        chosen = {"grid": self._grid.selected_ids(), "survey": self._survey.ids}.get(self.name, ())
        others = [id_ for id_ in chosen if id_ != current]
        if current is None:
            current = self._session.shown_ids()[0] if len(self._session.shown) else None
        neighbour = self._session.neighbour(current, 1) or self._session.neighbour(current, -1)
        return current, others[0] if others else neighbour

    def show_survey(self) -> None:
        chosen = self._grid.selected_ids()
        stacks, current = self._window.culling.stacks, self._session.current
        if len(chosen) < 2 and stacks.is_closed(current):
            chosen = stacks.members(current)
        elif len(chosen) < 2:
            place = self._session.place_of(current) or 0
            first = max(0, min(place, len(self._session.shown) - 4))
            chosen = self._session.shown_ids()[first : first + 4]
        self.enter("survey")
        self._survey.show_photos(chosen, current)

    # The way of the current photo

    def go(self, by: int) -> None:
        """The next or previous photo of the view."""
        if self.name == "compare":
            self._compare.go(by)
        elif self.name == "survey":
            self._survey.go(by)
        else:
            self._session.step(by)

    def go_to_end(self, place: int) -> None:
        ids = self._session.shown_ids()
        if ids:
            self._session.set_current(ids[place])

    def go_to(self, photo_id: PhotoId) -> None:
        """Show this photo in the grid, whatever the filter."""
        if self._session.place_of(photo_id) is None:
            self._window.clear_filter()
        self.show_grid()
        self._session.set_current(photo_id)

    def select_all(self) -> None:
        self._grid.select_ids(self._session.shown_ids())

    def select_none(self) -> None:
        if self._session.current is not None:
            self._grid.set_current(self._session.current)

    def toggle_zoom(self) -> None:
        if self.name in ("compare", "pairwise"):
            (self._compare if self.name == "compare" else self._pairwise).toggle_zoom()
            return
        if self.name != "loupe":
            self.show_loupe()
        self._loupe.toggle_zoom()

    def toggle_info(self) -> None:
        self._info = self._window.actions_["info"].isChecked()
        self._loupe.set_info_visible(self._info)
