"""What goes with an export: tables of all that is known, contact sheets, a list of files."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from culler.domain.assessment import ScorerId
from culler.domain.changes import Progress
from culler.domain.errors import CullerError
from culler.domain.photo import shown_name
from culler.imaging.contact_sheet import SheetEntry, html_sheet
from culler.imaging.xmp_names import SUFFIX
from culler.workflow import pixels, table
from culler.workflow.export_request import ExportItem, ExportRequest
from culler.workflow.job import Job
from culler.workflow.listing import Entry
from culler.workflow.workspace import Workspace


@dataclass(frozen=True, slots=True)
class Written:
    """Where the papers are, and why others could not be written."""

    csv: Path | None
    others: tuple[Path, ...]
    troubles: tuple[str, ...]


def write(
    workspace: Workspace,
    request: ExportRequest,
    entries: Sequence[Entry],
    items: Sequence[ExportItem],
    scorer: ScorerId | None,
) -> Job[Written]:
    """Every paper that the request asks for; one that fails keeps none of the others back."""
    others: list[Path] = []
    troubles: list[str] = []

    def tried(paper: Callable[[], Path]) -> Path | None:
        try:
            return paper()
        except CullerError as error:
            troubles.append(str(error))
            return None

    csv = json = listed = None
    if request.csv is not None:
        at = request.csv
        csv = tried(lambda: table.write_csv(at, entries, scorer))
    if request.json is not None:
        to = request.json
        json = tried(lambda: table.write_json(to, entries, scorer))
    for path in request.sheets:
        try:
            others.append((yield from contact_sheet(workspace, path, entries, scorer)))
        except CullerError as error:
            troubles.append(str(error))
    if request.list is not None:
        place = request.list
        there = [item.to for item in items if item.action != "failed" and item.to.suffix.lower() != SUFFIX]
        listed = tried(lambda: file_list(place, there))
    papers = (json, *others, listed)
    return Written(csv, tuple(path for path in papers if path is not None), tuple(troubles))


def contact_sheet(
    workspace: Workspace, path: Path, entries: Sequence[Entry], scorer: ScorerId | None
) -> Job[Path]:
    """Thumbnails with marks and level bars, as one HTML page or a PDF by the name's ending; never over
    another file. Returns where it was written."""
    cells: list[SheetEntry] = []
    for entry in entries:
        thumbnail = pixels.thumbnail(workspace, entry.photo.id)
        taken = entry.photo.facts.taken
        caption = "" if taken is None else f"{taken:%Y-%m-%d %H:%M}"
        cells.append(SheetEntry(entry.photo.name, thumbnail, entry.levels, entry.decision, caption))
        yield Progress(len(cells), len(entries), "Contact sheet")
    title = f"{len(cells)} photo{'' if len(cells) == 1 else 's'}"
    note = "" if scorer is None else f"Levels by {scorer.name}"
    if path.suffix.lower() == ".pdf":
        from culler.imaging.contact_sheet_pdf import pdf_sheet

        return table.write_new(path, pdf_sheet(cells, title, note))
    return table.write_new(path, html_sheet(cells, title, note).encode())


def file_list(path: Path, files: Sequence[Path]) -> Path:
    """Absolute paths of pictures, one a line, for the import of other programs; never over another file.
    Returns where it was written."""
    return table.write_new(path, "".join(f"{shown_name(str(file))[0]}\n" for file in files).encode())
