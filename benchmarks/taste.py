"""How fast a taste is learnt: simulated users over real photographs, and a user of chance.

Each photograph of FOLDER is measured once by the embedded judge (its embedding and its levels). A
simulated user likes a hidden direction of the leading principal features, with noise, and gives one to
five stars; marks come in sessions. The head learns from so many marked photos and is tried on photos that
the user never marked. "agrees" is a user of the scorer's own taste (with the same noise): nothing to gain.
"chance" gives stars by lot: the gate must stay shut.

    python benchmarks/taste.py FOLDER [--users 12] [--picks 50 100 200 400] [--chance 300] [--json]
"""

import argparse
import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from time import process_time

import numpy as np
from PIL import Image

from culler.scoring import embedded, features
from culler.scoring.scorer import ScorerOptions
from culler.training.taste import TasteHead, fit_taste
from culler.training.taste_marks import TasteExamples

SUFFIXES = {".jpg", ".jpeg", ".png"}
NOISE = 0.5
"""Of a user's stars, in standard deviations of the liking."""
LEADING = 12
"""Principal features that a hidden direction mixes."""
SESSION = 25
"""Marked photos a session."""


@dataclass(frozen=True, slots=True)
class Photographs:
    """n photos: embeddings (n, d), levels (n, 2, 5) and the overall score (n,) of the embedded judge."""

    embeddings: np.ndarray
    levels: np.ndarray
    scores: np.ndarray


@dataclass(frozen=True, slots=True)
class Outcome:
    """Means over users. `new` and `scorer_new` are pairwise accuracies on photos that were never marked,
    of the head and of the scorer alone; `held_out` is what the head says of itself; `used` is how often
    the gate opened; `seconds` of CPU a fit."""

    user: str
    picks: int
    users: int
    new: float
    scorer_new: float
    held_out: float
    used: float
    seconds: float


def photographs(folder: Path, most: int) -> Photographs:
    """The photographs of a folder, evenly taken, as the embedded judge sees them."""
    files = sorted(file for file in folder.rglob("*") if file.suffix.lower() in SUFFIXES)
    files = files[:: max(1, len(files) // most)][:most]
    vectors = []
    for file in files:
        with Image.open(file) as picture:
            picture.draft("RGB", (640, 640))
            vectors.append(features.measure(picture.convert("RGB")))
    return judged(np.stack(vectors))


def judged(vectors: np.ndarray) -> Photographs:
    """Feature vectors with the embedded judge's levels."""
    logits = embedded.load(ScorerOptions()).score_embeddings(vectors)
    levels = np.stack([softmax(rows) for rows in logits.values()], axis=1)
    means = levels @ np.arange(1.0, 6.0)
    return Photographs(vectors, levels, 0.9 * means[:, 0] + 0.1 * means[:, 1])


def softmax(logits: np.ndarray) -> np.ndarray:
    weights = np.exp(logits - logits.max(axis=1, keepdims=True))
    return np.asarray(weights / weights.sum(axis=1, keepdims=True))


def liking_of(user: str, photos: Photographs, seed: int) -> np.ndarray:
    """How much a simulated user likes each photo, of unit spread, without the noise of the stars."""
    random = np.random.default_rng(seed)
    if user == "chance":
        return np.zeros(len(photos.scores))
    if user == "agrees":
        liking = photos.scores
    else:
        standard = (photos.embeddings - photos.embeddings.mean(axis=0)) / (
            photos.embeddings.std(axis=0) + 1e-6
        )
        _, _, directions = np.linalg.svd(standard, full_matrices=False)
        leading = standard @ directions[:LEADING].T
        liking = (leading / leading.std(axis=0)) @ random.normal(size=leading.shape[1])
    return np.asarray((liking - liking.mean()) / liking.std())


def learn(
    user: str, photos: Photographs, picks: int, seed: int
) -> tuple[TasteHead | None, float, float, float]:
    """The head from so many picks, its and the scorer's accuracy on the other photos, and CPU seconds."""
    random = np.random.default_rng(1000 + seed)
    liking = liking_of(user, photos, seed)
    said = liking + random.normal(0, NOISE if user != "chance" else 1.0, len(liking))
    stars = np.digitize(said, np.quantile(said, [0.2, 0.4, 0.6, 0.8])) + 1.0
    order = random.permutation(len(liking))
    seen, new = order[:picks], order[picks:]
    examples = TasteExamples(
        photos.embeddings[seen],
        photos.levels[seen],
        photos.scores[seen],
        (np.arange(picks) // SESSION).astype(np.int64),
        stars[seen],
    )
    start = process_time()
    head = fit_taste(examples, seed)
    seconds = process_time() - start
    if head is None:
        return None, 0.5, 0.5, seconds
    utility = head.utilities(photos.embeddings[new], photos.levels[new])
    return head, accuracy(utility, stars[new]), accuracy(photos.scores[new], stars[new]), seconds


def accuracy(scores: np.ndarray, stars: np.ndarray) -> float:
    """Share of pairs of unequal stars in the right order."""
    a, b = np.triu_indices(len(stars), 1)
    told = stars[a] != stars[b]
    agree = np.sign(scores[a] - scores[b]) * np.sign(stars[a] - stars[b])
    return float((1 + agree[told]).mean() / 2)


def measure(user: str, photos: Photographs, picks: int, users: int) -> Outcome:
    """One kind of user with so many picks."""
    runs = [learn(user, photos, picks, seed) for seed in range(users)]
    reports = [head.report for head, _, _, _ in runs if head is not None]
    return Outcome(
        user,
        picks,
        users,
        float(np.mean([run[1] for run in runs])),
        float(np.mean([run[2] for run in runs])),
        float(np.mean([report.accuracy for report in reports])),
        float(np.mean([report.is_useful for report in reports])),
        float(np.mean([run[3] for run in runs])),
    )


def outcomes(photos: Photographs, picks: Sequence[int], users: int, chance: int) -> list[Outcome]:
    """All kinds of users; as many users of chance as `chance`, at the most picks."""
    most = [count for count in picks if count <= len(photos.scores) - 50]
    found = [measure("taste", photos, count, users) for count in most]
    found += [measure("agrees", photos, most[-1], users)]
    return [*found, *(measure("chance", photos, count, chance) for count in {most[0], most[-1]})]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--photos", type=int, default=700, help="at most so many photographs")
    parser.add_argument("--users", type=int, default=12)
    parser.add_argument("--picks", type=int, nargs="+", default=[50, 100, 200, 400])
    parser.add_argument("--chance", type=int, default=300, help="users of chance")
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    photos = photographs(options.folder, options.photos)
    found = outcomes(photos, options.picks, options.users, options.chance)
    if options.json:
        print(json.dumps([asdict(one) for one in found], indent=1))
        return
    print(f"{len(photos.scores)} photographs; accuracy on photos never marked")
    print("user     picks  taste  scorer  held-out  gate open  CPU s")
    for one in found:
        print(
            f"{one.user:8} {one.picks:5}  {one.new:5.1%}  {one.scorer_new:6.1%}  {one.held_out:8.1%}"
            f"  {one.used:9.0%}  {one.seconds:5.2f}"
        )


if __name__ == "__main__":
    main()
