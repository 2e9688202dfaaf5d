"""The rows of the action table about sidecars and the bin."""

from culler.ui.action_spec import ActionSpec, opened

METADATA_ACTIONS: tuple[ActionSpec, ...] = (
    ActionSpec(
        "sidecars-write",
        "Metadata",
        "Write Marks to Sidecars",
        ("Ctrl+S",),
        lambda w: w.metadata.write(),
        opened,
    ),
    ActionSpec(
        "sidecars-read",
        "Metadata",
        "Take Over Marks Other Programs Changed",
        (),
        lambda w: w.metadata.read(),
        opened,
    ),
    ActionSpec(
        "sidecars-conflicts",
        "Metadata",
        "Settle Conflicts…",
        (),
        lambda w: w.metadata.find_conflicts(),
        opened,
    ),
    ActionSpec(
        "sidecars-keep",
        "Metadata",
        "Remind Me of Unwritten Marks",
        (),
        lambda w: w.metadata.keep(w.actions_["sidecars-keep"].isChecked()),
        checkable=True,
        separated=True,
    ),
)

BIN_ACTIONS: tuple[ActionSpec, ...] = (
    ActionSpec(
        "rejects-bin",
        "File",
        "Move Rejects to the Bin…",
        ("Ctrl+Backspace",),
        lambda w: w.removing.list_rejects(),
        opened,
        separated=True,
    ),
    ActionSpec(
        "rejects-back",
        "File",
        "Bring Back Removed Rejects",
        (),
        lambda w: w.removing.bring_back(),
        opened,
    ),
)
