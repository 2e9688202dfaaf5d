import sqlite3
from pathlib import Path

import numpy as np
import pytest
from tastes import judged, star, write_sessions

from culler.domain.assessment import Aspect
from culler.domain.errors import CullerError
from culler.domain.photo import PhotoId
from culler.workflow import groups, rank, ranking, taste
from culler.workflow.job import drive
from culler.workflow.ranking import RankKey
from culler.workflow.workspace import Workspace


@pytest.fixture
def brightness(workspace: Workspace, tmp_path: Path, fake_judge: str) -> dict[PhotoId, float]:
    return judged(workspace, write_sessions(tmp_path), fake_judge)


@pytest.fixture
def lover_of_dark(workspace: Workspace, brightness: dict[PhotoId, float]) -> dict[PhotoId, float]:
    star(workspace, {photo_id: -level for photo_id, level in brightness.items()})
    return brightness


def test_what_the_scorer_gets_wrong_is_learnt_from_stars(
    workspace: Workspace, lover_of_dark: dict[PhotoId, float]
) -> None:
    state = drive(taste.learn(workspace))
    assert state is not None and state.report is not None
    assert state.is_used and state.report.accuracy > 0.9 > 0.1 > state.report.scorer_accuracy
    assert state == taste.state(workspace)
    assert "held-out" in state.sentence


def test_the_learnt_aspect_orders_photos_and_is_stored_nowhere(
    workspace: Workspace, lover_of_dark: dict[PhotoId, float]
) -> None:
    drive(taste.learn(workspace))
    scorer = rank.current_scorer(workspace)
    ranked, without = ranking.ranked(workspace, None, RankKey.TASTE, scorer)
    order = [lover_of_dark[place.entry.photo.id] for place in ranked]
    assert without == 0 and len(order) == 40
    assert np.corrcoef(np.arange(40), order)[0, 1] > 0.9
    assert all(place.value == place.entry.levels[Aspect.TASTE].mean for place in ranked)
    connection = sqlite3.connect(workspace.places.catalog)
    aspects = {row[0] for row in connection.execute("SELECT DISTINCT aspect FROM assessment")}
    assert aspects == {"quality", "aesthetics"}
    connection.close()


def test_columns_get_their_levels_by_row(workspace: Workspace, lover_of_dark: dict[PhotoId, float]) -> None:
    assert taste.taste_levels(workspace, rank.load_columns(workspace)) is None
    drive(taste.learn(workspace))
    columns = rank.load_columns(workspace)
    levels = taste.taste_levels(workspace, columns)
    assert levels is not None and levels.shape == (40, 5)
    assert levels.sum(axis=1) == pytest.approx(np.ones(40), abs=1e-5)
    some = columns.take(np.array([7, 3]))
    assert taste.taste_levels(workspace, some) == pytest.approx(levels[[7, 3]])


def test_who_agrees_with_the_scorer_gets_no_taste(
    workspace: Workspace, brightness: dict[PhotoId, float]
) -> None:
    star(workspace, brightness)
    state = drive(taste.learn(workspace))
    assert state is not None and not state.is_used and "Not used" in state.sentence
    assert taste.taste_levels(workspace, rank.load_columns(workspace)) is None
    with pytest.raises(CullerError, match="Not used"):
        ranking.ranked(workspace, None, RankKey.TASTE, rank.current_scorer(workspace))


def test_stars_given_by_chance_switch_nothing_on(
    workspace: Workspace, brightness: dict[PhotoId, float]
) -> None:
    for seed in range(3):
        chance = np.random.default_rng(seed).normal(size=len(brightness)).tolist()
        star(workspace, dict(zip(brightness, chance, strict=True)))
        state = drive(taste.learn(workspace))
        assert state is not None and not state.is_used


