"""One ranking per group: what the scorer expects, what models compared, what the user chose.

Each photo has a latent score s with P(i beats j) = σ(s_i − s_j), a normal prior from its level
distribution, and evidence in a matrix C of wins (Bradley–Terry with a Gaussian prior). The scores are
the posterior mode, found by Newton's method; the inverse Hessian gives error bars. P(i is best) comes
from draws of that normal, reweighted to the true posterior: it is skewed where a photo won every
comparison, and taking it for normal would ask twice the questions.
The result is derived, never stored as truth, and remembers how far the user and the models each moved
a photo, so that "why" has an answer.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from culler.ranking import judgement
from culler.ranking.pairwise import LOGISTIC_PER_NORMAL, normal_cdf

Values = NDArray[np.float64]
Levels = NDArray[np.floating[Any]]

CHOICE_SD = 0.5
"""Noise of one choice between two photos, in levels, until it is fitted: half a level apart is
preferred five times in six."""
LEAST_SPREAD = 0.1
"""No judge knows a photo better than to a tenth of a level, however sharp its answer."""
UNKNOWN_SPREAD = 0.8
"""Spread of a photo nobody judged, in levels, about the mean of its group: frames of one moment differ
less than photographs do."""
MODEL_WEIGHT = 0.3
"""What a model's comparison counts beside a user's pick, until cross-validation has a better figure."""
MOST_CELLS = 200_000
"""Photos times steps up to which P(best) is integrated; beyond, and where choices couple photos, it is
drawn."""
SAMPLES = 4096


@dataclass(frozen=True, slots=True)
class Choice:
    """One answer about two photos of a group, by their places in it.

    `share` is what `first` got: 1 a win, ½ "the same", P for a model that says how sure it is.
    """

    first: int
    second: int
    share: float = 1.0

    def __post_init__(self) -> None:
        if self.first == self.second:
            raise ValueError("a photo is not compared with itself")
        if not 0.0 <= self.share <= 1.0:
            raise ValueError(f"a share lies in [0, 1], unlike {self.share}")


def kept(best: int, others: Iterable[int]) -> tuple[Choice, ...]:
    """ "Keep this one of these" as choices: the kept photo beat each of the others."""
    return tuple(Choice(best, other) for other in others if other != best)


@dataclass(frozen=True, slots=True)
class Prior:
    """What is expected before any choice: latent means (k,) and precisions (k,), both finite."""

    means: Values
    precisions: Values

    def __len__(self) -> int:
        return len(self.means)


@dataclass(frozen=True, slots=True)
class GroupRanking:
    """The photos of one group as latent scores (k,), by their places in the group.

    `order` is best first; of equals the earlier one. `errors` are standard deviations. `scores` are
    exactly prior means + `moved_by_user` + `moved_by_model`. `coupled` are the places that choices
    touched, with their `covariance` and `draws` (SAMPLES, coupled) from the joint posterior; the
    others are independent normals.
    """

    scores: Values
    errors: Values
    p_best: Values
    order: NDArray[np.intp]
    moved_by_user: Values
    moved_by_model: Values
    coupled: NDArray[np.intp]
    covariance: Values
    draws: NDArray[np.float32]
    steps: int

    def __len__(self) -> int:
        return len(self.scores)

    @property
    def best(self) -> int:
        """The place of the photo with the highest score."""
        return int(self.order[0])

    def samples(self, count: int = SAMPLES, seed: int = 0) -> NDArray[np.float32]:
        """(count, k) draws of the latent scores, count ≤ SAMPLES; the same for the same seed."""
        random = np.random.default_rng(seed)
        drawn = random.standard_normal((count, len(self)), dtype=np.float32)
        drawn *= self.errors.astype(np.float32)
        drawn += self.scores.astype(np.float32)
        if len(self.coupled):
            drawn[:, self.coupled] = self.draws[random.permutation(len(self.draws))[:count]]
        return drawn

    def beats(self, first: int, second: int) -> float:
        """P(one photo is preferred to the other) for the next choice, the scores' doubt included."""
        if first == second:
            return 0.5
        between = 0.0
        place = {int(photo): row for row, photo in enumerate(self.coupled)}
        if first in place and second in place:
            between = float(self.covariance[place[first], place[second]])
        variance = self.errors[first] ** 2 + self.errors[second] ** 2 - 2 * between
        gap = self.scores[first] - self.scores[second]
        doubt = np.sqrt(LOGISTIC_PER_NORMAL**2 + variance)
        return float(normal_cdf(np.asarray([gap / doubt]))[0])


def prior_from_levels(levels: Levels, temperature: float = 1.0, choice_sd: float = CHOICE_SD) -> Prior:
    """Latent expectations from (k, 5) level distributions at the scorer's temperature.

    With these, P(i beats j) before any choice is Thurstone's Φ(Δμ/√(v_i + v_j + s²)), s = `choice_sd`.
    Photos nobody judged expect the group's mean, with a wide spread.
    """
    known = judgement.assessed(levels)
    sharpened = judgement.tempered(levels, temperature) if len(levels) else levels.astype(np.float64)
    return prior_from_means(
        np.where(known, judgement.means(sharpened), np.nan), judgement.spreads(sharpened), choice_sd
    )


