"""Figures of model outputs beside opinion scores, as plain values; nothing is loaded or stored."""

from pathlib import Path

from culler.domain.errors import CullerError


def outputs_record(
    path: Path,
    words: str = "good,poor",
    temperature: float = 100.0,
    parts: int = 1,
    draws: int = 1000,
    seed: int = 0,
) -> dict[str, object]:
    """How a file of model outputs agrees with the opinions in it. `words` are the better and the worse
    one. Raises CullerError with what is wrong with the file."""
    from culler.evaluation.opinions import model_agreement, outputs_of, read_records

    better, _, worse = words.partition(",")
    if not better.strip() or not worse.strip() or "," in worse:
        raise CullerError(f'Give two words, the better one first, such as "good,poor", not "{words}".')
    outputs = outputs_of(read_records(path), (better.strip(), worse.strip()))
    if len(outputs.opinions) < 2 * parts:
        raise CullerError(f"{path.name} has too few records to correlate.")
    found = model_agreement(outputs, temperature, parts, draws, seed)
    return {
        "file": str(path),
        "n": len(outputs.opinions),
        "parts": parts,
        "temperature": temperature,
        "srcc": found.srcc,
        "srcc_low": found.srcc_range.low,
        "srcc_high": found.srcc_range.high,
        "krcc": found.krcc,
        "pair_accuracy": found.pair_accuracy,
        "plcc": found.plcc,
        "plcc_low": found.plcc_range.low,
        "plcc_high": found.plcc_range.high,
        "plcc_fitted": found.by_probability.plcc_fitted,
        "rmse_fitted": found.by_probability.rmse_fitted,
        "fit_converged": found.by_probability.fit_converged,
    }