def test_answers_are_learnt_from(workspace: Workspace, brightness: dict[PhotoId, float]) -> None:
    ids = sorted(brightness)
    for session in range(4):
        part = ids[10 * session : 10 * session + 10]
        for a, b in zip(part * 2, part[1:] + part[:1] + part[3:] + part[:3], strict=True):
            groups.prefer(workspace, *sorted((a, b), key=brightness.__getitem__))
    state = drive(taste.learn(workspace))
    assert state is not None and (state.marked, state.answers) == (0, 80)
    assert state.is_used


def test_answers_in_a_circle_are_no_taste(workspace: Workspace, brightness: dict[PhotoId, float]) -> None:
    a, b, c = sorted(brightness)[:3]
    for winner, loser in ((a, b), (b, c), (c, a)):
        groups.prefer(workspace, winner, loser)
    state = drive(taste.learn(workspace))
    assert state is not None and not state.is_used
    assert "too few" in state.sentence or "3 sessions" in state.sentence


def test_forgetting_leaves_the_marks(workspace: Workspace, lover_of_dark: dict[PhotoId, float]) -> None:
    assert not taste.reset(workspace)
    drive(taste.learn(workspace))
    assert taste.reset(workspace)
    state = taste.state(workspace)
    assert (state.report, state.marked) == (None, 40)
    assert "40 marked photos" in state.sentence


def test_an_export_is_a_copy_and_replaces_nothing(
    workspace: Workspace, lover_of_dark: dict[PhotoId, float], tmp_path: Path
) -> None:
    target = tmp_path / "taste.safetensors"
    with pytest.raises(CullerError, match="No taste has been learnt"):
        taste.export(workspace, target)
    drive(taste.learn(workspace))
    assert taste.export(workspace, target) == target
    (head,) = (workspace.places.data / "taste").iterdir()
    assert target.read_bytes() == head.read_bytes()
    with pytest.raises(CullerError, match="there already"):
        taste.export(workspace, target)


def test_a_damaged_head_is_no_taste_until_learnt_again(
    workspace: Workspace, lover_of_dark: dict[PhotoId, float]
) -> None:
    drive(taste.learn(workspace))
    (head,) = (workspace.places.data / "taste").iterdir()
    head.write_bytes(b"nonsense")
    assert taste.taste_levels(workspace, rank.load_columns(workspace)) is None
    with pytest.raises(CullerError, match="learn it again"):
        taste.state(workspace)
    drive(taste.learn(workspace))
    assert taste.state(workspace).is_used


def test_before_any_score_or_mark_a_sentence_says_so(
    workspace: Workspace, tmp_path: Path, fake_judge: str
) -> None:
    with pytest.raises(CullerError, match="Nothing has been scored"):
        drive(taste.learn(workspace))
    judged(workspace, write_sessions(tmp_path, 1, 3), fake_judge)
    with pytest.raises(CullerError, match="no marks to learn"):
        drive(taste.learn(workspace))
    assert "no marks to learn" in taste.state(workspace).sentence


def test_marks_without_an_embedding_ask_for_scoring(
    workspace: Workspace, lover_of_dark: dict[PhotoId, float]
) -> None:
    connection = sqlite3.connect(workspace.places.catalog)
    connection.execute(
        "DELETE FROM embedding WHERE encoder_id IN (SELECT id FROM encoder WHERE name = 'fake-brightness')"
    )
    connection.commit()
    connection.close()
    with pytest.raises(CullerError, match="Score them first"):
        drive(taste.learn(workspace))


def test_of_very_many_marks_each_session_gives_its_share(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(taste, "MOST_PHOTOS", 40)
    monkeypatch.setattr(taste, "LEAST_A_SESSION", 10)
    numbers = np.repeat(np.arange(6), 20).astype(np.int64)
    rows = taste._fair_share(np.arange(120), numbers, np.arange(120))
    assert np.unique(numbers[rows], return_counts=True)[1].tolist() == [10] * 4
    assert set(numbers[rows].tolist()) == {2, 3, 4, 5}
    assert (np.diff(rows[:10]) == 1).all()
