"""Bursts, sets and stacks of the photos in some folders, the best of each, and editing them by hand.

Groups are derived from stored columns each time they are asked for; only what the user did by hand is
stored.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from culler.catalog import assessments, edits, embeddings, stacks
from culler.catalog.stacks import Answer, HandEdit
from culler.domain.assessment import ScorerId
from culler.domain.changes import NO_CHANGES, Changed, Changes
from culler.domain.decision import ByHand
from culler.domain.photo import PhotoId
from culler.imaging.signature import LOOK_BYTES
from culler.ranking import consensus, judgement, questions
from culler.ranking.bursts import DEFAULT_KNOBS, Embeddings, Knobs, group_photos
from culler.ranking.columns import PhotoColumns
from culler.ranking.consensus import Choice, GroupRanking
from culler.ranking.groups import Grouping, GroupKind, StackEdit, StackEditKind
from culler.ranking.questions import Question
from culler.workflow import burst_order, rank, scorers
from culler.workflow.workspace import Workspace

SAME_SCENE: Mapping[str, float] = {"qalign-abstractor": 0.96}
"""The cosine from which two embeddings show the same scene, by encoder; encoders that are not here
(the embedded judge's measurements say how sharp a photo is, not what it shows) do not group."""


@dataclass(frozen=True, slots=True)
class Grouped:
    """Photos as columns, and their groups. `within` (n,) are levels that a closer look adds to a photo's
    score among the frames of its group; None where nobody looked."""

    columns: PhotoColumns
    grouping: Grouping
    within: NDArray[np.float64] | None = None


@dataclass(frozen=True, slots=True)
class RankedGroup:
    """One group, its photos best first. `p_best` is the probability that the first is the best of them;
    None where none of them has a score and nobody was asked. Sets have no best: they are kept whole."""

    kind: GroupKind
    photo_ids: tuple[PhotoId, ...]
    by_hand: bool
    best: PhotoId | None
    p_best: float | None


def grouped(
    workspace: Workspace,
    roots: Sequence[Path] | None = None,
    knobs: Knobs = DEFAULT_KNOBS,
    scorer: ScorerId | None = None,
    columns: PhotoColumns | None = None,
) -> Grouped:
    """The groups of some folders' photos (None: all), or of `columns` where the caller has them."""
    if columns is None:
        columns = rank.load_columns(workspace, roots, scorer)
        columns = columns.take(np.flatnonzero(~columns.missing))
    ids = columns.ids.tolist()
    with workspace.catalog.read() as tx:
        by_hand = [StackEdit(StackEditKind(edit.kind), edit.photo_ids) for edit in stacks.edits(tx)]
        looks = embeddings.matrix(tx, embeddings.LOOK, ids)
        encoder = next(
            (
                record.encoder
                for record in assessments.scorers(tx)
                if record.encoder is not None and record.encoder.name in SAME_SCENE
            ),
            None,
        )
        vectors = None if encoder is None else embeddings.matrix(tx, encoder, ids)
    seen = None
    if encoder is not None and vectors is not None:
        seen = Embeddings(vectors, SAME_SCENE[encoder.name])
    if looks is None:
        looks = np.zeros((len(ids), LOOK_BYTES), np.uint8)
    grouping = group_photos(columns, knobs, looks=looks, embeddings=seen, edits=by_hand)
    scorer = scorer or rank.current_scorer(workspace)
    return Grouped(columns, grouping, burst_order.corrections(workspace, columns, grouping, scorer))


def ranked(workspace: Workspace, found: Grouped, scorer: ScorerId | None = None) -> list[RankedGroup]:
    """Every group with its photos best first, by what the scorer expects and the user chose."""
    scorer = scorer or rank.current_scorer(workspace)
    weight = scorers.quality_weight(None if scorer is None else scorer.name)
    answers = _answers_by_group(workspace, found)
    result = []
    for index, group in enumerate(found.grouping.groups):
        ids = found.columns.ids[group.rows]
        ranking = rank_rows(found.columns, group.rows, weight, answers.get(index, ()), found.within)
        order = tuple(int(photo_id) for photo_id in ids[ranking.order])
        known = bool(judgement.assessed(found.columns.quality[group.rows]).any() or index in answers)
        if group.kind.is_set or not known:
            result.append(RankedGroup(group.kind, order, group.by_hand, None, None))
        else:
            p_best = float(ranking.p_best[ranking.order[0]])
            result.append(RankedGroup(group.kind, order, group.by_hand, order[0], p_best))
    return result


def chosen_rankings(workspace: Workspace, found: Grouped, quality_weight: float) -> dict[int, GroupRanking]:
    """The rankings of those groups that somebody answered a question about, by group index."""
    return {
        index: rank_rows(found.columns, found.grouping.rows(index), quality_weight, said, found.within)
        for index, said in _answers_by_group(workspace, found).items()
    }


def rank_rows(
    columns: PhotoColumns,
    rows: NDArray[np.intp],
    quality_weight: float,
    answers: Sequence[Answer],
    within: NDArray[np.float64] | None = None,
) -> GroupRanking:
    """One group's ranking, by places in `rows`; `within` as in `Grouped`."""
    quality, aesthetics = columns.quality[rows], columns.aesthetics[rows]
    means = judgement.blended(judgement.means(quality), judgement.means(aesthetics), quality_weight)
    if within is not None:
        means = means + within[rows]
    spreads = judgement.overall_spreads(columns.take(rows), quality_weight)
    place = {int(photo_id): k for k, photo_id in enumerate(columns.ids[rows])}
    user = [_choice(answer, place) for answer in answers if answer.source == "user"]
    model = [_choice(answer, place) for answer in answers if answer.source != "user"]
    return consensus.rank_group(consensus.prior_from_means(means, spreads), user, model)


def question(
    columns: PhotoColumns,
    rows: NDArray[np.intp],
    quality_weight: float,
    answers: Sequence[Answer],
    skipped: Mapping[tuple[int, int], int] | None = None,
    keep: int = 1,
    within: NDArray[np.float64] | None = None,
) -> Question | None:
    """The most useful pair to ask about, by places in `rows`; None when enough is known. `skipped`
    counts pairs (places, the lower first) that the user would not answer."""
    ranking = rank_rows(columns, rows, quality_weight, answers, within)
    asked = dict(skipped or {})
    place = {int(photo_id): k for k, photo_id in enumerate(columns.ids[rows])}
    for answer in answers:
        pair = questions.ordered(place[answer.winner], place[answer.loser])
        asked[pair] = asked.get(pair, 0) + 1
    return questions.next_question(ranking, asked, keep)


def answers_within(workspace: Workspace, photo_ids: Sequence[PhotoId]) -> list[Answer]:
    """The answers that hold about pairs of these photos."""
    members = set(photo_ids)
    with workspace.catalog.read() as tx:
        return [answer for answer in stacks.answers(tx, photo_ids) if answer.loser in members]


def prefer(
    workspace: Workspace, winner: PhotoId, loser: PhotoId, tie: bool = False, question: str = "overall"
) -> Changes:
    """Store the user's word about two photos, as one undoable edit."""
    with workspace.catalog.write() as tx:
        key = stacks.add_answer(tx, Answer(winner, loser, tie, question=question))
        edits.do(
            tx,
            "No difference between 2 photos" if tie else "Choice between 2 photos",
            ByHand.ANSWER,
            {key: 1},
        )
    return Changes.of([winner, loser], Changed.GROUPS)


def stack(workspace: Workspace, photo_ids: Sequence[PhotoId]) -> Changes:
    """Make one stack of these photos."""
    return _edit(workspace, StackEditKind.STACK, photo_ids, "Stack")


def unstack(workspace: Workspace, photo_ids: Sequence[PhotoId]) -> Changes:
    """Leave each of these photos alone."""
    return _edit(workspace, StackEditKind.UNSTACK, photo_ids, "Unstack")


def split(workspace: Workspace, photo_ids: Sequence[PhotoId]) -> Changes:
    """Take these photos out of their group, together."""
    return _edit(workspace, StackEditKind.SPLIT, photo_ids, "Split off")


def _edit(workspace: Workspace, kind: StackEditKind, photo_ids: Sequence[PhotoId], verb: str) -> Changes:
    ids = tuple(dict.fromkeys(photo_ids))
    if not ids or (kind is StackEditKind.STACK and len(ids) < 2):
        return NO_CHANGES
    with workspace.catalog.write() as tx:
        key = stacks.add_edit(tx, HandEdit(kind.value, ids))
        edits.do(tx, f"{verb} {len(ids)} photo{'s' if len(ids) > 1 else ''}", ByHand.STACK, {key: 1})
    return Changes.of(list(ids), Changed.GROUPS)


def _answers_by_group(workspace: Workspace, found: Grouped) -> dict[int, list[Answer]]:
    with workspace.catalog.read() as tx:
        said = stacks.answers(tx)
    row_of = {int(photo_id): row for row, photo_id in enumerate(found.columns.ids)}
    result: dict[int, list[Answer]] = {}
    for answer in said:
        first, second = row_of.get(answer.winner), row_of.get(answer.loser)
        if first is None or second is None:
            continue
        group = int(found.grouping.group_of[first])
        if group >= 0 and group == int(found.grouping.group_of[second]):
            result.setdefault(group, []).append(answer)
    return result


def _choice(answer: Answer, place: Mapping[int, int]) -> Choice:
    return Choice(place[answer.winner], place[answer.loser], 0.5 if answer.tie else answer.probability)
