"""The rows of the action table about the files of photos."""

from culler.ui.action_spec import ActionSpec, Situation


def _joinable(situation: Situation) -> bool:
    """A closed stack is one photo selected, and several to join."""
    return situation.view == "grid" and (situation.selected > 1 or situation.closed)


def _splittable(situation: Situation) -> bool:
    """Of several photos the split itself finds those that it can split."""
    if situation.view == "grid" and situation.selected > 1:
        return True
    return situation.view in ("grid", "loupe") and situation.several_files


FILE_ACTIONS: tuple[ActionSpec, ...] = (
    ActionSpec(
        "files-join",
        "Photo",
        "Join the Selected into One Photo",
        (),
        lambda w: w.files_by_hand.join(w.targets()),
        _joinable,
        separated=True,
    ),
    ActionSpec(
        "files-split",
        "Photo",
        "Split into Its Files",
        (),
        lambda w: w.files_by_hand.split(w.targets()),
        _splittable,
    ),
)
