from dataclasses import replace

import numpy as np
import pytest

from culler.domain.decision import Flag
from culler.ranking import judgement, keepers
from culler.ranking.bursts import group_photos
from culler.ranking.columns import FLAG_CODES, PhotoColumns, empty
from culler.ranking.consensus import Choice, prior_from_levels, rank_group
from culler.ranking.groups import Grouping
from culler.ranking.suggest import (
    ReasonKind,
    StoredFacts,
    SuggestionKind,
    SuggestionRule,
    Suggestions,
    suggest,
)

SUPERB = (0.0, 0.0, 0.0, 0.1, 0.9)
GOOD = (0.0, 0.0, 0.1, 0.8, 0.1)
POOR = (0.2, 0.75, 0.05, 0.0, 0.0)
AWFUL = (0.97, 0.03, 0.0, 0.0, 0.0)
TORN = (0.45, 0.05, 0.0, 0.05, 0.45)
GENEROUS = SuggestionRule(max_lost_keepers=0.3)


def photos(*levels: tuple[float, ...] | None, gap_s: float = 1000.0) -> PhotoColumns:
    n = len(levels)
    columns = replace(empty(n), names=np.array([f"day/IMG_{k}.jpg" for k in range(n)], dtype=object))
    columns.ids[:] = np.arange(n) + 100
    columns.taken_us[:] = [1_700_000_000_000_000 + round(k * gap_s * 1e6) for k in range(n)]
    columns.dhash[:] = np.uint64(0x0F0F_33CC_5A5A_1177)
    columns.camera[:] = 0
    for row, weights in enumerate(levels):
        if weights is not None:
            columns.quality[row] = weights
    return columns


def burst(*levels: tuple[float, ...] | None) -> tuple[PhotoColumns, Grouping]:
    columns = photos(*levels, gap_s=0.2)
    return columns, group_photos(columns)


def kinds(suggestions: Suggestions) -> list[SuggestionKind]:
    return [one.kind for one in suggestions.each]


def test_the_best_of_a_burst_is_kept_and_the_rest_beaten_by_name() -> None:
    columns, grouping = burst(POOR, SUPERB, AWFUL)
    suggestions = suggest(columns, grouping, GENEROUS)
    assert kinds(suggestions) == [SuggestionKind.REJECT, SuggestionKind.KEEP, SuggestionKind.REJECT]
    reject, keep, _ = suggestions.each
    assert (reject.reasons[0].kind, reject.reasons[0].other) == (ReasonKind.BEATEN, 101)
    assert reject.reasons[0].text.startswith("beaten by IMG_1.jpg with P = 0.9")
    assert keep.reasons[0].kind is ReasonKind.BEST
    assert 0.8 <= keep.confidence <= 1


def test_no_reject_is_suggested_when_no_keeper_may_be_lost() -> None:
    columns, grouping = burst(POOR, SUPERB, AWFUL)
    suggestions = suggest(columns, grouping, SuggestionRule(max_lost_keepers=0.0))
    assert SuggestionKind.REJECT not in kinds(suggestions)
    assert suggestions.expected_lost == 0


def test_the_expected_loss_stays_within_the_budget_and_grows_with_it() -> None:
    random = np.random.default_rng(0)
    columns = photos(*random.dirichlet(np.full(5, 0.7), 400).tolist())
    grouping = group_photos(columns)
    counts = []
    for share in (0.001, 0.01, 0.1):
        suggestions = suggest(columns, grouping, SuggestionRule(max_lost_keepers=share))
        assert suggestions.expected_lost <= share * suggestions.expected_keepers
        counts.append(kinds(suggestions).count(SuggestionKind.REJECT))
    assert counts[0] < counts[1] < counts[2]


