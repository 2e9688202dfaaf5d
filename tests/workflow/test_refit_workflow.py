"""The embedded judge learns from a bigger one over a catalog of made-up measurements, and goes back."""

import json
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from pictures import write_photo

from culler.catalog import assessments, embeddings
from culler.catalog.embeddings import Embedded
from culler.cli.main import run
from culler.domain.assessment import Aspect, Assessment, ScorerId
from culler.domain.errors import CullerError
from culler.domain.photo import PhotoId
from culler.models import compact
from culler.scoring import embedded, features
from culler.scoring.scorer import ScorerOptions
from culler.settings import resource
from culler.workflow import listing, rank, refit, scorers
from culler.workflow.job import drive
from culler.workflow.scan import scan
from culler.workflow.score import ScoreRequest, score
from culler.workflow.workspace import Workspace

TEACHER = ScorerId("bigger", "1")
COUNT = 160


def measured(n: int, seed: int = 0) -> NDArray[np.float32]:
    """Feature vectors like photographs', spread as the shipped head expects."""
    head = compact.read(resource("embedded/weights.safetensors"))
    spread = np.minimum(head.scale, 100)
    vectors = head.centre + spread * np.random.default_rng(seed).normal(0, 0.5, (n, len(head.names)))
    for name, value in (("ln_short_side", 6.5), ("equal_share", 0.1), ("gradient_p99.8", 7.0)):
        vectors[:, head.names.index(name)] = value
    return vectors.astype(np.float32)


def levels_of(vectors: NDArray[np.float32]) -> NDArray[np.float64]:
    """The teacher likes colour and light."""
    z = (vectors - vectors.mean(axis=0)) / (vectors.std(axis=0) + 1e-6)
    names = features.names()
    liked = 3 + 0.6 * z[:, names.index("colourfulness")] + 0.4 * z[:, names.index("luma_mean")]
    return np.asarray(np.clip(liked, 1.2, 4.8), np.float64)


def photographs(workspace: Workspace, folder: Path, count: int) -> list[PhotoId]:
    folder.mkdir()
    sample = write_photo(folder / "p0000.jpg", size=(32, 24)).read_bytes()
    for place in range(1, count):
        (folder / f"p{place:04}.jpg").write_bytes(sample)
    drive(scan(workspace, [folder]))
    return [entry.photo.id for entry in listing.photos_in(workspace, [folder])]


def judged(
    workspace: Workspace, folder: Path, count: int, by_teacher: int, learnable: bool = True
) -> list[PhotoId]:
    """`count` photos with features, `by_teacher` of them with the teacher's levels; the embedded judge is
    current and has said of all what follows from the features."""
    ids = photographs(workspace, folder, count)
    vectors = measured(count)
    judge = embedded.load(ScorerOptions())
    shipped = np.exp(judge.score_embeddings(vectors)[Aspect.QUALITY]) @ np.arange(1, 6)
    noise = np.random.default_rng(1).normal(0, 0.3, count)
    centres = levels_of(vectors) if learnable else np.asarray(shipped + noise)
    with workspace.catalog.write() as tx:
        assessments.register(tx, TEACHER, None, None, current=False)
        said = [
            Assessment(key, 1, TEACHER, aspect, tuple(-2.0 * (level - centre) ** 2 for level in range(1, 6)))  # type: ignore[arg-type]
            for key, centre in zip(ids[:by_teacher], centres.tolist(), strict=False)
            for aspect in (Aspect.QUALITY, Aspect.AESTHETICS)
        ]
        assessments.write(tx, TEACHER, said)
        rows = [Embedded(key, 1, vector) for key, vector in zip(ids, vectors, strict=True)]
        embeddings.write(tx, embedded.encoder(), rows)
        assessments.register(tx, judge.id, judge.encoder, None, current=True)
    drive(score(workspace, ScoreRequest((folder,))))
    return ids


def means(workspace: Workspace, ids: list[PhotoId]) -> list[float]:
    """Quality by the current judge."""
    found = listing.entries(workspace, ids, rank.current_scorer(workspace))
    return [entry.levels[Aspect.QUALITY].mean for entry in found]


def learnt(workspace: Workspace) -> refit.RefitReport:
    report = drive(refit.refit(workspace))
    assert report is not None
    return report


