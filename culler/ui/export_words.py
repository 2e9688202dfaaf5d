"""What the export dialog says in words. No Qt widgets."""

from collections import Counter

from PySide6.QtCore import QLocale

from culler.workflow.export import ExportReport
from culler.workflow.export_space import Space

NEVER_OVERWRITTEN = "Nothing is ever overwritten. Run again, an export goes on where it stopped."
NO_FOLDER = "Choose a folder to export into."
_DONE = ("copied", "moved", "linked", "converted")
_VERBS = {"copy": "Copy", "move": "Move"}


def counted(number: int, one: str) -> str:
    """ "1 photo", "2,000 photos"."""
    return f"{number:,} {one}{'' if number == 1 else 's'}"


def size(size_bytes: int) -> str:
    return QLocale().formattedDataSize(size_bytes, 1, QLocale.DataSizeFormat.DataSizeSIFormat)


def button(mode: str, converts: bool, photos: int | None) -> str:
    """What the button does: "Copy 24 Photos"."""
    verb = "Export" if converts else _VERBS.get(mode, "Link")
    if not photos:
        return verb
    return f"{verb} {photos:,} Photo{'' if photos == 1 else 's'}"


def amount(photos: int, space: Space | None) -> str:
    """How many photos, and how large they are."""
    if not photos:
        return "There is no such photo."
    words = counted(photos, "photo")
    if space is None:
        return f"{words}."
    files = "" if space.files == photos else f" in {counted(space.files, 'file')}"
    return f"{words}{files}, {size(space.size_bytes)}."


def names_title(photos: int, first: int) -> str:
    """Over the list of names."""
    called = "as they will be called"
    return called.capitalize() if photos <= first else f"The first {first} of {photos:,}, {called}"


def lack_of_room(space: Space) -> str:
    """A sentence where all of it finds no room; else empty."""
    if space.fits or space.free_bytes is None:
        return ""
    return f"They take {size(space.size_bytes)}, and only {size(space.free_bytes)} are free there."


def outcome(report: ExportReport, dry_run: bool) -> str:
    """What became of the files and papers, in one or two sentences."""
    actions = Counter(item.action for item in report.items)
    parts = []
    if dry_run:
        for action, count in actions.items():
            if action.startswith("would "):
                verb = {"would copy": "copied", "would move": "moved", "would convert": "made anew"}.get(
                    action, "linked"
                )
                parts.append(f"{counted(count, 'file')} would be {verb}")
    else:
        parts = [f"{counted(actions[action], 'file')} {action}" for action in _DONE if actions[action]]
    if actions["exists"]:
        parts.append(f"{actions['exists']:,} there already")
    if actions["failed"]:
        parts.append(f"{actions['failed']:,} failed" if not dry_run else f"{actions['failed']:,} would fail")
    words = [", ".join(parts or ["Nothing to do"]) + "."]
    papers = [path.name for path in (report.csv, *report.papers) if path is not None]
    if papers:
        words.append(f"Written: {', '.join(papers)}.")
    if actions["moved"]:
        words.append("File, Undo Last Move brings them back.")
    return " ".join([*words, *report.troubles])
