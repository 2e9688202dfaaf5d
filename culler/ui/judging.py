"""Having photos judged: the jobs that score what is pending, and those that follow when nobody waits."""

from collections.abc import Generator
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from culler.domain.changes import Progress
from culler.ui.facts import folder_title
from culler.ui.worker import Task

if TYPE_CHECKING:
    from culler.ui.session import Session


class Judging:
    """Adds jobs to the queue of a session, by the judge that is wanted there."""

    def __init__(self, session: "Session") -> None:
        self._session = session

    def score(
        self,
        folders: tuple[Path, ...],
        rescore: bool = False,
        scorer: str | None = None,
        quiet: bool = False,
    ) -> None:
        """Have what is pending in these folders scored, by the current judge or by this one, which is the
        current one from then on. `quiet` leaves what was said last standing."""
        from culler.workflow.score import ScoreRequest, score

        request = ScoreRequest(folders=folders, scorer=scorer or self.scorer_wanted(), rescore=rescore)
        self._session.jobs.add(
            Task(
                f"Scoring {folder_title(folders)}",
                partial(
                    _silent if quiet else score, self._session.workspace, request, self._session.first_wanted
                ),
                folders,
                resumable=not rescore,
                quiet=quiet,
                then=lambda _: self._look_closer(folders),
            )
        )

    def _look_closer(self, folders: tuple[Path, ...]) -> None:
        """What is worth doing when scores are there and nobody waits: sets by the camera's word, faces,
        and their eyes."""
        from culler.workflow import maker_notes
        from culler.workflow.crops import look_closer_in
        from culler.workflow.faces import find_faces

        for title, job in (
            (maker_notes.NOTE, partial(maker_notes.read, self._session.workspace, folders)),
            (
                "Looking for faces",
                partial(find_faces, self._session.workspace, folders, self._session.first_wanted),
            ),
            ("Comparing bursts closely", partial(look_closer_in, self._session.workspace, folders)),
        ):
            self._session.jobs.add(Task(title, job, folders, resumable=True, quiet=True))

    def use_judge(self, source: str) -> None:
        """Go on with this judge: its scores are shown, and what it has not scored yet is scored."""
        running = self._session.jobs.running
        if running is not None and running.resumable:
            self._session.jobs.cancel()
        self.score(self._session.folders, scorer=source)

    def learn_from_judge(self) -> None:
        """Have the embedded judge learn from a bigger one; says what came of it."""
        from culler.workflow.refit import refit

        job = partial(refit, self._session.workspace)
        then = lambda report: self._session.said.emit(report.sentence)  # noqa: E731
        self._session.jobs.add(Task("Learning from the bigger judge", job, then=then), urgent=True)

    def forget_judge(self) -> None:
        """Have the embedded judge as it was shipped again."""
        from culler.workflow.refit import reset

        then = lambda _: self._session.said.emit("The embedded judge is as it was shipped.")  # noqa: E731
        self._session.jobs.add(
            Task("Going back", partial(reset, self._session.workspace), then=then), urgent=True
        )

    def scorer_wanted(self) -> str:
        """Who is to score: the catalog's current judge, the embedded one to begin with."""
        from culler.workflow.scorers import choices

        current = next(choice for choice in choices(self._session.workspace) if choice.current)
        return current.name if current.checkpoint is None else str(current.checkpoint)


def _silent(*request: Any) -> Generator[Progress, None, None]:
    """A scoring without a report."""
    from culler.workflow.score import score

    yield from score(*request)
