"""The main job where there is no window: scan, score, and a table of the top picks."""

from collections.abc import Sequence
from pathlib import Path

from culler.cli.interrupt import INTERRUPTED, SENTENCE, politely
from culler.cli.output import counted, follow, path_text, say, scanned, workspace
from culler.cli.rank import print_table
from culler.domain.errors import CullerError
from culler.workflow import rank, ranking
from culler.workflow import score as scoring

TOP = 20


def run(folders: Sequence[Path]) -> int:
    """Judge these folders and show the best; the exit code."""
    with politely():
        try:
            return _judge(folders)
        except CullerError as error:
            say(str(error))
            return 1
        except KeyboardInterrupt:
            say(SENTENCE)
            return INTERRUPTED


def _judge(folders: Sequence[Path]) -> int:
    with workspace() as ws:
        found = scanned(ws, folders)
        if not found.total:
            raise CullerError("There are no photos in " + ", ".join(map(path_text, found.folders)) + ".")
        report = follow(scoring.score(ws, scoring.ScoreRequest(found.folders)), "Judging photos")
        ranked, _ = ranking.ranked(ws, found.folders, ranking.RankKey.OVERALL, rank.current_scorer(ws), TOP)
    print_table(ranked, ranking.RankKey.OVERALL)
    say(
        f"{counted(len(report.scored), 'photo')} judged now, {report.already} before, "
        f"{report.failed} could not be judged. Next: culler mark, culler export; culler --help."
    )
    return 0 if ranked else 1
