"""The whole training of the embedded judge: photographs in, one weight file out.

Everything follows from the photographs, the manifest and the seed. A manifest is a CSV file with the
columns `file` and `licence`, and `sha256` where the photograph is to be checked; rows without a licence
are left out, and one photograph in five is held out to measure on.
"""

import csv
import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray

from culler.domain.errors import CullerError
from culler.models import compact
from culler.training.embedded_examples import Examples, held_out, training_examples
from culler.training.embedded_fit import FitSettings, fit

_NOTE = "Culler's embedded judge, made by `culler train embedded`; see the model card."
_LEAST_PHOTOS = 20


@dataclass(frozen=True, slots=True)
class TrainingReport:
    """What a training used and made. `fitted_pairs` is the share of pairs of copies of one photograph that
    the new head orders as their damage does, on its own examples: a check, not a measure."""

    photos: int
    held_out: int
    unlicensed: int
    examples: int
    fitted_pairs: float
    size_bytes: int
    sha256: str


@dataclass(frozen=True, slots=True)
class Manifest:
    """The photographs of a manifest, by use; names as they stand in it."""

    training: tuple[str, ...]
    held_out: tuple[str, ...]
    unlicensed: tuple[str, ...]


def train(
    photos: Path,
    manifest: Path,
    out: Path,
    seed: int = 0,
    report: Callable[[str], None] = print,
    *,
    workers: int | None = None,
    settings: FitSettings | None = None,
) -> TrainingReport:
    """Train on the photographs that `manifest` lists below `photos` and write the weights to `out`.

    `workers` processes measure side by side, by default one a core; they change nothing of the result.
    Raises CullerError when a photograph is missing or is not the one the manifest names.
    """
    listed = read_manifest(photos, manifest)
    if len(listed.training) < _LEAST_PHOTOS:
        raise CullerError(
            f"{manifest} lists {len(listed.training)} photographs to train on: {_LEAST_PHOTOS} are needed."
        )
    torch.use_deterministic_algorithms(True)
    threads = torch.get_num_threads()
    torch.set_num_threads(1)  # sums over several threads do not repeat
    try:
        examples = training_examples([photos / name for name in listed.training], seed, report, workers)
        head = fit(examples, seed, report, settings)
    finally:
        torch.set_num_threads(threads)
        torch.use_deterministic_algorithms(False)
    compact.write(head, out, _NOTE)
    data = out.read_bytes()
    return TrainingReport(
        photos=len(listed.training),
        held_out=len(listed.held_out),
        unlicensed=len(listed.unlicensed),
        examples=len(examples),
        fitted_pairs=ordered_pairs(head.score(examples.vectors), examples),
        size_bytes=len(data),
        sha256=hashlib.sha256(data).hexdigest(),
    )


def read_manifest(photos: Path, manifest: Path) -> Manifest:
    """The manifest's photographs, checked to be there and to be the ones it names."""
    training: list[str] = []
    kept: list[str] = []
    unlicensed: list[str] = []
    try:
        with manifest.open(newline="", encoding="utf-8") as file:
            rows = list(csv.DictReader(file))
    except OSError as error:
        raise CullerError(f"Cannot read the manifest {manifest}: {error.strerror}.") from error
    for row in rows:
        name = row.get("file") or ""
        path = photos / name
        if not name or not path.is_file():
            raise CullerError(f"{manifest} names {name or 'a row without a file'}, which {photos} lacks.")
        wanted = row.get("sha256")
        if wanted and hashlib.sha256(path.read_bytes()).hexdigest() != wanted:
            raise CullerError(f"{path} is not the photograph that {manifest} names: its hash differs.")
        if not (row.get("licence") or "").strip():
            unlicensed.append(name)
        else:
            (kept if held_out(name) else training).append(name)
    return Manifest(tuple(training), tuple(kept), tuple(unlicensed))


def ordered_pairs(scores: NDArray[np.float64], examples: Examples) -> float:
    """The share of pairs of one photograph's copies, clearly apart in damage, that scores order rightly."""
    right = total = 0
    for number in np.unique(examples.scene):
        rows = np.nonzero(examples.scene == number)[0]
        apart = examples.drop[rows][:, None] - examples.drop[rows][None, :]
        better = apart < -0.05
        right += int((scores[rows][:, None] > scores[rows][None, :])[better].sum())
        total += int(better.sum())
    return right / total if total else float("nan")
