"""Everything known of photos as records: CSV for spreadsheets, JSON for programs."""

import csv
import io
import json
from collections.abc import Mapping, Sequence
from pathlib import Path

from culler.domain.assessment import Aspect, ScorerId
from culler.domain.levels import Level
from culler.domain.photo import shown_name
from culler.imaging import placing
from culler.workflow import rank, scorers
from culler.workflow.listing import Entry

Value = str | int | float | None

ASPECTS = (Aspect.QUALITY, Aspect.AESTHETICS)


def record(entry: Entry, scorer: ScorerId | None) -> dict[str, Value]:
    """One photo as flat values; None where nothing is known."""
    photo, facts, marks = entry.photo, entry.photo.facts, entry.decision
    known: dict[str, Value] = {
        "path": shown_name(str(photo.path))[0],
        "files": "; ".join(file.relative_path.rpartition("/")[2] for file in photo.files),
        "taken": None if facts.taken_at is None else facts.taken_at.isoformat(),
        "camera": facts.camera,
        "lens": facts.lens,
        "exposure_s": facts.exposure_s,
        "aperture": facts.aperture,
        "iso": facts.iso,
        "focal_mm": facts.focal_mm,
        "drive": facts.drive,
        "bracketing": facts.bracketing,
        "width": facts.width,
        "height": facts.height,
        "latitude": facts.latitude,
        "longitude": facts.longitude,
        "flag": marks.flag.value,
        "stars": marks.stars,
        "label": marks.label,
        "scorer": None if scorer is None else str(scorer),
    }
    weight = scorers.quality_weight(None if scorer is None else scorer.name)
    means: Mapping[str, float] = rank.means_of(entry.levels, weight)
    known["overall"] = means.get("overall")
    for aspect in ASPECTS:
        levels = entry.levels.get(aspect)
        known[f"{aspect.value}_mean"] = None if levels is None else levels.mean
        known[f"{aspect.value}_spread"] = None if levels is None else levels.spread
        for level in reversed(Level):
            known[f"{aspect.value}_{level.word}"] = None if levels is None else levels[level]
    known["failure"] = "; ".join(failure.message for failure in entry.failures) or None
    return known


def write_csv(path: Path, entries: Sequence[Entry], scorer: ScorerId | None) -> Path:
    """A table of the photos, UTF-8 with a mark that spreadsheets know; never over another file: a
    number is added to the name where it is taken. Returns where it was written; raises CullerError."""
    rows = [record(entry, scorer) for entry in entries]
    text = io.StringIO(newline="")
    writer = csv.DictWriter(text, list(rows[0]) if rows else ["path"])
    writer.writeheader()
    writer.writerows({key: _plain(value) for key, value in row.items()} for row in rows)
    return write_new(path, text.getvalue().encode("utf-8-sig"))


def write_json(path: Path, entries: Sequence[Entry], scorer: ScorerId | None) -> Path:
    """The same as one JSON list; as `write_csv`."""
    rows = [record(entry, scorer) for entry in entries]
    return write_new(path, json.dumps(rows, ensure_ascii=False, indent=1).encode())


def _plain(value: Value) -> Value:
    """Text that a spreadsheet would run as a formula is quoted."""
    if isinstance(value, str) and value[:1] in ("=", "+", "-", "@", "\t", "\r"):
        return "'" + value
    return value


def write_new(path: Path, data: bytes) -> Path:
    """A new file, whole or not at all; the next free number is added to a name that is taken by anything
    else than this very data. Returns where it is."""
    path = Path(path).expanduser().absolute()
    number, target = 1, path
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        while True:
            if target.is_file() and target.stat().st_size == len(data) and target.read_bytes() == data:
                return target
            with placing.written_beside(target, data) as temporary:
                try:
                    placing.place_new(temporary, target)
                    return target
                except FileExistsError:
                    number += 1
                    target = path.with_stem(f"{path.stem} ({number})")
    except OSError as error:
        raise placing.sentence(error, f"Cannot write {path.name}") from error