def evening(random: np.random.Generator) -> tuple[PhotoColumns, np.ndarray]:
    """60 bursts of five, and which photos a simulated user keeps: the best of each if good enough."""
    truth = np.repeat(random.normal(3.2, 0.5, 60), 5) + random.normal(0, 0.4, 300)
    seen = truth + random.normal(0, 0.4, 300)
    levels = np.exp(-0.5 * ((np.arange(1, 6) - seen[:, None]) / 0.5) ** 2)
    columns = photos(*(levels / levels.sum(axis=1, keepdims=True)).tolist())
    columns.taken_us[:] = [(k // 5) * 10**9 + (k % 5) * 200_000 for k in range(300)]
    best = truth.reshape(60, 5).argmax(axis=1) + np.arange(60) * 5
    is_kept = np.zeros(300, bool)
    is_kept[best] = truth[best] > 2.5
    return columns, is_kept


def test_calibrated_suggestions_lose_no_more_keepers_than_promised() -> None:
    """Calibrated on five evenings' marks, tried on forty others."""
    random = np.random.default_rng(1)
    raw, marks = [], []
    for _ in range(5):
        columns, is_kept = evening(random)
        means, spreads = judgement.means(columns.quality), judgement.spreads(columns.quality)
        standing = keepers.standing(means, spreads, group_photos(columns))
        raw.append(keepers.raw_keep(means, spreads, standing))
        marks.append(is_kept)
    calibration = keepers.fit_keep(np.concatenate(raw), np.concatenate(marks))
    rejected = lost = kept_in_all = 0
    for _ in range(40):
        columns, is_kept = evening(random)
        suggestions = suggest(columns, group_photos(columns), SuggestionRule(0.05, 0.5, calibration))
        rows = [one.row for one in suggestions.each if one.kind is SuggestionKind.REJECT]
        rejected += len(rows)
        lost += int(is_kept[rows].sum())
        kept_in_all += int(is_kept.sum())
    assert rejected > 0.2 * 40 * 300
    assert 0.01 < lost / kept_in_all < 0.06


def test_sets_are_exempt() -> None:
    columns, _ = burst(AWFUL, SUPERB, POOR)
    columns.bias_ev[:] = columns.exposure_ev[:] = [0, -2, 2]
    suggestions = suggest(columns, group_photos(columns), GENEROUS)
    assert kinds(suggestions) == [SuggestionKind.YOU_DECIDE] * 3
    assert suggestions.each[0].reasons[0].text == "part of an exposure bracket, kept whole"


def test_a_confused_judgement_is_the_users_to_decide() -> None:
    columns = photos(TORN, SUPERB)
    suggestion = suggest(columns, group_photos(columns), GENEROUS).each[0]
    assert suggestion.kind is SuggestionKind.YOU_DECIDE
    assert suggestion.reasons[0].kind is ReasonKind.CONFUSED


def test_marked_missing_and_moving_photos_get_no_suggestion() -> None:
    columns = photos(*[GOOD] * 4)
    columns.flag[0] = FLAG_CODES[Flag.REJECT]
    columns.missing[1] = True
    columns.video[2] = True
    assert [one.row for one in suggest(columns, group_photos(columns), GENEROUS).each] == [3]


def test_photos_that_failed_or_wait_for_scores_are_the_users_to_decide() -> None:
    columns, grouping = burst(None, None, None)
    columns.failed[0] = True
    suggestions = suggest(columns, grouping, GENEROUS)
    assert kinds(suggestions) == [SuggestionKind.YOU_DECIDE] * 3
    assert [one.reasons[0].kind for one in suggestions.each] == [
        ReasonKind.FAILED,
        ReasonKind.UNSCORED,
        ReasonKind.UNSCORED,
    ]
    assert suggestions.each[0].p_keeper is None


def test_the_best_of_a_hopeless_burst_is_not_rejected() -> None:
    columns, grouping = burst(AWFUL, POOR, AWFUL)
    assert kinds(suggest(columns, grouping, SuggestionRule(max_lost_keepers=1.0)))[1] is not (
        SuggestionKind.REJECT
    )


def test_two_identical_photos_are_a_close_call() -> None:
    columns, grouping = burst(GOOD, GOOD)
    first, second = suggest(columns, grouping, SuggestionRule()).each
    assert (first.kind, second.kind) == (SuggestionKind.YOU_DECIDE,) * 2
    assert second.reasons[0].kind is ReasonKind.CLOSE
    assert "P = 0.50" in second.reasons[0].text


def test_stored_facts_become_reasons() -> None:
    columns, grouping = burst(POOR, SUPERB, POOR, POOR)
    facts = StoredFacts(
        sharpness=np.array([0.4, 1.0, 0.9, np.nan]),
        eyes=np.array([-1, 0, 1, -1], np.int8),
        highlights=np.array([0.0, 0.5, 0.0, 0.12]),
    )
    each = suggest(columns, grouping, GENEROUS, facts=facts).each
    texts = [{reason.text for reason in one.reasons} for one in each]
    assert "softest of the burst" in texts[0]
    assert "eyes closed" in texts[2]
    assert "highlights clipped in 12% of the picture" in texts[3]
    assert not any("clipped" in text for text in texts[1])  # a keeper is not run down


def test_the_users_choices_lead_the_suggestions_of_their_group() -> None:
    columns, grouping = burst(POOR, SUPERB, POOR)
    prior = prior_from_levels(columns.quality)
    ranking = rank_group(prior, [Choice(2, 1)] * 30 + [Choice(2, 0)] * 5)
    suggestions = suggest(columns, grouping, GENEROUS, rankings={0: ranking})
    assert suggestions.each[2].reasons[0].kind is ReasonKind.BEST
    assert suggestions.each[1].reasons[0].other == 102


def test_another_aspect_can_be_judged_by() -> None:
    columns, grouping = burst(POOR, SUPERB)
    taste = np.array([SUPERB, AWFUL])
    assert suggest(columns, grouping, GENEROUS, levels=taste).each[0].kind is SuggestionKind.KEEP


def test_a_catalog_of_none_has_no_suggestions() -> None:
    assert suggest(empty(), group_photos(empty()), SuggestionRule()).each == ()


def test_standing_of_many_groups_agrees_with_the_ranking_of_one() -> None:
    random = np.random.default_rng(3)
    columns, grouping = burst(*random.dirichlet(np.ones(5), 6).tolist())
    standing = keepers.standing(
        judgement.means(columns.quality), judgement.spreads(columns.quality), grouping
    )
    ranking = rank_group(prior_from_levels(columns.quality))
    assert standing.p_best == pytest.approx(ranking.p_best, abs=0.07)
    assert set(standing.leader.tolist()) == {ranking.best}
    assert standing.loses[0] == pytest.approx(ranking.beats(ranking.best, 0), abs=1e-6)


def test_marks_calibrate_the_estimate() -> None:
    random = np.random.default_rng(4)
    raw = random.uniform(0.02, 0.98, 4000)
    truth = keepers.KeepCalibration(0.6, -1.0, 999, 999)
    fitted = keepers.fit_keep(raw, random.random(4000) < truth.applied(raw))
    assert fitted.is_calibrated
    assert (fitted.slope, fitted.offset) == (pytest.approx(0.6, abs=0.1), pytest.approx(-1.0, abs=0.15))


def test_without_marks_or_with_one_sided_ones_nothing_is_calibrated() -> None:
    assert not keepers.fit_keep(np.zeros(0), np.zeros(0, bool)).is_calibrated
    assert not keepers.fit_keep(np.full(200, 0.5), np.ones(200, bool)).is_calibrated
    uncalibrated = keepers.KeepCalibration().applied(np.array([0.0, 1.0]))
    assert uncalibrated.tolist() == pytest.approx([0.005, 0.995])


def test_marks_against_the_scorer_switch_it_off_rather_than_around() -> None:
    raw = np.linspace(0.01, 0.99, 300)
    fitted = keepers.fit_keep(raw, raw < 0.5)
    assert fitted.slope == 0
