"""What goes with an export: tables of all that is known, a contact sheet, a list of files."""

from collections.abc import Sequence
from pathlib import Path

from culler.domain.assessment import ScorerId
from culler.domain.changes import Progress
from culler.domain.errors import CullerError
from culler.domain.photo import shown_name
from culler.imaging.contact_sheet import SheetEntry, html_sheet
from culler.workflow import pixels, table
from culler.workflow.job import Job
from culler.workflow.listing import Entry
from culler.workflow.workspace import Workspace

SHEETS = (".html", ".htm", ".pdf")


def check_sheet(path: Path) -> None:
    """Raises CullerError for a contact sheet of a kind that cannot be made."""
    if path.suffix.lower() not in SHEETS:
        raise CullerError(f"A contact sheet is an HTML page or a PDF; {path.name} ends like neither.")


def contact_sheet(
    workspace: Workspace, path: Path, entries: Sequence[Entry], scorer: ScorerId | None
) -> Job[Path]:
    """Thumbnails with marks and level bars, as one HTML page or a PDF by the name's ending; never over
    another file. Returns where it was written."""
    check_sheet(path)
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
    """Absolute paths, one a line, for the import of other programs; never over another file. Returns
    where it was written."""
    return table.write_new(path, "".join(f"{shown_name(str(file))[0]}\n" for file in files).encode())
