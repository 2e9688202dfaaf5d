"""The head that stands in for a judge's second answer, over a catalog of made-up answers."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from pictures import write_photo
from sqlalchemy import text

from culler.catalog import assessments, embeddings
from culler.catalog.embeddings import Embedded
from culler.domain.assessment import Aspect, Assessment, EncoderId, ScorerId
from culler.domain.levels import LevelDistribution
from culler.domain.photo import PhotoId
from culler.scoring.scorer import SCORERS
from culler.workflow import aesthetic_head, listing, rank
from culler.workflow.job import drive
from culler.workflow.scan import scan
from culler.workflow.workspace import Workspace

JUDGE, EYES = ScorerId("fake", "1"), EncoderId("fake-eyes", "1")


def judged(
    workspace: Workspace, folder: Path, count: int, both: int, learnable: bool = True
) -> list[PhotoId]:
    """`count` photos with quality and an embedding, `both` of them with aesthetics that follow from it."""
    folder.mkdir()
    sample = write_photo(folder / "p0000.jpg", size=(32, 24)).read_bytes()
    for k in range(1, count):
        (folder / f"p{k:04}.jpg").write_bytes(sample)
    drive(scan(workspace, [folder]))
    rng = np.random.default_rng(0)
    vectors = rng.normal(size=(count, 6)).astype(np.float32)
    centres = 3 + vectors[:, 0] if learnable else 3 + rng.normal(size=count)
    ids = [entry.photo.id for entry in listing.photos_in(workspace, [folder])]
    with workspace.catalog.write() as tx:
        assessments.register(tx, JUDGE, EYES, None, current=True)
        said = [Assessment(key, 1, JUDGE, Aspect.QUALITY, (0.0, 0.0, 1.0, 0.0, 0.0)) for key in ids]
        said += [
            Assessment(key, 1, JUDGE, Aspect.AESTHETICS, logits(centre))
            for key, centre in zip(ids[:both], centres, strict=False)
        ]
        assessments.write(tx, JUDGE, said)
        rows = zip(ids, vectors, strict=True)
        embeddings.write(tx, EYES, [Embedded(key, 1, vector) for key, vector in rows])
    return ids


def logits(centre: float) -> tuple[float, float, float, float, float]:
    bad, poor, fair, good, excellent = (-((level - centre) ** 2) for level in range(1, 6))
    return bad, poor, fair, good, excellent


def means(workspace: Workspace, ids: list[PhotoId]) -> list[float]:
    found = listing.entries(workspace, ids, JUDGE)
    return [entry.levels[Aspect.AESTHETICS].mean for entry in found]


def test_the_window_is_told_of_the_current_judges_head(
    workspace: Workspace, tmp_path: Path, fake_judge: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert aesthetic_head.current_state(workspace) is None
    judged(workspace, tmp_path / "p", 3, both=2)
    assert aesthetic_head.current_state(workspace) is None, "this judge answers both at once"
    monkeypatch.setitem(SCORERS, fake_judge, replace(SCORERS[fake_judge], fast_aesthetics=True))
    assert aesthetic_head.current_state(workspace) == aesthetic_head.HeadState(2, None)


def test_too_few_answers_teach_nothing(workspace: Workspace, tmp_path: Path) -> None:
    ids = judged(workspace, tmp_path / "p", 120, both=99)
    state = aesthetic_head.learn(workspace, JUDGE, EYES)
    assert (state.answers, state.stands_in) == (99, False)
    assert "there are 99" in state.sentence
    assert Aspect.AESTHETICS not in listing.entries(workspace, ids, JUDGE)[-1].levels


def test_a_hundred_answers_teach_the_rest(workspace: Workspace, tmp_path: Path) -> None:
    ids = judged(workspace, tmp_path / "p", 160, both=110)
    before = means(workspace, ids[:110])
    state = aesthetic_head.learn(workspace, JUDGE, EYES)
    assert state.stands_in and state.agreement is not None and state.agreement.srcc > 0.9
    assert aesthetic_head.state(workspace, JUDGE, EYES) == state
    assert means(workspace, ids[:110]) == before, "what the judge said itself stays"
    entries = listing.entries(workspace, ids[110:], JUDGE)
    assert all(entry.derived == {Aspect.AESTHETICS} for entry in entries)
    with workspace.catalog.read() as tx:
        stored = tx.execute(text("SELECT COUNT(*) FROM assessment WHERE aspect = 'aesthetics'")).scalar()
    assert stored == 110, "what is derived is never stored"


def test_list_grid_and_detail_say_the_same(workspace: Workspace, tmp_path: Path) -> None:
    ids = judged(workspace, tmp_path / "p", 130, both=120)
    aesthetic_head.learn(workspace, JUDGE, EYES)
    listed = listing.entries(workspace, ids, JUDGE)
    columns = rank.load_columns(workspace)
    assert columns.ids.tolist() == ids
    again = rank.rows(workspace, ids[-3:])
    for row, entry in enumerate(listed):
        levels = list(entry.levels[Aspect.AESTHETICS])
        assert columns.aesthetics[row] == pytest.approx(levels, abs=1e-6)
    assert again.aesthetics == pytest.approx(columns.aesthetics[-3:])
    detail = rank.detail(workspace, ids[-1])
    assert detail.assessments[JUDGE] == listed[-1].levels
    assert detail.notes == listed[-1].notes == (listing.HEAD_NOTE,)
    assert rank.compare(workspace, ids[-1], ids[0], Aspect.AESTHETICS).p_a_better == pytest.approx(
        LevelDistribution(tuple(listed[-1].levels[Aspect.AESTHETICS])).beats(
            listed[0].levels[Aspect.AESTHETICS]
        )
    )


def test_answers_without_pattern_are_not_guessed_at(workspace: Workspace, tmp_path: Path) -> None:
    ids = judged(workspace, tmp_path / "p", 130, both=120, learnable=False)
    state = aesthetic_head.learn(workspace, JUDGE, EYES)
    assert not state.stands_in
    assert "both questions are asked" in state.sentence
    assert Aspect.AESTHETICS not in listing.entries(workspace, ids, JUDGE)[-1].levels


def test_a_head_is_fitted_anew_when_there_is_much_more_to_learn_from(
    workspace: Workspace, tmp_path: Path
) -> None:
    ids = judged(workspace, tmp_path / "p", 200, both=110)
    first = aesthetic_head.learn(workspace, JUDGE, EYES)
    more = [Assessment(key, 1, JUDGE, Aspect.AESTHETICS, logits(3.0)) for key in ids[110:]]
    for part, photos in ((more[:20], 110), (more, 200)):
        with workspace.catalog.write() as tx:
            assessments.write(tx, JUDGE, part)
        state = aesthetic_head.learn(workspace, JUDGE, EYES)
        assert state.agreement is not None and state.agreement.photos == photos
    assert first.agreement is not None and first.agreement.photos == 110


def test_a_head_of_another_encoder_or_a_broken_file_is_no_head(workspace: Workspace, tmp_path: Path) -> None:
    ids = judged(workspace, tmp_path / "p", 130, both=120)
    aesthetic_head.learn(workspace, JUDGE, EYES)
    assert not aesthetic_head.state(workspace, JUDGE, EncoderId("fake-eyes", "2")).stands_in
    (head,) = (workspace.places.data / "heads").iterdir()
    head.write_bytes(head.read_bytes()[:40])
    assert not aesthetic_head.state(workspace, JUDGE, EYES).stands_in
    assert Aspect.AESTHETICS not in listing.entries(workspace, ids, JUDGE)[-1].levels
    assert aesthetic_head.learn(workspace, JUDGE, EYES).stands_in
