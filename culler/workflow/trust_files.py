"""The trust report as files: JSON for programs, CSV for spreadsheets, one page for people.

Never over another file: a number is added to a name that is taken.
"""

import csv
import io
import json
from collections.abc import Mapping, Sequence
from datetime import datetime
from pathlib import Path

import numpy as np

from culler import __version__
from culler.domain.photo import shown_name
from culler.workflow import pixels
from culler.workflow.table import write_new
from culler.workflow.trust import TASTE, PicksReport
from culler.workflow.workspace import Workspace


def as_record(report: PicksReport) -> dict[str, object]:
    """The figures as plain values; photos by path."""
    from culler.evaluation.picks import as_dict

    record = dict(as_dict(report.trust))
    judged = {one.name: one for one in report.trust.judges}
    judges = record["judges"]
    assert isinstance(judges, list)
    for one in judges:
        scorer = report.scorers.get(one["name"])
        one["scorer"] = None if scorer is None else str(scorer)
        one["calibrated"] = one["name"] in report.calibrated
        one["reliability"] = [
            {"from": row.low, "to": row.high, "said": row.confidence, "right": row.accuracy, "pairs": row.n}
            for row in judged[one["name"]].reliability
        ]
        one["false_rejects"] = [
            {
                "path": _path(report, lost.row),
                "rank": lost.rank,
                "of": lost.burst_size,
                "judge_likes_best": _path(report, lost.best_row),
            }
            for lost in judged[one["name"]].false_rejects
        ]
    return {"culler": __version__, "current": report.current, "taste": report.taste_note, **record}


def write_json(path: Path, report: PicksReport) -> Path:
    """The figures; where they were written. Raises CullerError."""
    return write_record(path, as_record(report))


def write_record(path: Path, record: Mapping[str, object]) -> Path:
    """Figures as one JSON object; as `write_json`."""
    return write_new(path, json.dumps(record, ensure_ascii=False, indent=1).encode())


def write_csv(path: Path, report: PicksReport) -> Path:
    """A line a photo of a marked burst: what was kept, and what each judge said; as `write_json`."""
    text = io.StringIO(newline="")
    writer = csv.writer(text)
    writer.writerow(["path", "burst", "kept", *(judge.name for judge in report.judges)])
    marked = np.flatnonzero((report.bursts >= 0) & ~np.isnan(report.kept))
    for row in marked[np.argsort(report.bursts[marked], kind="stable")].tolist():
        scores = [judge.scores[row] for judge in report.judges]
        path_text = _path(report, row)
        # Text that a spreadsheet would run as a formula is quoted.
        quoted = "'" + path_text if path_text[:1] in ("=", "+", "-", "@") else path_text
        said = ["" if np.isnan(score) else f"{score + 0.0:.6g}" for score in scores]
        writer.writerow([quoted, int(report.bursts[row]), int(report.kept[row]), *said])
    return write_new(path, text.getvalue().encode("utf-8-sig"))


def as_page(workspace: Workspace, report: PicksReport, roots: Sequence[Path] | None = None) -> str:
    """One self-contained HTML page, thumbnails inside; thumbnails that are not cached are made."""
    from culler.evaluation.picks_page import PageFacts, page

    seen: dict[int, bytes | None] = {}

    def picture(row: int) -> bytes | None:
        if row not in seen:
            seen[row] = pixels.thumbnail(workspace, report.photo_ids[row])
        return seen[row]

    facts = PageFacts(
        names=[shown_name(path.name)[0] for path in report.paths],
        picture=picture,
        folders=[shown_name(str(root))[0] for root in roots or ()],
        made=datetime.now().strftime("%Y-%m-%d"),
        current=report.current,
        kinds={
            **{name: "uncalibrated" for name in report.scorers},
            **{name: "calibrated on your answers" for name in report.calibrated},
            TASTE: "sessions unseen",
        },
        notes=[report.taste_note],
    )
    return page(report.trust, facts)


def write_page(
    path: Path, workspace: Workspace, report: PicksReport, roots: Sequence[Path] | None = None
) -> Path:
    """The page; as `write_json`."""
    return write_new(path, as_page(workspace, report, roots).encode("utf-8"))


def _path(report: PicksReport, row: int) -> str:
    return shown_name(str(report.paths[row]))[0]
