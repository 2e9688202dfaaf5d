import csv
import json
from datetime import datetime, timedelta
from pathlib import Path

import numpy as np
import pytest
from pictures import write_photo

from culler.domain.decision import Flag
from culler.workflow import cull, listing, trust, trust_files
from culler.workflow.job import drive
from culler.workflow.scan import scan
from culler.workflow.score import ScoreRequest, score
from culler.workflow.trust import PicksReport
from culler.workflow.workspace import Workspace

NOON = datetime(2026, 5, 1, 12)
XMP = (
    '<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">'
    '<rdf:Description rdf:about="" xmlns:xmp="http://ns.adobe.com/xap/1.0/" xmp:Rating="{}"/>'
    "</rdf:RDF></x:xmpmeta>"
)


def write_bursts(folder: Path, bursts: int = 6) -> Path:
    """Bursts of four frames, a day apart; which frame is the brightest goes round."""
    for burst in range(bursts):
        for frame in range(4):
            write_photo(
                folder / f"b{burst}_{frame}.jpg",
                seed=burst,
                brightness=0.4 + 0.06 * ((frame + burst) % 4),
                taken=NOON + timedelta(days=burst, milliseconds=300 * frame),
            )
    return folder


def brightest(folder: Path, burst: int) -> Path:
    return folder / f"b{burst}_{(3 - burst) % 4}.jpg"


@pytest.fixture
def shoot(workspace: Workspace, tmp_path: Path, fake_judge: str) -> Path:
    write_bursts(tmp_path)
    drive(scan(workspace, [tmp_path]))
    drive(score(workspace, ScoreRequest((tmp_path,), scorer=fake_judge)))
    return tmp_path


def made(workspace: Workspace, roots: list[Path] | None = None) -> PicksReport:
    report = drive(trust.trust_report(workspace, roots, draws=100))
    assert report is not None
    return report


def pick(workspace: Workspace, paths: list[Path]) -> None:
    cull.set_flag(workspace, listing.ids_at(workspace, paths), Flag.PICK)


def test_a_judge_that_shares_the_user_s_taste_is_trusted(workspace: Workspace, shoot: Path) -> None:
    pick(workspace, [brightest(shoot, burst) for burst in range(6)])
    report = made(workspace)
    judges = {one.name: one for one in report.trust.judges}
    fake = judges["Fake judge"]
    assert (report.trust.bursts, report.trust.kept, report.trust.photos) == (6, 6, 24)
    assert fake.top_one.value == fake.pairs.value == fake.recall == 1
    assert fake.false_rejects == () and report.current == "Fake judge"
    assert fake.brier is not None and fake.reliability
    assert judges["capture order"].top_one.value == pytest.approx(1 / 6)
    assert "sharpness alone" not in judges  # the embedded judge has measured nothing here


def test_keepers_that_a_judge_would_lose_are_listed_by_name(workspace: Workspace, shoot: Path) -> None:
    picked = [shoot / f"b{burst}_{(0 - burst) % 4}.jpg" for burst in range(6)]
    pick(workspace, picked)
    record = trust_files.as_record(made(workspace))
    fake = next(one for one in record["judges"] if one["name"] == "Fake judge")  # type: ignore[attr-defined]
    assert {lost["path"] for lost in fake["false_rejects"]} == {str(path) for path in picked}
    assert {(lost["rank"], lost["of"]) for lost in fake["false_rejects"]} == {(4, 4)}
    assert fake["pairs"]["value"] == 0 and str(fake["scorer"]).startswith("fake@")


def test_old_stars_in_sidecars_count(workspace: Workspace, tmp_path: Path, fake_judge: str) -> None:
    write_bursts(tmp_path, 3)
    for burst in range(3):
        brightest(tmp_path, burst).with_suffix(".xmp").write_text(XMP.format(5))
    drive(scan(workspace, [tmp_path]))
    drive(score(workspace, ScoreRequest((tmp_path,), scorer=fake_judge)))
    report = made(workspace, [tmp_path])
    assert report.trust.bursts == 3
    assert next(one for one in report.trust.judges if not one.is_baseline).top_one.value == 1


def test_the_taste_is_tried_on_sessions_it_did_not_see(workspace: Workspace, shoot: Path) -> None:
    pick(workspace, [shoot / f"b{burst}_{(0 - burst) % 4}.jpg" for burst in range(6)])
    judges = {one.name: one for one in made(workspace).trust.judges}
    assert judges[trust.TASTE].pairs.value > 0.9 > 0.1 > judges["Fake judge"].pairs.value


def test_sharpness_is_a_baseline_where_it_was_measured(workspace: Workspace, shoot: Path) -> None:
    drive(score(workspace, ScoreRequest((shoot,), scorer="embedded")))
    pick(workspace, [brightest(shoot, burst) for burst in range(6)])
    report = made(workspace)
    names = {one.name: one.is_baseline for one in report.trust.judges}
    assert names["sharpness alone"] and names["capture order"]
    assert not names["Embedded judge"] and not names["Fake judge"]
    assert report.current == "Embedded judge"


def test_without_marks_there_is_a_sentence(workspace: Workspace, shoot: Path) -> None:
    report = made(workspace)
    assert report.is_empty and "No burst here has a mark" in report.sentence
    assert "Nothing to compare yet" in trust_files.as_page(workspace, report)
    pick(workspace, sorted(shoot.glob("b0_*.jpg")))
    report = made(workspace)
    assert report.is_empty and "Bursts with marks: 1" in report.sentence


def test_before_anything_was_scored_the_baselines_answer(workspace: Workspace, tmp_path: Path) -> None:
    drive(scan(workspace, [write_bursts(tmp_path, 2)]))
    pick(workspace, [tmp_path / "b0_0.jpg", tmp_path / "b1_0.jpg"])
    report = made(workspace)
    assert [one.name for one in report.trust.judges] == ["capture order"]
    assert report.trust.judges[0].top_one.value == 1
    assert "Nothing has been scored" in report.taste_note


def test_an_empty_catalog_has_an_empty_report(workspace: Workspace) -> None:
    assert made(workspace).is_empty


def test_files_hold_the_same_figures_and_replace_nothing(
    workspace: Workspace, shoot: Path, tmp_path: Path
) -> None:
    pick(workspace, [shoot / "b0_0.jpg", shoot / "b1_0.jpg"])
    report = made(workspace)
    out = tmp_path / "out"
    record = json.loads(trust_files.write_json(out / "r.json", report).read_text())
    assert record["bursts"] == 2 and {one["name"] for one in record["judges"]} >= {"Fake judge"}
    with trust_files.write_csv(out / "r.csv", report).open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file))
    assert len(rows) == 8 and sum(int(row["kept"]) for row in rows) == 2
    assert all(np.isfinite(float(row["Fake judge"])) for row in rows)
    page = trust_files.write_page(out / "r.html", workspace, report)
    assert "data:image/jpeg;base64," in page.read_text("utf-8")
    page.write_text("the photographer's own notes")
    assert trust_files.write_page(out / "r.html", workspace, report) != page
    assert page.read_text() == "the photographer's own notes"
