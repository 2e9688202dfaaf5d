"""The rows of the action table about moved folders, files of marks and health."""

from culler.ui.action_spec import ActionSpec, opened, ready

FOLDER_ACTIONS: tuple[ActionSpec, ...] = (
    ActionSpec("find-moved", "File", "Find a Moved Folder…", (), lambda w: w.care.find_moved(), ready),
)

MARKS_FILE_ACTIONS: tuple[ActionSpec, ...] = (
    ActionSpec(
        "marks-save",
        "Metadata",
        "Save Marks to a File…",
        (),
        lambda w: w.care.save_marks(),
        opened,
        separated=True,
    ),
    ActionSpec(
        "marks-load", "Metadata", "Restore Marks from a File…", (), lambda w: w.care.load_marks(), opened
    ),
    ActionSpec(
        "marks-mirror",
        "Metadata",
        "Restore Marks from Their Mirror",
        (),
        lambda w: w.care.restore_mirror(),
        ready,
    ),
)

HEALTH_ACTIONS: tuple[ActionSpec, ...] = (
    ActionSpec("health", "Help", "Is Everything in Order?", (), lambda w: w.care.check(), ready),
)
