"""The user's taste: learnt from marks and answers over stored embeddings, kept beside the catalog.

A head belongs to one scorer and its encoder; what it says of photos is derived from their embeddings
whenever it is asked for, and never stored. It is used only where it beat the scorer alone on sessions
that it had not seen.
"""

import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from culler.catalog import assessments, embeddings, stacks
from culler.domain.assessment import EncoderId, ScorerId
from culler.domain.changes import Progress
from culler.domain.errors import CullerError
from culler.ranking import judgement
from culler.ranking.bursts import capture_sequence
from culler.ranking.columns import PhotoColumns
from culler.workflow import groups, rank, scorers
from culler.workflow.job import Job
from culler.workflow.workspace import Workspace

if TYPE_CHECKING:
    from culler.training.taste import TasteHead, TasteReport
    from culler.training.taste_marks import TasteExamples

Rows = NDArray[np.intp]

MOST_PHOTOS = 8_000
LEAST_A_SESSION = 200
"""Of more marked photos than MOST_PHOTOS each session gives its share, this many at least; the oldest
sessions go first."""
NO_MARKS = "There are no marks to learn a taste from yet: flag or star photos, or say which of two is better."
_ROWS_AT_ONCE = 4_000


@dataclass(frozen=True, slots=True)
class TasteState:
    """How far the taste over one scorer is. `marked` photos and `answers` are there to learn from; `report`
    is None while nothing was learnt."""

    scorer: ScorerId
    marked: int
    answers: int
    report: "TasteReport | None" = None

    @property
    def is_used(self) -> bool:
        return self.report is not None and self.report.is_useful

    @property
    def sentence(self) -> str:
        """What a person should know of it."""
        if self.report is not None:
            return self.report.verdict
        if not self.marked and not self.answers:
            return (
                "There are no marks to learn a taste from yet: flag or star photos, or say which is better."
            )
        return (
            f"No taste has been learnt over {self.scorer.name} yet. There are {self.marked:,} marked photos"
            f" and {self.answers:,} answers to learn from."
        )


@dataclass(frozen=True, slots=True)
class Gathered:
    """What there is to learn from: the examples, and the photos they are, in the same order."""

    examples: "TasteExamples"
    ids: NDArray[np.int64]
    encoder: EncoderId


def learn(workspace: Workspace, scorer: ScorerId | None = None) -> Job[TasteState]:
    """Fit the taste over a scorer (the current one) and put it in the place of the former; seconds.

    Raises CullerError when there is nothing to learn from or the head cannot be written.
    """
    from culler.training.taste import fit_taste, write

    scorer = scorer or _required(workspace)
    yield Progress(0, None, "reading marks")
    gathered = gather(workspace, scorer)
    yield Progress(0, None, f"learning from {len(gathered.ids):,} photos")
    head = fit_taste(gathered.examples)
    if head is None:
        raise CullerError(
            "There is nothing to learn from yet: no two photos of one session are marked differently. Flag or"
            " star photos, or say which of two is better."
        )
    path = _path(workspace, scorer)
    partial = path.with_name(f"{path.name}.{os.getpid()}.tmp")
    try:
        write(head, partial, gathered.encoder, scorer)
        os.replace(partial, path)
    except OSError as error:
        raise CullerError(
            f"Cannot write what was learnt to {path} ({error.strerror or error}). Make room there, and learn"
            " it again."
        ) from error
    finally:
        partial.unlink(missing_ok=True)
    return state(workspace, scorer)


def state(workspace: Workspace, scorer: ScorerId | None = None) -> TasteState:
    """How far the taste over a scorer (the current one) is, without learning anything. Raises CullerError
    before the first score, and for a head that cannot be read."""
    scorer = scorer or _required(workspace)
    columns = rank.load_columns(workspace, None, scorer)
    marked = int(((columns.flag != 0) | (columns.stars > 0)).sum())
    with workspace.catalog.read() as tx:
        said = sum(answer.source == "user" for answer in stacks.answers(tx))
    found = _head(workspace, scorer)
    return TasteState(scorer, marked, said, None if found is None else found[0].report)