@pytest.fixture
def never_decoded(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("develop", "encoded_preview", "glance"):
        monkeypatch.setattr(f"culler.workflow.develop.{name}", None)


@pytest.mark.usefixtures("never_decoded")
def test_every_photo_is_judged_anew_without_decoding_and_back(workspace: Workspace, tmp_path: Path) -> None:
    ids = judged(workspace, tmp_path / "shoot", COUNT, by_teacher=120)
    shipped, before = rank.current_scorer(workspace), means(workspace, ids)
    report = learnt(workspace)
    assert report.photos == 120
    gain = report.gains[Aspect.QUALITY]
    assert gain.srcc_after > gain.srcc_before + 0.1
    assert f"{gain.srcc_after:.2f} (before: {gain.srcc_before:.2f})" in report.sentence
    now = rank.current_scorer(workspace)
    assert now == report.learnt != shipped
    wanted, after = levels_of(measured(COUNT)), means(workspace, ids)
    # On the photos that the teacher never saw, too.
    assert np.corrcoef(after[120:], wanted[120:])[0, 1] > np.corrcoef(before[120:], wanted[120:])[0, 1] + 0.1
    assert drive(refit.reset(workspace))
    assert rank.current_scorer(workspace) == shipped
    assert means(workspace, ids) == before
    assert not drive(refit.reset(workspace))


@pytest.mark.usefixtures("never_decoded")
def test_scoring_goes_on_with_what_was_learnt(workspace: Workspace, tmp_path: Path) -> None:
    ids = judged(workspace, tmp_path / "shoot", COUNT, by_teacher=120)
    report = learnt(workspace)
    again = drive(score(workspace, ScoreRequest(scorer="embedded")))
    assert again is not None
    assert again.scorer == report.learnt
    assert again.already == len(ids)
    assert scorers.make_current(workspace, "embedded") == report.learnt


def test_another_current_judge_stays_current(workspace: Workspace, tmp_path: Path) -> None:
    judged(workspace, tmp_path / "shoot", COUNT, by_teacher=120)
    with workspace.catalog.write() as tx:
        assessments.set_current(tx, TEACHER)
    report = learnt(workspace)
    assert rank.current_scorer(workspace) == TEACHER
    assert rank.current_scorer(workspace, "embedded") == report.learnt
    drive(refit.reset(workspace))
    assert rank.current_scorer(workspace, "embedded") == embedded.load(ScorerOptions()).id


def test_what_is_no_gain_is_not_used(workspace: Workspace, tmp_path: Path) -> None:
    """The teacher says what the shipped head does, give or take: there is nothing to learn."""
    judged(workspace, tmp_path / "shoot", COUNT, by_teacher=COUNT, learnable=False)
    shipped = rank.current_scorer(workspace)
    report = learnt(workspace)
    assert report.learnt is None
    assert rank.current_scorer(workspace) == shipped
    assert "the shipped head stays" in report.sentence
    assert not scorers.refit_path(workspace).exists()


def test_it_is_offered_from_a_hundred_photos_on_and_not_twice(workspace: Workspace, tmp_path: Path) -> None:
    judged(workspace, tmp_path / "shoot", COUNT, by_teacher=99)
    assert refit.offer(workspace) is None
    with pytest.raises(CullerError, match="No other judge"):
        learnt(workspace)
    ids = [entry.photo.id for entry in listing.photos_in(workspace, None)]
    with workspace.catalog.write() as tx:
        one = Assessment(ids[99], 1, TEACHER, Aspect.QUALITY, (0.0, 0.0, 1.0, 0.0, 0.0))
        assessments.write(tx, TEACHER, [one])
    offer = refit.offer(workspace)
    assert offer is not None and (offer.teacher, offer.photos) == (TEACHER, 100)
    assert "100 photos" in offer.sentence
    assert learnt(workspace).learnt is not None
    assert refit.offer(workspace) is None


def test_the_verb_learns_tells_and_goes_back(
    workspace: Workspace, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    judged(workspace, tmp_path / "shoot", COUNT, by_teacher=COUNT)
    assert run(["scorers", "refit", "--from", "bigger", "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert told["teacher"] == str(TEACHER)
    assert told["photos"] == COUNT
    assert told["gains"]["quality"]["srcc_after"] > told["gains"]["quality"]["srcc_before"]
    assert run(["scorers", "refit", "--reset"]) == 0
    assert "as it was shipped" in capsys.readouterr().err
    assert run(["scorers", "refit", "--reset"]) == 1
