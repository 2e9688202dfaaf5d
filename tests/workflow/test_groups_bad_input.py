"""Groups, suggestions and the trust report on what goes wrong: nothing, one, thousands, contradictions."""

from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from time import process_time

import numpy as np
import pytest
from pictures import write_photo

from culler.ranking import suggest as suggesting
from culler.ranking.bursts import group_photos
from culler.ranking.columns import empty
from culler.ranking.suggest import ReasonKind, SuggestionKind, SuggestionRule
from culler.workflow import groups, listing, suggestions, trust
from culler.workflow.job import drive
from culler.workflow.scan import scan
from culler.workflow.score import ScoreRequest, score
from culler.workflow.workspace import Workspace

NOON = datetime(2026, 5, 1, 12)


def burst(workspace: Workspace, folder: Path, frames: int, judge: str | None) -> list[int]:
    paths = [
        write_photo(
            folder / f"{k}.jpg", brightness=0.4 + 0.02 * k, taken=NOON + timedelta(milliseconds=200 * k)
        )
        for k in range(frames)
    ]
    drive(scan(workspace, [folder]))
    if judge is not None:
        drive(score(workspace, ScoreRequest((folder,), scorer=judge)))
    return listing.ids_at(workspace, paths)


def test_one_photo_is_no_group_and_gets_a_suggestion(
    workspace: Workspace, tmp_path: Path, fake_judge: str
) -> None:
    burst(workspace, tmp_path, 1, fake_judge)
    assert groups.ranked(workspace, groups.grouped(workspace)) == []
    (each,) = suggestions.suggest(workspace).each
    assert each.reasons and 0 <= each.confidence <= 1


def test_answers_in_a_circle_leave_the_three_level(
    workspace: Workspace, tmp_path: Path, fake_judge: str
) -> None:
    a, b, c = burst(workspace, tmp_path, 3, fake_judge)
    before = groups.ranked(workspace, groups.grouped(workspace))[0]
    for winner, loser in ((a, b), (b, c), (c, a)):
        groups.prefer(workspace, winner, loser)
    (after,) = groups.ranked(workspace, groups.grouped(workspace))
    assert after.best == before.best
    assert 1 / 3 < float(after.p_best or 0) < 0.9


def test_a_group_that_could_not_be_judged_is_left_to_the_user(
    workspace: Workspace, tmp_path: Path, fake_judge: str
) -> None:
    ids = burst(workspace, tmp_path, 3, None)
    for path in tmp_path.glob("*.jpg"):
        # Readable facts, broken pixels.
        path.write_bytes(path.read_bytes()[:700])
    drive(scan(workspace, [tmp_path]))
    drive(score(workspace, ScoreRequest((tmp_path,), scorer=fake_judge)))
    said = suggestions.suggest(workspace, max_lost_keepers=1.0)
    assert {each.photo_id for each in said.each} == set(ids)
    assert {each.kind for each in said.each} == {SuggestionKind.YOU_DECIDE}
    assert all(each.reasons[0].kind is ReasonKind.FAILED for each in said.each)
    assert all(group.best is None for group in groups.ranked(workspace, groups.grouped(workspace)))


def test_an_embedding_of_another_scorer_does_not_group(
    workspace: Workspace, tmp_path: Path, fake_judge: str
) -> None:
    """The fake judge's two numbers say nothing of the scene: photos a day apart stay alone."""
    for k in range(2):
        write_photo(tmp_path / f"{k}.jpg", seed=5 * k, taken=NOON + timedelta(days=k))
    drive(scan(workspace, [tmp_path]))
    drive(score(workspace, ScoreRequest((tmp_path,), scorer=fake_judge)))
    assert groups.ranked(workspace, groups.grouped(workspace)) == []


def test_a_catalog_without_photos_has_no_trust_to_report(workspace: Workspace) -> None:
    report = drive(trust.trust_report(workspace))
    assert report is not None and report.is_empty and report.photo_ids == ()


@pytest.mark.parametrize("timed", [True, False])
def test_a_burst_of_three_thousand_is_ranked_and_suggested_in_seconds(timed: bool) -> None:
    n = 3000
    random = np.random.default_rng(0)
    levels = random.dirichlet(np.ones(5), n)
    columns = replace(
        empty(n),
        names=np.array([f"IMG_{k:04}.JPG" for k in range(n)], dtype=object),
        quality=levels,
        aesthetics=levels,
        dhash=np.full(n, 12345, np.uint64),
    )
    if timed:
        columns = replace(columns, taken_us=(1_700_000_000_000_000 + 100_000 * np.arange(n)).astype(np.int64))
    start = process_time()
    grouping = group_photos(columns)
    assert len(grouping) >= 1
    largest = max(range(len(grouping)), key=lambda group: len(grouping.rows(group)))
    ranking = groups.rank_rows(columns, grouping.rows(largest), 0.5, [])
    said = suggesting.suggest(columns, grouping, SuggestionRule())
    assert process_time() - start < 20
    assert ranking.p_best.sum() == pytest.approx(1) and len(said.each) == n
    if timed:
        assert len(ranking) == n
