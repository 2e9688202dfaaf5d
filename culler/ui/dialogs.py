"""The dialogs of a session, made and not yet shown. Each is imported when it is wanted: a window starts
without any."""

from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from PySide6.QtWidgets import QWidget

from culler import __version__
from culler.domain.photo import PhotoId
from culler.ranking.bursts import Knobs
from culler.ranking.suggest import SuggestionKind
from culler.settings import places
from culler.ui.action_spec import Preset
from culler.ui.collection import Collection
from culler.ui.session import Session

if TYPE_CHECKING:
    from culler.ui.about_dialog import AboutDialog
    from culler.ui.export_dialog import ExportDialog
    from culler.ui.failures_dialog import FailuresDialog
    from culler.ui.judge_dialog import JudgeDialog
    from culler.ui.key_sheet import KeySheet
    from culler.ui.main_window import MainWindow


def export_dialog(window: "MainWindow") -> "ExportDialog":
    """The export of the window's photos, as it was left last time."""
    from dataclasses import asdict

    from culler.ui.export_choice import QUEUES, Chosen
    from culler.ui.export_dialog import ExportDialog
    from culler.ui.export_glance import ExportWork
    from culler.ui.export_settings import ExportSettings
    from culler.workflow.export import export, preview
    from culler.workflow.export_space import space

    session, suggesting, stacks = window.session, window.culling.suggesting, window.culling.stacks
    queues = None
    if suggesting.report is not None:
        queues = {kind: tuple(each.photo_id for each in suggesting.open(kind)) for kind in QUEUES.values()}
    find = partial(_queues, session.workspace, session.folders, stacks.knobs)
    work = ExportWork(
        partial(export, session.workspace),
        partial(preview, session.workspace),
        partial(space, session.workspace),
        partial(_stacks, session.collection),
        lambda settings: window.update_settings(export=asdict(settings)),
    )
    chosen = Chosen(session.collection, tuple(window.targets()), queues, find)
    return ExportDialog(chosen, work, ExportSettings.restored(window.settings.export), window)


def _queues(
    workspace: Any, folders: Sequence[Path], knobs: Knobs
) -> dict[SuggestionKind, tuple[PhotoId, ...]]:
    from culler.workflow.groups import grouped
    from culler.workflow.suggestions import suggest

    found = suggest(workspace, folders, found=grouped(workspace, folders, knobs))
    return {kind: tuple(each.photo_id for each in found.each if each.kind is kind) for kind in SuggestionKind}


def _stacks(collection: Collection) -> tuple[tuple[PhotoId, ...], ...] | None:
    if collection.stacking is None:
        return None
    found = collection.stacking.standings
    return tuple(tuple(found.ids[group.rows].tolist()) for group in found.grouping.groups)


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
    dialog.learning_wanted.connect(session.judging.learn_from_judge)
    dialog.shipped_wanted.connect(session.judging.forget_judge)
    return dialog


def key_sheet(preset: Preset, parent: QWidget) -> "KeySheet":
    """Every action that has a key under this preset."""
    from culler.ui.action_keys import sheet
    from culler.ui.key_sheet import KeySheet

    return KeySheet(sheet(preset), preset.words, parent)


def about_dialog(parent: QWidget) -> "AboutDialog":
    """The version, and where things live."""
    from culler.ui.about_dialog import AboutDialog

    where = places()
    named = {"Catalog": where.catalog, "Settings": where.config, "Cache": where.cache, "Log": where.logs}
    return AboutDialog(__version__, [(name, str(path)) for name, path in named.items()], parent)
