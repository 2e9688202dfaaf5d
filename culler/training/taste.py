"""The user's taste: a small head over stored embeddings, learnt from flags, stars and answers.

utility = scorer's levels · a + principal features · w, fitted so that P(A preferred to B) is the
logistic of the difference, with a ridge whose strength held-out sessions choose. Nothing is decoded
and nothing runs on a GPU: a fit takes seconds. The head says how well it does on sessions that it did
not see, and asks to be used only where it beats the scorer alone there.
"""

from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from safetensors import SafetensorError, safe_open
from safetensors.numpy import save_file

from culler.domain.assessment import EncoderId, ScorerId
from culler.domain.errors import CullerError
from culler.training.taste_marks import Pairs, TasteExamples, has_embedding, pairs_of

Values = NDArray[np.float64]

COMPONENTS = 48
"""Principal features that are learnt from: more than a few hundred picks could tell apart."""
RIDGES = (3.0, 30.0, 300.0)
"""Strengths of the ridge to choose from, in pairs' worth of evidence against any preference."""
_SCORER_RIDGE = 1.0
_PRINCIPAL_SAMPLE = 1500
_FOLDS = 5
LEAST_SESSIONS = 3
LEAST_PAIRS = 60
"""Held-out pairs without which nothing is said about a head."""
CONFIDENCE = 0.998
"""Of the gain over sessions, one-sided: a user of chance who learns again and again must not get a taste."""
_TENSORS = ("centre", "basis", "weights", "scorer_weights", "thresholds")
_FIGURES = ("accuracy", "scorer_accuracy", "gain_low", "sessions", "pairs")
LEVEL_SHARES = (0.1, 0.2, 0.3, 0.25, 0.15)
"""How many photos, BAD … EXCELLENT, the levels of taste divide the user's own photos into."""


@dataclass(frozen=True, slots=True)
class TasteReport:
    """How a head does on sessions it did not see, beside the scorer alone, over the same pairs.

    Accuracies are means over sessions (½ where nothing could be tried); `gain_low` is the lower end
    of the gain's one-sided interval over sessions. `verdict` is a sentence for people.
    """

    accuracy: float = 0.5
    scorer_accuracy: float = 0.5
    gain_low: float = -1.0
    sessions: int = 0
    pairs: int = 0
    is_useful: bool = False
    verdict: str = "There are no marks to learn from yet."


@dataclass(frozen=True, slots=True)
class TasteHead:
    """A fitted taste. `thresholds` (4,) part the utilities into five levels."""

    centre: Values
    basis: Values
    weights: Values
    scorer_weights: Values
    thresholds: Values
    report: TasteReport = field(default_factory=TasteReport)

    def utilities(self, embeddings: NDArray[np.floating[Any]], levels: NDArray[np.floating[Any]]) -> Values:
        """(n,) utilities: P(A preferred to B) is the logistic of their difference. NaN without an
        embedding."""
        features = (embeddings.astype(np.float64) - self.centre) @ self.basis
        utility = features @ self.weights + _scorer_features(levels) @ self.scorer_weights
        return np.where(has_embedding(embeddings), utility, np.nan)

    def levels(
        self, embeddings: NDArray[np.floating[Any]], levels: NDArray[np.floating[Any]]
    ) -> NDArray[np.float32]:
        """(n, 5) level probabilities of the taste aspect, BAD … EXCELLENT; NaN without an embedding."""
        utility = self.utilities(embeddings, levels)
        below = _sigmoid(self.thresholds[None, :] - utility[:, None])
        n = len(utility)
        cumulative = np.concatenate([np.zeros((n, 1)), below, np.ones((n, 1))], axis=1)
        return np.maximum(np.diff(cumulative, axis=1), 0.0).astype(np.float32)


def fit_taste(examples: TasteExamples, seed: int = 0, try_out: bool = True) -> TasteHead | None:
    """The head that these examples support, with its report where it is to be tried out; None where no
    pair of photos with an embedding tells a preference. Equal inputs give equal heads."""
    there = has_embedding(examples.embeddings)
    pairs = pairs_of(examples, there, seed)
    if not len(pairs.first):
        return None
    centre, basis = _principal(examples.embeddings[there], seed)
    filled = np.where(there[:, None], examples.embeddings, 0.0).astype(np.float64)
    features = np.concatenate([(filled - centre) @ basis, _scorer_features(examples.levels)], axis=1)
    ridge = _best_ridge(features, pairs, seed)
    weights = _fit(features, pairs, ridge)
    utility = (features @ weights)[there]
    head = TasteHead(
        centre, basis, weights[: basis.shape[1]], weights[basis.shape[1] :], _thresholds(utility)
    )
    return replace(head, report=_held_out(features, examples.scores, pairs, seed)) if try_out else head