def prior_from_means(means: Values, spreads: Values, choice_sd: float = CHOICE_SD) -> Prior:
    """Latent expectations from means and spreads (k,) in levels, NaN where unknown."""
    known = ~np.isnan(means)
    centre = float(means[known].mean()) if known.any() else 3.0
    scale = LOGISTIC_PER_NORMAL / choice_sd
    filled = np.where(known, means - centre, 0.0)
    doubt = np.where(known, np.maximum(spreads, LEAST_SPREAD), UNKNOWN_SPREAD)
    return Prior(scale * filled, 1.0 / (scale * doubt) ** 2)


def evidence(k: int, choices: Sequence[Choice]) -> Values:
    """The matrix C of wins: C[i, j] is how often photo i was preferred to photo j."""
    wins = np.zeros((k, k))
    for choice in choices:
        wins[choice.first, choice.second] += choice.share
        wins[choice.second, choice.first] += 1.0 - choice.share
    return wins


def rank_group(
    prior: Prior,
    by_user: Sequence[Choice] = (),
    by_model: Sequence[Choice] = (),
    *,
    model_weight: float = MODEL_WEIGHT,
    seed: int = 0,
) -> GroupRanking:
    """The ranking of a group of k ≥ 1 photos. Contradictory answers cancel and widen nothing.

    Only photos that a choice touches are coupled, so a burst of thousands costs no more than its
    answers do.
    """
    k = len(prior)
    if k == 0:
        raise ValueError("a group has at least one photo")
    coupled = np.array(
        sorted({place for choice in (*by_user, *by_model) for place in (choice.first, choice.second)}),
        np.intp,
    )
    scores, errors = prior.means.copy(), 1.0 / np.sqrt(prior.precisions)
    moved_by_user, moved_by_model = np.zeros(k), np.zeros(k)
    covariance, draws, steps = np.zeros((0, 0)), np.zeros((0, 0), np.float32), 0
    if len(coupled):
        place = {int(photo): row for row, photo in enumerate(coupled)}
        user, model = (
            evidence(len(coupled), [Choice(place[c.first], place[c.second], c.share) for c in choices])
            for choices in (by_user, by_model)
        )
        model *= model_weight
        means, precisions = prior.means[coupled], prior.precisions[coupled]
        fitted, covariance, steps = posterior_mode(user + model, means, precisions)
        draws = posterior_draws(user + model, means, precisions, fitted, covariance, seed)
        scores[coupled] = fitted
        errors[coupled] = np.sqrt(np.diag(covariance))
        # At the mode λ(s − μ) is the sum of the surprises of all answers: a photo's way from its
        # prior splits exactly into what the user and what the models contributed.
        moved_by_user[coupled] = _surprise(user, fitted) / precisions
        moved_by_model[coupled] = _surprise(model, fitted) / precisions
    ranking = GroupRanking(
        scores,
        errors,
        np.ones(k),
        np.argsort(-scores, kind="stable"),
        moved_by_user,
        moved_by_model,
        coupled,
        covariance,
        draws,
        steps,
    )
    return _with_p_best(ranking, seed)


