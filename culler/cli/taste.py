"""culler taste: what the user likes, learnt from marks and answers, and forgotten on demand."""

from pathlib import Path
from typing import Annotated

import typer

from culler.cli.options import Json, ScorerName
from culler.cli.output import follow, path_text, put, say, workspace
from culler.workflow import rank
from culler.workflow import taste as tasting
from culler.workflow.taste import TasteState

app = typer.Typer(
    no_args_is_help=True,
    help="Learn your taste from flags, stars and answers; it is used only where it beats the scorer alone.",
)


@app.command()
def learn(scorer: ScorerName = None, json: Json = False) -> int:
    """Learn from every mark and answer so far; say how well it does on sessions it did not see."""
    with workspace() as ws:
        state = follow(tasting.learn(ws, rank.current_scorer(ws, scorer)), "Learning")
    return _tell(state, json)


@app.command()
def status(scorer: ScorerName = None, json: Json = False) -> int:
    """Say whether a taste was learnt, how well it does, and whether it is used."""
    with workspace() as ws:
        state = tasting.state(ws, rank.current_scorer(ws, scorer))
    return _tell(state, json)


@app.command()
def reset(scorer: ScorerName = None) -> int:
    """Forget what was learnt. Marks and answers stay."""
    with workspace() as ws:
        forgotten = tasting.reset(ws, rank.current_scorer(ws, scorer))
    say("The taste is forgotten; your marks stay." if forgotten else "There was no taste to forget.")
    return 0 if forgotten else 1


@app.command()
def export(
    file: Annotated[Path, typer.Argument(help="The file to write; one that is there is kept.")],
    scorer: ScorerName = None,
) -> int:
    """Copy what was learnt into a file. It holds numbers alone, no photo and no name."""
    with workspace() as ws:
        written = tasting.export(ws, file, rank.current_scorer(ws, scorer))
    say(f"Written to {path_text(written)}.")
    return 0


def _tell(state: TasteState, json: bool) -> int:
    if not json:
        print(state.sentence)
        return 0
    report = state.report
    put(
        {
            "scorer": str(state.scorer),
            "marked": state.marked,
            "answers": state.answers,
            "learnt": report is not None,
            "used": state.is_used,
            "accuracy": None if report is None else report.accuracy,
            "scorer_accuracy": None if report is None else report.scorer_accuracy,
            "gain_low": None if report is None else report.gain_low,
            "sessions": None if report is None else report.sessions,
            "pairs": None if report is None else report.pairs,
            "verdict": state.sentence,
        }
    )
    return 0
