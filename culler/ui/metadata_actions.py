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
        "sidecars-status",
        "Metadata",
        "How the Sidecars Stand…",
        (),
        lambda w: w.metadata.show_status(),
        opened,
    ),
    ActionSpec(
        "sidecars-embed",
        "Metadata",
        "Write Marks into Picture Files…",
        (),
        lambda w: w.metadata.embed(),
        opened,
        separated=True,
    ),
    ActionSpec(
        "sidecars-reject",
        "Metadata/How Marks Are Written",
        "Rejects Also as Rating −1, for Bridge and darktable (Loses Their Stars)",
        (),
        lambda w: w.metadata.choose_how(),
        checkable=True,
    ),
    ActionSpec(
        "sidecars-long",
        "Metadata/How Marks Are Written",
        "New Sidecars as IMG.CR2.xmp, for darktable and digiKam",
        (),
        lambda w: w.metadata.choose_how(),
        checkable=True,
    ),
    ActionSpec(
        "sidecars-tell",
        "Metadata",
        "Show Unwritten Marks, Ask Before Quitting",
        (),
        lambda w: w.metadata.tell(w.actions_["sidecars-tell"].isChecked()),
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
