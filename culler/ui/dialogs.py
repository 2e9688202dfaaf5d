"""The dialogs of a session, made and not yet shown. Each is imported when it is wanted: a window starts
without any."""

from collections.abc import Sequence
from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtWidgets import QWidget

from culler import __version__
from culler.domain.photo import PhotoId
from culler.settings import places
from culler.ui.action_spec import Preset
from culler.ui.session import Session

if TYPE_CHECKING:
    from culler.ui.about_dialog import AboutDialog
    from culler.ui.export_dialog import ExportDialog
    from culler.ui.failures_dialog import FailuresDialog
    from culler.ui.judge_dialog import JudgeDialog
    from culler.ui.key_sheet import KeySheet


def export_dialog(session: Session, selected: Sequence[PhotoId], parent: QWidget) -> "ExportDialog":
    """Picks, the selected photos, all that are shown, or the best."""
    from culler.ui.export_dialog import ExportDialog
    from culler.workflow.export import export

    columns = session.columns
    picks = tuple(columns.ids[columns.flag > 0].tolist())
    title = "All that the filter shows" if session.filter else "All photos"
    choices = [("Picks", picks), ("Selected photos", tuple(selected)), (title, tuple(session.shown_ids()))]
    return ExportDialog(choices, session.collection.best, partial(export, session.workspace), parent)


def failures_dialog(session: Session, parent: QWidget) -> "FailuresDialog":
    """The photos that could not be read or scored, and the files that are no photos."""
    from culler.ui.failures_dialog import FailuresDialog

    ignored = [(item.path, item.reason) for item in session.ignored]
    return FailuresDialog(session.failures(), ignored, parent)


def judge_dialog(session: Session, parent: QWidget) -> "JudgeDialog":
    """Every judge there is to choose."""
    from culler.ui.judge_dialog import JudgeDialog
    from culler.workflow import refit, scorers

    workspace = session.workspace
    add = partial(scorers.add_checkpoint, workspace)
    dialog = JudgeDialog(partial(scorers.choices, workspace), scorers.runs_on, add, parent)
    offer = refit.offer(workspace)
    dialog.offer_learning("" if offer is None else offer.sentence, refit.has_learnt(workspace))
    dialog.learning_wanted.connect(session.learn_from_judge)
    dialog.shipped_wanted.connect(session.forget_judge)
    return dialog


def key_sheet(preset: Preset, parent: QWidget) -> "KeySheet":
    """Every action that has a key under this preset."""
    from culler.ui.actions import sheet
    from culler.ui.key_sheet import KeySheet

    return KeySheet(sheet(preset), preset.words, parent)


def about_dialog(parent: QWidget) -> "AboutDialog":
    """The version, and where things live."""
    from culler.ui.about_dialog import AboutDialog

    where = places()
    named = {"Catalog": where.catalog, "Settings": where.config, "Cache": where.cache, "Log": where.logs}
    return AboutDialog(__version__, [(name, str(path)) for name, path in named.items()], parent)
