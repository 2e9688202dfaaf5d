"""What the export dialog foresees of a request while it is put together, in any thread."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from culler.domain.errors import CullerError
from culler.domain.photo import PhotoId
from culler.ui.export_settings import ExportSettings
from culler.workflow.export import ExportItem, ExportRequest
from culler.workflow.export_space import Space


@dataclass(frozen=True, slots=True)
class ExportWork:
    """What the dialog has done: `make` makes the job of a request; `preview` and `space` look at one, in
    any thread; `stacks` are the stacks as the window shows them; `remember` keeps the settings."""

    make: Callable[[ExportRequest], Any]
    preview: Callable[[ExportRequest, int], tuple[ExportItem, ...]]
    space: Callable[[ExportRequest], Space]
    stacks: Callable[[], tuple[tuple[PhotoId, ...], ...] | None]
    remember: Callable[[ExportSettings], None]


@dataclass(frozen=True, slots=True)
class Glance:
    """What is foreseen of a request while it is put together."""

    request: ExportRequest
    space: Space | None = None
    first: tuple[ExportItem, ...] = ()
    problem: str = ""


def look(work: ExportWork, request: ExportRequest, first: int) -> Glance:
    """The size of everything and the names of the first photos; a sentence where something is wrong."""
    if not request.photo_ids:
        return Glance(request)
    space = work.space(request)
    try:
        return Glance(request, space, work.preview(request, first))
    except CullerError as error:
        return Glance(request, space, problem=str(error))