def held_out_levels(examples: TasteExamples, holdout: float = 0.2, seed: int = 0) -> NDArray[np.float32]:
    """(n, 5) levels of taste, each photo's by a head that saw none of its session; NaN where there is
    nothing to learn from without it. `holdout` is the share of sessions left out at a time."""
    levels = np.full((len(examples.scores), 5), np.nan, np.float32)
    names = np.random.default_rng(seed).permutation(np.unique(examples.sessions))
    for part in np.array_split(names, min(len(names), max(2, round(1.0 / holdout)))):
        out = np.isin(examples.sessions, part)
        said = [one for one in examples.answers if not out[one.first] and not out[one.second]]
        seen = replace(examples, grades=np.where(out, np.nan, examples.grades), answers=said)
        head = fit_taste(seen, seed, try_out=False)
        if head is not None:
            levels[out] = head.levels(examples.embeddings[out], examples.levels[out])
    return levels


def write(head: TasteHead, path: Path, encoder: EncoderId, scorer: ScorerId | None = None) -> None:
    """Write the head, bound to the encoder whose embeddings it reads and to the scorer whose levels it
    reads; the file holds no photo."""
    tensors = {name: np.ascontiguousarray(getattr(head, name)) for name in _TENSORS}
    report = head.report
    noted = {name: repr(getattr(report, name)) for name in _FIGURES} | {"verdict": report.verdict}
    noted |= {} if scorer is None else {"scorer": str(scorer)}
    path.parent.mkdir(parents=True, exist_ok=True)
    save_file(tensors, path, {"encoder": str(encoder), "is_useful": str(int(report.is_useful)), **noted})


def read(path: Path, encoder: EncoderId, scorer: ScorerId | None = None) -> TasteHead:
    """The head in a file that `write` made.

    Raises CullerError, with a sentence, when it is no such file or belongs to another encoder or scorer.
    """
    try:
        with safe_open(path, framework="numpy") as file:
            noted = file.metadata() or {}
            tensors = {name: np.asarray(file.get_tensor(name), np.float64) for name in _TENSORS}
        figures: dict[str, Any] = {
            name: (int if name in ("sessions", "pairs") else float)(noted[name]) for name in _FIGURES
        }
    except (OSError, KeyError, ValueError, SafetensorError) as error:
        raise CullerError(f"Cannot read the taste in {path.name}: learn it again.") from error
    if noted.get("encoder") != str(encoder) or (scorer is not None and noted.get("scorer") != str(scorer)):
        raise CullerError(f"The taste in {path.name} belongs to another judge; learn it again for this one.")
    report = TasteReport(**figures, is_useful=noted.get("is_useful") == "1", verdict=noted.get("verdict", ""))
    return TasteHead(**tensors, report=report)


def _principal(embeddings: NDArray[np.floating[Any]], seed: int) -> tuple[Values, Values]:
    """Centre (d,) and basis (d, k) of the principal features, weaker ones damped, about unit size."""
    random = np.random.default_rng(seed)
    chosen = random.permutation(len(embeddings))[:_PRINCIPAL_SAMPLE]
    sample = embeddings[np.sort(chosen)].astype(np.float64)
    centre = sample.mean(axis=0)
    # Measurements come in all units: each feature counts by its own spread first.
    scale = np.maximum(sample.std(axis=0), 1e-9)
    scale = np.where(scale > 1e-8, scale, np.inf)
    sample = (sample - centre) / scale
    k = min(COMPONENTS, max(1, len(sample) - 1), sample.shape[1])
    if sample.shape[1] <= len(sample):
        variances, vectors = np.linalg.eigh(sample.T @ sample / len(sample))
        directions = vectors[:, ::-1][:, :k]
        variances = np.maximum(variances[::-1][:k], 0.0)
    else:
        variances, vectors = np.linalg.eigh(sample @ sample.T / len(sample))
        variances = np.maximum(variances[::-1][:k], 0.0)
        directions = sample.T @ vectors[:, ::-1][:, :k]
        directions /= np.maximum(np.linalg.norm(directions, axis=0), 1e-12)
    damped = directions / np.sqrt(variances + variances.mean() + 1e-12)
    return centre, damped / scale[:, None]


def _scorer_features(levels: NDArray[np.floating[Any]]) -> Values:
    """(n, 4): level mean about fair, and spread about one, of both aspects; 0 where not assessed."""
    exact = levels.astype(np.float64)
    numbers = np.arange(1.0, 6.0)
    mean = exact @ numbers
    spread = np.sqrt(np.maximum(exact @ numbers**2 - mean**2, 0.0))
    return np.asarray(np.nan_to_num(np.concatenate([mean - 3.0, spread - 1.0], axis=1), nan=0.0))


def _sigmoid(x: Values) -> Values:
    return np.asarray(0.5 * (1.0 + np.tanh(0.5 * x)), np.float64)


def _fit(features: Values, pairs: Pairs, ridge: float) -> Values:
    """Ridge logistic regression on the differences of pairs, by Newton."""
    # Both ways round, the fit is the same; one way is enough as there is no constant.
    gaps = features[pairs.first] - features[pairs.second]
    penalty = np.full(features.shape[1], ridge)
    penalty[-4:] = _SCORER_RIDGE
    weights = np.zeros(features.shape[1])
    for _ in range(40):
        p = _sigmoid(gaps @ weights)
        gradient = gaps.T @ (pairs.share - p) - penalty * weights
        curvature = (gaps * (p * (1.0 - p))[:, None]).T @ gaps
        curvature[np.diag_indices_from(curvature)] += penalty
        step = np.linalg.solve(curvature, gradient)
        # A Newton step of a logistic fit overshoots only when it is long.
        weights = weights + step * min(1.0, 5.0 / max(float(np.abs(gaps @ step).max()), 1e-12))
        if float(np.abs(step).max()) < 1e-7:
            break
    return weights


