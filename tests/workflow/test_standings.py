"""Places and odds of all stacks at once, against ranking each alone."""

from datetime import datetime, timedelta
from pathlib import Path

import numpy as np
import pytest
from pictures import write_photo

from culler.ranking.groups import GroupKind
from culler.workflow import groups, rank
from culler.workflow.job import drive
from culler.workflow.scan import scan
from culler.workflow.score import ScoreRequest, score
from culler.workflow.standings import Standings, nobody, standings
from culler.workflow.workspace import Workspace

NOON = datetime(2026, 5, 1, 12)


@pytest.fixture
def burst(workspace: Workspace, tmp_path: Path, fake_judge: str) -> Path:
    """A burst of four, P0 the darkest and P3 the brightest, and a photo of another hour."""
    for frame, brightness in enumerate((0.4, 0.5, 0.57, 0.6)):
        taken = NOON + timedelta(milliseconds=300 * frame)
        write_photo(tmp_path / f"P{frame}.jpg", seed=0, brightness=brightness, taken=taken)
    write_photo(tmp_path / "alone.jpg", seed=9, taken=NOON + timedelta(hours=1))
    drive(scan(workspace, [tmp_path]))
    drive(score(workspace, ScoreRequest(folders=(tmp_path,), scorer=fake_judge)))
    return tmp_path


def now(workspace: Workspace) -> Standings:
    return standings(workspace, rank.load_columns(workspace))


def named(workspace: Workspace, found: Standings, group: int) -> list[str]:
    columns = rank.load_columns(workspace)
    names = dict(zip(columns.ids.tolist(), columns.names.tolist(), strict=True))
    return [names[photo_id] for photo_id in found.members(group)]


def test_frames_are_placed_best_first_and_odds_add_up(workspace: Workspace, burst: Path) -> None:
    found = now(workspace)
    assert len(found) == 1
    assert found.kind(0) is GroupKind.BURST
    assert named(workspace, found, 0) == ["P3.jpg", "P2.jpg", "P1.jpg", "P0.jpg"]
    stacked = found.group_of == 0
    assert sorted(found.size.tolist()) == [1, 4, 4, 4, 4]
    assert found.place[~stacked].tolist() == [0]
    assert np.isnan(found.p_best[~stacked]).all()
    assert found.p_best[stacked].sum() == pytest.approx(1.0, abs=1e-9)


def test_places_are_those_of_ranking_the_stack_alone(workspace: Workspace, burst: Path) -> None:
    before = now(workspace)
    best, worst = before.members(0)[0], before.members(0)[-1]
    for _ in range(6):
        groups.prefer(workspace, worst, best)
    found = now(workspace)
    (alone,) = groups.ranked(workspace, groups.grouped(workspace))
    assert tuple(found.members(0)) == alone.photo_ids
    assert found.members(0) != before.members(0)
    assert found.p_best.max() != before.p_best.max()
    row = found.ids.tolist().index(found.members(0)[0])
    assert found.p_best[row] == pytest.approx(alone.p_best)


def test_without_scores_frames_stay_as_they_were_taken(workspace: Workspace, burst: Path) -> None:
    columns = rank.load_columns(workspace)
    columns.quality[:] = columns.aesthetics[:] = np.nan
    found = standings(workspace, columns)
    assert named(workspace, found, 0) == ["P0.jpg", "P1.jpg", "P2.jpg", "P3.jpg"]
    assert np.isnan(found.p_best).all()


def test_nobody_has_no_stacks() -> None:
    assert len(nobody()) == 0