def reset(workspace: Workspace, scorer: ScorerId | None = None) -> bool:
    """Forget the taste over a scorer (the current one); False when there was none. Marks and answers stay."""
    path = _path(workspace, scorer or _required(workspace))
    try:
        path.unlink()
    except FileNotFoundError:
        return False
    except OSError as error:
        raise CullerError(f"Cannot remove {path}: {error.strerror or error}.") from error
    return True


def export(workspace: Workspace, to: Path, scorer: ScorerId | None = None) -> Path:
    """Copy the taste over a scorer (the current one) into a new file; where it was written. Raises
    CullerError when there is none, and when the file is there already."""
    scorer = scorer or _required(workspace)
    _, path = _learnt(workspace, scorer)
    target = Path(to).expanduser().absolute()
    try:
        learnt = path.read_bytes()
        with target.open("xb") as file:
            file.write(learnt)
    except FileExistsError as error:
        raise CullerError(f"{target} is there already. Give a name that is free.") from error
    except OSError as error:
        raise CullerError(f"Cannot write {target}: {error.strerror or error}.") from error
    return target


def taste_levels(
    workspace: Workspace, columns: PhotoColumns, scorer: ScorerId | None = None
) -> NDArray[np.float32] | None:
    """(n, 5) level probabilities of the taste aspect, BAD … EXCELLENT, NaN for photos without an embedding;
    None where no taste is in use over this scorer (the current one)."""
    scorer = scorer or rank.current_scorer(workspace)
    if scorer is None:
        return None
    try:
        found = _head(workspace, scorer)
    except CullerError:
        return None
    if found is None or not found[0].report.is_useful:
        return None
    head, encoder = found
    levels = np.full((len(columns), 5), np.nan, np.float32)
    said = np.stack([columns.quality, columns.aesthetics], axis=1)
    for start in range(0, len(columns), _ROWS_AT_ONCE):
        part = slice(start, start + _ROWS_AT_ONCE)
        vectors = _vectors(workspace, encoder, columns.ids[part].tolist())
        if vectors.shape[1]:
            levels[part] = head.levels(vectors, said[part])
    return levels


def required_levels(
    workspace: Workspace, columns: PhotoColumns, scorer: ScorerId | None = None
) -> NDArray[np.float32]:
    """As `taste_levels`; raises CullerError, with what to do, where no taste is in use."""
    scorer = scorer or _required(workspace)
    head, _ = _learnt(workspace, scorer)
    if not head.report.is_useful:
        raise CullerError(f"There is no taste to go by. {head.report.verdict}")
    levels = taste_levels(workspace, columns, scorer)
    assert levels is not None, "a useful head has levels"
    return levels


def gather(workspace: Workspace, scorer: ScorerId) -> Gathered:
    """The user's marks and answers over a scorer's embeddings. Raises CullerError when there are none."""
    from culler.training.taste_marks import Answer, TasteExamples, grades, has_embedding, joined, sessions

    encoder = _encoder(workspace, scorer)
    columns = rank.load_columns(workspace, None, scorer)
    found = groups.grouped(workspace, scorer=scorer, columns=columns)
    with workspace.catalog.read() as tx:
        answers = [answer for answer in stacks.answers(tx) if answer.source == "user"]
    group_of = np.where(found.grouping.in_set(), -1, found.grouping.group_of)
    graded = grades(columns.flag, columns.stars, group_of)
    numbers = joined(sessions(columns.taken_us, _directories(columns)), group_of)
    row_of = {int(photo_id): row for row, photo_id in enumerate(columns.ids)}
    asked = [row_of[key] for said in answers for key in (said.winner, said.loser) if key in row_of]
    marked = ~np.isnan(graded)
    marked[asked] = True
    if not marked.any():
        raise CullerError(NO_MARKS)
    rows = _fair_share(np.flatnonzero(marked), numbers, capture_sequence(columns)[0])
    columns = columns.take(rows)
    vectors = _vectors(workspace, encoder, columns.ids.tolist())
    if not vectors.shape[1] or not has_embedding(vectors).any():
        raise CullerError(
            f"None of the marked photos was measured by {scorer.name}. Score them first, then learn."
        )
    place = {int(photo_id): at for at, photo_id in enumerate(columns.ids)}
    said_rows = [
        Answer(place[said.winner], place[said.loser], 0.5 if said.tie else 1.0)
        for said in answers
        if said.winner in place and said.loser in place
    ]
    weight = scorers.quality_weight(scorer.name)
    levels = np.stack([columns.quality, columns.aesthetics], axis=1)
    scores = judgement.overall_means(columns, weight)
    examples = TasteExamples(vectors, levels, scores, numbers[rows], graded[rows], said_rows)
    return Gathered(examples, columns.ids, encoder)


