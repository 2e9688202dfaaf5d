"""Questions needed to find the best of a burst, against random pairs and a full round robin.

Simulated users prefer photo i to j with probability σ(s_i − s_j); the scorer's expectation is the
truth with noise of its own, or nothing at all. Every policy uses the same ranking and the same rule
(P(best) > 0.9); the round robin asks each pair once before it begins again. "culler" also stops when no
answer would tell enough; "culler on" goes on asking then, until P(best) > 0.9 as the others do.

    python benchmarks/questions.py [--bursts 200] [--photos 12] [--json]
"""

import argparse
import json
from dataclasses import asdict, dataclass

import numpy as np

from culler.ranking.consensus import Choice, Prior, prior_from_means, rank_group
from culler.ranking.pairwise import LOGISTIC_PER_NORMAL
from culler.ranking.questions import SURE_ENOUGH, next_question, ordered

CHOICE_SD = 0.5
"""Noise of one answer, in levels: photos half a level apart are told apart five times in six."""
TRUE_SPREAD = 0.8
"""Spread of the photos of one burst, in levels."""
SCORER_NOISE = 0.45
"""How far the scorer's expectation is off, in levels."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """Medians and means over all bursts; `right` is how often the best was the true best."""

    policy: str
    scorer: str
    mean_questions: float
    median_questions: float
    right: float
    stopped_by_gain: float
    unfinished: float


def simulate(policy: str, informed: bool, photos: int, seed: int, cap: int) -> tuple[int, bool, str]:
    """Questions asked, whether the best was found, and how it ended: sure, gain or cap."""
    random = np.random.default_rng(seed)
    truth = random.normal(0.0, TRUE_SPREAD, photos)
    expected = truth + random.normal(0.0, SCORER_NOISE, photos)
    prior: Prior = (
        prior_from_means(3 + expected, np.full(photos, SCORER_NOISE), CHOICE_SD)
        if informed
        else prior_from_means(np.full(photos, 3.0), np.full(photos, TRUE_SPREAD), CHOICE_SD)
    )
    scores = LOGISTIC_PER_NORMAL / CHOICE_SD * truth
    choices: list[Choice] = []
    asked: dict[tuple[int, int], int] = {}
    waiting: list[tuple[int, int]] = []
    while True:
        ranking = rank_group(prior, choices)
        found = ranking.best == int(scores.argmax())
        if ranking.p_best.max() > SURE_ENOUGH:
            return len(choices), found, "sure"
        if len(choices) >= cap:
            return len(choices), found, "cap"
        if policy.startswith("culler"):
            question = next_question(ranking, asked)
            if question is None and policy == "culler on":
                question = next_question(ranking)
            if question is None:
                return len(choices), found, "gain"
            first, second = question.first, question.second
        elif policy == "random":
            first, second = random.choice(photos, 2, replace=False).tolist()
        else:
            if not waiting:
                waiting = [(a, b) for a in range(photos) for b in range(a)]
                random.shuffle(waiting)
            first, second = waiting.pop()
        pair = ordered(first, second)
        asked[pair] = asked.get(pair, 0) + 1
        p_first = 1.0 / (1.0 + np.exp(scores[second] - scores[first]))
        choices.append(Choice(first, second, float(random.random() < p_first)))


def measure(
    bursts: int,
    photos: int,
    cap: int,
    policies: tuple[str, ...] = ("culler", "culler on", "random", "round robin"),
    scorers: tuple[bool, ...] = (True, False),
) -> list[Outcome]:
    """One outcome a policy and kind of scorer (informed or none), over the same simulated bursts."""
    outcomes = []
    for informed in scorers:
        for policy in policies:
            runs = [simulate(policy, informed, photos, seed, cap) for seed in range(bursts)]
            asked = np.array([run[0] for run in runs])
            outcomes.append(
                Outcome(
                    policy,
                    "informed" if informed else "none",
                    float(asked.mean()),
                    float(np.median(asked)),
                    float(np.mean([run[1] for run in runs])),
                    float(np.mean([run[2] == "gain" for run in runs])),
                    float(np.mean([run[2] == "cap" for run in runs])),
                )
            )
    return outcomes


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--bursts", type=int, default=200)
    parser.add_argument("--photos", type=int, default=12)
    parser.add_argument("--cap", type=int, default=132, help="questions after which a run is given up")
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    outcomes = measure(options.bursts, options.photos, options.cap)
    if options.json:
        print(json.dumps([asdict(outcome) for outcome in outcomes]))
        return
    print(
        f"{'scorer':10} {'policy':12} {'mean':>6} {'median':>7} {'right':>6} {'no gain':>8} {'given up':>9}"
    )
    for one in outcomes:
        print(
            f"{one.scorer:10} {one.policy:12} {one.mean_questions:6.1f} {one.median_questions:7.1f} "
            f"{one.right:6.2f} {one.stopped_by_gain:8.2f} {one.unfinished:9.2f}"
        )
    for scorer in ("informed", "none"):
        by_policy = {one.policy: one for one in outcomes if one.scorer == scorer}
        for policy in ("culler", "culler on"):
            ratio = by_policy[policy].mean_questions / by_policy["random"].mean_questions
            print(f"scorer {scorer}, {policy}: {ratio:.2f} of random's questions (goal: at most 0.50)")


if __name__ == "__main__":
    main()
