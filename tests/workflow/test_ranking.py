from datetime import datetime
from pathlib import Path

import pytest
from pictures import write_photo, write_shoot

from culler.domain.decision import Flag
from culler.workflow import cull, export, listing, rank, ranking
from culler.workflow.job import drive
from culler.workflow.ranking import RankKey
from culler.workflow.scan import scan
from culler.workflow.score import ScoreRequest, score
from culler.workflow.workspace import Workspace


@pytest.fixture
def judged(workspace: Workspace, tmp_path: Path, fake_judge: str) -> Path:
    """Five photos of rising brightness and a file that is none."""
    write_shoot(tmp_path / "in", 5)
    (tmp_path / "in" / "IMG_0009.JPG").write_bytes(b"\xff\xd8\xff no picture")
    drive(scan(workspace, [tmp_path]))
    drive(score(workspace, ScoreRequest(scorer=fake_judge)))
    return tmp_path


def names(places: list[ranking.Ranked]) -> list[str]:
    return [place.entry.photo.name for place in places]


@pytest.mark.parametrize("by", [RankKey.OVERALL, RankKey.QUALITY, RankKey.AESTHETICS, RankKey.SPREAD])
def test_the_order_is_that_of_the_values(workspace: Workspace, judged: Path, by: RankKey) -> None:
    scorer = rank.current_scorer(workspace)
    places, unscored = ranking.ranked(workspace, [judged], by, scorer)
    values = [place.value for place in places]
    assert len(values) == 5 and values == sorted(values, reverse=True)
    assert unscored == 0, "what cannot be judged does not wait for it"


def test_only_the_first_places_are_looked_at(
    workspace: Workspace, judged: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    scorer = rank.current_scorer(workspace)
    whole, _ = ranking.ranked(workspace, [judged], RankKey.OVERALL, scorer)
    looked_at: list[int] = []
    entries = listing.entries

    def watched(workspace: Workspace, photo_ids: list[int], *rest: object) -> list[listing.Entry]:
        looked_at.extend(photo_ids)
        return entries(workspace, photo_ids, *rest)

    monkeypatch.setattr(listing, "entries", watched)
    first, _ = ranking.ranked(workspace, [judged], RankKey.OVERALL, scorer, 2)
    assert first == whole[:2]
    assert looked_at == [place.entry.photo.id for place in first]


def test_equals_follow_time_then_name_as_people_count(
    workspace: Workspace, tmp_path: Path, fake_judge: str
) -> None:
    for name, taken in (("b10.jpg", None), ("b9.jpg", None), ("z.jpg", datetime(2026, 5, 1))):
        write_photo(tmp_path / name, seed=1, taken=taken)
    drive(scan(workspace, [tmp_path]))
    drive(score(workspace, ScoreRequest(scorer=fake_judge)))
    places, _ = ranking.ranked(workspace, [tmp_path], RankKey.OVERALL, rank.current_scorer(workspace))
    assert names(places) == ["z.jpg", "b9.jpg", "b10.jpg"]


def test_missing_photos_have_no_place(workspace: Workspace, judged: Path) -> None:
    (judged / "in" / "IMG_0005.JPG").unlink()
    drive(scan(workspace, [judged]))
    places, _ = ranking.ranked(workspace, [judged], RankKey.OVERALL, rank.current_scorer(workspace))
    assert len(places) == 4 and "IMG_0005.JPG" not in names(places)


def test_the_best_of_some_are_found_however_far_down_they_are(
    workspace: Workspace, judged: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    places, _ = ranking.ranked(workspace, [judged], RankKey.OVERALL, rank.current_scorer(workspace))
    ids = [place.entry.photo.id for place in places]
    cull.set_flag(workspace, [ids[1], ids[3], ids[4]], Flag.PICK)
    monkeypatch.setattr(export, "CHUNK", 2)
    assert export.select(workspace, [judged], top=2, flag=Flag.PICK) == ((ids[1], ids[3]), 0)