def _directories(columns: PhotoColumns) -> NDArray[np.int64]:
    """One number for each directory."""
    numbers: dict[tuple[int, str], int] = {}
    places = zip(columns.folder.tolist(), columns.names.tolist(), strict=True)
    found = [numbers.setdefault((root, name.rpartition("/")[0]), len(numbers)) for root, name in places]
    return np.array(found, np.int64)


def _fair_share(rows: Rows, numbers: NDArray[np.int64], sequence: Rows) -> Rows:
    """At most MOST_PHOTOS of these rows: of each session a run of frames, so that bursts stay together."""
    if len(rows) <= MOST_PHOTOS:
        return rows
    wanted = np.zeros(len(numbers), bool)
    wanted[rows] = True
    ordered = sequence[wanted[sequence]]
    latest = np.unique(numbers[ordered])[::-1][: MOST_PHOTOS // LEAST_A_SESSION]
    share = MOST_PHOTOS // len(latest)
    parts = [ordered[numbers[ordered] == number][:share] for number in latest]
    return np.sort(np.concatenate(parts))


def _vectors(workspace: Workspace, encoder: EncoderId, ids: Sequence[int]) -> NDArray[np.float32]:
    """(n, width) embeddings, zeros where there is none; width 0 where there are none at all."""
    with workspace.catalog.read() as tx:
        found = embeddings.matrix(tx, encoder, ids)
    return np.zeros((len(ids), 0), np.float32) if found is None else found.astype(np.float32, copy=False)


def _required(workspace: Workspace) -> ScorerId:
    scorer = rank.current_scorer(workspace)
    if scorer is None:
        raise CullerError("Nothing has been scored yet. Score the photos first.")
    return scorer


def _encoder(workspace: Workspace, scorer: ScorerId) -> EncoderId:
    with workspace.catalog.read() as tx:
        known = {record.scorer: record.encoder for record in assessments.scorers(tx)}
    encoder = known.get(scorer)
    if encoder is None:
        raise CullerError(f"{scorer.name} keeps no measurements of photos that a taste could be learnt from.")
    return encoder


def _learnt(workspace: Workspace, scorer: ScorerId) -> tuple["TasteHead", Path]:
    found = _head(workspace, scorer)
    if found is None:
        raise CullerError(
            f"No taste has been learnt over {scorer.name} yet. Mark photos, then run: culler taste learn."
        )
    return found[0], _path(workspace, scorer)


def _head(workspace: Workspace, scorer: ScorerId) -> tuple["TasteHead", EncoderId] | None:
    path = _path(workspace, scorer)
    if not path.is_file():
        return None
    from culler.training.taste import read

    encoder = _encoder(workspace, scorer)
    return read(path, encoder, scorer), encoder


def _path(workspace: Workspace, scorer: ScorerId) -> Path:
    name = f"{scorer.name}-{scorer.version}".replace(os.sep, "_")
    return workspace.places.data / "taste" / f"{name}.safetensors"
