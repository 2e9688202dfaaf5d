"""Everything that can be done, as one table: menus, shortcuts and the sheet of keys come from it.

Rows stand in the order of the menus. Those of File, Edit and Help are here, the others with their kind.
"""

from culler.ui.action_spec import ActionSpec, Preset, always, opened, ready, some_photo, some_shown
from culler.ui.care_actions import FOLDER_ACTIONS, HEALTH_ACTIONS, MARKS_FILE_ACTIONS
from culler.ui.culling_actions import JUDGE_ACTIONS, STACK_ACTIONS
from culler.ui.file_actions import FILE_ACTIONS
from culler.ui.marking_actions import MARK_ACTIONS
from culler.ui.metadata_actions import BIN_ACTIONS, METADATA_ACTIONS
from culler.ui.view_actions import GO_ACTIONS, VIEW_ACTIONS

ACTIONS: tuple[ActionSpec, ...] = (
    ActionSpec("open", "File", "Open Folder…", ("Ctrl+O",), lambda w: w.choose_folder(), ready),
    *FOLDER_ACTIONS,
    ActionSpec(
        "rescan",
        "File",
        "Read the Folder Again",
        ("F5",),
        lambda w: w.session.rescan(),
        opened,
        other_keys={Preset.DARKTABLE: ("Ctrl+R",)},
    ),
    ActionSpec(
        "export", "File", "Export…", ("Ctrl+E",), lambda w: w.show_export(), some_shown, separated=True
    ),
    ActionSpec("export-undo", "File", "Undo Last Move…", (), lambda w: w.undo_move(), ready),
    ActionSpec("failures", "File", "What Could Not Be Read…", (), lambda w: w.show_failures(), opened),
    *BIN_ACTIONS,
    ActionSpec("quit", "File", "Quit", ("Ctrl+Q",), lambda w: w.close(), separated=True),
    ActionSpec("undo", "Edit", "Undo", ("Ctrl+Z",), lambda w: w.session.edits.undo(), ready),
    ActionSpec("redo", "Edit", "Redo", ("Ctrl+Shift+Z", "Ctrl+Y"), lambda w: w.session.edits.redo(), ready),
    ActionSpec(
        "select-all",
        "Edit",
        "Select All",
        ("Ctrl+A",),
        lambda w: w.views.select_all(),
        some_shown,
        separated=True,
    ),
    ActionSpec(
        "select-none",
        "Edit",
        "Select Only the Current Photo",
        ("Ctrl+D",),
        lambda w: w.views.select_none(),
        some_photo,
    ),
    ActionSpec("search", "Edit", "Find by Name", ("Ctrl+F",), lambda w: w.search(), opened, separated=True),
    ActionSpec("clear-filter", "Edit", "Show All Photos", ("Ctrl+L",), lambda w: w.clear_filter(), opened),
    *MARK_ACTIONS,
    *FILE_ACTIONS,
    ActionSpec(
        "auto-advance",
        "Photo",
        "Go On After a Mark",
        (),
        lambda w: w.toggle_auto_advance(),
        always,
        checkable=True,
        separated=True,
    ),
    *STACK_ACTIONS,
    *JUDGE_ACTIONS,
    *METADATA_ACTIONS,
    *MARKS_FILE_ACTIONS,
    *VIEW_ACTIONS,
    *GO_ACTIONS,
    ActionSpec("keys", "Help", "Keys", ("?", "F12"), lambda w: w.show_keys()),
    *HEALTH_ACTIONS,
    ActionSpec("about", "Help", "About Culler", (), lambda w: w.show_about()),
)