def _folds(pairs: Pairs, count: int, seed: int) -> list[NDArray[np.bool_]]:
    """Masks of held-out pairs, whole sessions at a time."""
    names = np.unique(pairs.session)
    shuffled = np.random.default_rng(seed).permutation(names)
    return [np.isin(pairs.session, part) for part in np.array_split(shuffled, min(count, len(names)))]


def _best_ridge(features: Values, pairs: Pairs, seed: int) -> float:
    """The ridge under which held-out sessions are likeliest; the middle one for a single session."""
    folds = _folds(pairs, 3, seed + 1)
    if len(folds) < 2:
        return RIDGES[len(RIDGES) // 2]
    losses = []
    for ridge in RIDGES:
        loss = 0.0
        for out in folds:
            weights = _fit(features, pairs.of(~out), ridge)
            held = pairs.of(out)
            gap = (features[held.first] - features[held.second]) @ weights
            loss += float(np.sum(np.logaddexp(0.0, -gap) * held.share))
            loss += float(np.sum(np.logaddexp(0.0, gap) * (1.0 - held.share)))
        losses.append(loss)
    return RIDGES[int(np.argmin(losses))]


def _held_out(features: Values, scores: Values, pairs: Pairs, seed: int) -> TasteReport:
    """Every session predicted by a head that saw none of it, its ridge chosen without it too."""
    folds = _folds(pairs, _FOLDS, seed)
    names = np.unique(pairs.session)
    if len(names) < LEAST_SESSIONS:
        return TasteReport(
            sessions=len(names),
            pairs=len(pairs.first),
            verdict=f"Marks from {LEAST_SESSIONS} sessions are needed to try it out; there are {len(names)}.",
        )
    by_head, by_scorer = np.zeros(len(pairs.first)), np.zeros(len(pairs.first))
    for out in folds:
        seen, held = pairs.of(~out), pairs.of(out)
        weights = _fit(features, seen, _best_ridge(features, seen, seed))
        by_head[out] = (features[held.first] - features[held.second]) @ weights
    known = np.nan_to_num(scores, nan=float(np.nanmean(scores)) if np.isfinite(scores).any() else 0.0)
    by_scorer = known[pairs.first] - known[pairs.second]
    decided = pairs.share != 0.5
    wanted = np.sign(pairs.share - 0.5)
    right_head = (1.0 + np.sign(by_head) * wanted) / 2.0
    right_scorer = (1.0 + np.sign(by_scorer) * wanted) / 2.0
    masks = [decided & (pairs.session == name) for name in names]
    masks = [mask for mask in masks if mask.any()]
    heads = np.array([right_head[mask].mean() for mask in masks])
    scorers = np.array([right_scorer[mask].mean() for mask in masks])
    tried = int(decided.sum())
    if len(masks) < LEAST_SESSIONS or tried < LEAST_PAIRS:
        return TasteReport(
            sessions=len(masks),
            pairs=tried,
            verdict=f"There are {tried} marked pairs in {len(masks)} sessions, too few to try it out.",
        )
    gain_low = _lower_end(heads - scorers)
    is_useful = gain_low > 0.0 and _lower_end(heads - 0.5) > 0.0
    accuracy, scorer_accuracy = float(heads.mean()), float(scorers.mean())
    figures = f"{accuracy:.0%} of held-out pairs against {scorer_accuracy:.0%} by the scorer alone"
    verdict = (
        f"Your taste agrees with {figures}."
        if is_useful
        else f"Not used: it agrees with {figures}, no clear gain."
    )
    return TasteReport(accuracy, scorer_accuracy, gain_low, len(masks), tried, is_useful, verdict)


def _lower_end(gains: Values) -> float:
    """The lower end of the one-sided interval of a mean over sessions (Student's t: sessions are few)."""
    from scipy.special import stdtrit  # slow to import, and using a head needs none of it

    n = len(gains)
    spread = float(gains.std(ddof=1))
    return float(gains.mean() - stdtrit(n - 1, CONFIDENCE) * spread / np.sqrt(n))


def _thresholds(utility: Values) -> Values:
    """Where the user's own photos fall into the shares LEVEL_SHARES, on average over their levels."""
    wanted = np.cumsum(LEVEL_SHARES)[:-1]
    low = np.full(4, float(utility.min()) - 20.0)
    high = np.full(4, float(utility.max()) + 20.0)
    for _ in range(60):
        middle = 0.5 * (low + high)
        share = _sigmoid(middle[:, None] - utility[None, :]).mean(axis=1)
        low, high = np.where(share < wanted, middle, low), np.where(share < wanted, high, middle)
    return np.asarray(0.5 * (low + high))
