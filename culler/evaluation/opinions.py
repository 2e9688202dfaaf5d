"""Model outputs beside opinion scores: reading both, and how far they agree.

Outputs are records with two logits and an opinion score, as a JSON list or as JSON objects written one
after another (Q-Bench's form). Ranks go by the difference of the logits, since half-precision logits
tie; linear correlation by the probability of the first word at a temperature, on which it depends.
"""

import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from culler.domain.errors import CullerError
from culler.evaluation.metrics import (
    Agreement,
    Interval,
    agreement,
    bootstrap,
    krcc,
    pair_accuracy,
    plcc,
    srcc,
)

Values = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class ModelOutputs:
    """n records: logits of the better and of the worse word, and the opinions (n,)."""

    names: tuple[str, ...]
    better: Values
    worse: Values
    opinions: Values


@dataclass(frozen=True, slots=True)
class ModelAgreement:
    """Ranks by the difference and `plcc` at the temperature are means over the parts, with intervals over
    records; `by_probability` is over all records at once."""

    by_probability: Agreement
    srcc: float
    krcc: float
    pair_accuracy: float
    plcc: float
    srcc_range: Interval
    plcc_range: Interval


def read_records(path: Path) -> list[Mapping[str, Any]]:
    """The records of a file: a JSON list, or objects one after another. Raises CullerError."""
    try:
        text = path.read_text("utf-8-sig").strip()
    except (OSError, UnicodeDecodeError) as error:
        raise CullerError(f"Cannot read {path}: {error}.") from error
    decoder, at = json.JSONDecoder(), 0
    found: list[Any] = []
    while at < len(text):
        try:
            value, at = decoder.raw_decode(text, at)
        except ValueError as error:
            raise CullerError(f"{path.name} is no JSON after record {len(found)}: {error}.") from error
        found += value if isinstance(value, list) else [value]
        while at < len(text) and text[at] in " \t\r\n,":
            at += 1
    wrong = next((number for number, one in enumerate(found, 1) if not isinstance(one, dict)), None)
    if wrong is not None or not found:
        raise CullerError(f"{path.name} holds no records of model outputs.")
    return found


def outputs_of(records: Sequence[Mapping[str, Any]], words: tuple[str, str]) -> ModelOutputs:
    """Records as arrays; raises CullerError naming the record that lacks something."""

    def number(record: Mapping[str, Any], key: str, place: int) -> float:
        try:
            value = float(str(record[key]).strip())
        except (KeyError, ValueError) as error:
            raise CullerError(f"Record {place} has no number as {key}.") from error
        if not math.isfinite(value):
            raise CullerError(f"Record {place} has no finite number as {key}.")
        return value

    columns = [
        np.array([number(one, key, place) for place, one in enumerate(records, 1)])
        for key in (f"logit_{words[0]}", f"logit_{words[1]}", "gt_score")
    ]
    names = tuple(str(one.get("img_path", place)) for place, one in enumerate(records, 1))
    return ModelOutputs(names, *columns)


def probabilities(outputs: ModelOutputs, temperature: float) -> Values:
    """(n,) of the better word against the worse."""
    return np.asarray(0.5 * (1 + np.tanh(0.5 * (outputs.better - outputs.worse) / temperature)))


def model_agreement(
    outputs: ModelOutputs, temperature: float = 100.0, parts: int = 1, draws: int = 1000, seed: int = 0
) -> ModelAgreement:
    """How outputs agree with opinions: the mean over so many equal runs of records, one by default."""
    gaps, odds, truth = outputs.better - outputs.worse, probabilities(outputs, temperature), outputs.opinions
    runs = np.array_split(np.arange(len(truth)), parts)

    def mean(metric: Any, predicted: Values) -> float:
        return float(np.mean([metric(predicted[run], truth[run]) for run in runs]))

    def interval(metric: Any, predicted: Values) -> Interval:
        found = bootstrap(
            lambda rows: metric(predicted[rows], truth[rows]), len(truth), draws=draws, seed=seed
        )
        return Interval(mean(metric, predicted), found.low, found.high)

    return ModelAgreement(
        agreement(odds, truth),
        mean(srcc, gaps),
        mean(krcc, gaps),
        mean(pair_accuracy, gaps),
        mean(plcc, odds),
        interval(srcc, gaps),
        interval(plcc, odds),
    )