def _with_p_best(ranking: GroupRanking, seed: int) -> GroupRanking:
    k = len(ranking)
    if k == 1:
        return ranking
    points = _points(ranking.scores, ranking.errors)
    if not len(ranking.coupled) and k * points <= MOST_CELLS:
        p_best = _best_of_independent(ranking.scores, ranking.errors, points)
    else:
        # A burst of thousands is drawn in slices, to keep the draws within some 50 MB.
        slices = max(1, k * SAMPLES // 12_000_000)
        counts = np.zeros(k)
        for part in range(slices):
            drawn = ranking.samples(SAMPLES // slices, seed + part)
            counts += np.bincount(drawn.argmax(axis=1), minlength=k)
        p_best = counts / counts.sum()
    return replace(ranking, p_best=p_best)


def _points(scores: Values, errors: Values) -> int:
    """Steps of a quarter of the least standard deviation over all that the scores may be, up to a bound."""
    width = float((scores + 6 * errors).max() - (scores - 6 * errors).min())
    return int(np.clip(4 * width / float(errors.min()), 64, 2048))


def _best_of_independent(scores: Values, errors: Values, points: int) -> Values:
    """P(each is the largest) of independent normals: ∫ density · Π of the others' distributions."""
    low, high = float((scores - 6 * errors).min()), float((scores + 6 * errors).max())
    at = low + (high - low) * (np.arange(points) + 0.5) / points
    z = (at[None, :] - scores[:, None]) / errors[:, None]
    below = np.log(np.maximum(normal_cdf(z), 1e-300))
    others = np.exp(below.sum(axis=0) - below)
    p_best = (np.exp(-0.5 * z * z) / errors[:, None] * others).sum(axis=1)
    return np.asarray(p_best / p_best.sum())


def sigmoid(x: Values) -> Values:
    """1/(1 + e^−x), without overflow."""
    return np.asarray(0.5 * (1.0 + np.tanh(0.5 * x)), np.float64)


def _surprise(wins: Values, scores: Values) -> Values:
    """Per photo, wins beyond those that the scores expect."""
    expected = sigmoid(scores[:, None] - scores[None, :])
    return np.asarray((wins - (wins + wins.T) * expected).sum(axis=1))


def _cost(wins: Values, scores: Values, means: Values, precisions: Values) -> float:
    gaps = scores[:, None] - scores[None, :]
    fit = float((wins * np.logaddexp(0.0, -gaps)).sum())
    return fit + 0.5 * float((precisions * (scores - means) ** 2).sum())


def posterior_mode(
    wins: Values, means: Values, precisions: Values, *, tolerance: float = 1e-10, max_steps: int = 50
) -> tuple[Values, Values, int]:
    """The mode (k,) of the posterior, its covariance (k, k) and the Newton steps it took.

    The cost is strictly convex, so the mode is the only one; a step that does not lower the cost is
    halved (which only happens far away, with very uneven evidence).
    """
    scores, total = means.astype(np.float64).copy(), wins + wins.T
    cost, steps = _cost(wins, scores, means, precisions), 0
    for _ in range(max_steps):
        gradient = _surprise(wins, scores) - precisions * (scores - means)
        if float(np.abs(gradient).max()) < tolerance:
            break
        step = np.linalg.solve(_hessian(total, scores, precisions), gradient)
        scale = 1.0
        while scale > 1e-6 and _cost(wins, scores + scale * step, means, precisions) > cost + 1e-12:
            scale *= 0.5
        scores = scores + scale * step
        cost, steps = _cost(wins, scores, means, precisions), steps + 1
        if float(np.abs(step).max()) < tolerance:
            break
    covariance = np.asarray(np.linalg.inv(_hessian(total, scores, precisions)), np.float64)
    return scores, covariance, steps


def posterior_draws(
    wins: Values, means: Values, precisions: Values, mode: Values, covariance: Values, seed: int = 0
) -> NDArray[np.float32]:
    """(SAMPLES, k) equally likely draws from the posterior.

    Drawn from the normal at the mode, weighted by the true density, weights cut at √SAMPLES times
    their mean (Ionides 2008) and resampled systematically.
    """
    random = np.random.default_rng(seed)
    root = np.linalg.cholesky(covariance)
    steps = random.standard_normal((SAMPLES, len(mode)))
    drawn = mode + steps @ root.T
    # Each pair once, in single precision; with w₁ wins and w₂ losses at gap g it costs
    # (w₁ + w₂) log(1 + e^−g) + w₂ g.
    first, second = np.nonzero(np.triu(wins + wins.T, 1))
    gaps = (drawn[:, first] - drawn[:, second]).astype(np.float32)
    soft = np.log1p(np.exp(-np.abs(gaps))) + np.maximum(-gaps, 0.0)
    log_density = -0.5 * ((drawn - means) ** 2 @ precisions)
    log_density -= soft @ (wins + wins.T)[first, second] + gaps @ wins[second, first]
    log_weights = log_density + 0.5 * (steps**2).sum(axis=1)
    weights = np.exp(log_weights - log_weights.max())
    weights = np.minimum(weights, weights.mean() * np.sqrt(SAMPLES))
    places = (np.arange(SAMPLES) + random.random()) / SAMPLES
    chosen = np.searchsorted(np.cumsum(weights / weights.sum()), places).clip(max=SAMPLES - 1)
    return np.asarray(drawn[chosen], np.float32)


def _hessian(total: Values, scores: Values, precisions: Values) -> Values:
    expected = sigmoid(scores[:, None] - scores[None, :])
    weight = total * expected * (1.0 - expected)
    return np.diag(weight.sum(axis=1) + precisions) - weight


def fit_model_weight(
    groups: Sequence[tuple[Prior, Sequence[Choice], Sequence[Choice]]],
    weights: Sequence[float] = (0.0, 0.1, 0.2, 0.3, 0.5, 0.7, 1.0),
) -> float:
    """What a model's comparison should count beside a user's: the weight under which each of the
    user's answers is best predicted from all others of its group. (prior, by user, by model) a group.

    MODEL_WEIGHT when there are fewer than ten answers to learn from.
    """
    informative = [(prior, user, model) for prior, user, model in groups if user and model]
    if sum(len(user) for _, user, _ in informative) < 10:
        return MODEL_WEIGHT
    losses = [sum(_left_out_loss(*group, weight) for group in informative) for weight in weights]
    return float(weights[int(np.argmin(losses))])


def _left_out_loss(prior: Prior, user: Sequence[Choice], model: Sequence[Choice], weight: float) -> float:
    loss = 0.0
    for left_out, answer in enumerate(user):
        others = [*user[:left_out], *user[left_out + 1 :]]
        ranking = rank_group(prior, others, model, model_weight=weight)
        p = min(max(ranking.beats(answer.first, answer.second), 1e-9), 1.0 - 1e-9)
        loss -= answer.share * np.log(p) + (1.0 - answer.share) * np.log(1.0 - p)
    return float(loss)
