"""Marks here and marks outside in any order: every one is merged or told as a conflict, none is lost.

A plain model of who set what since both sides last agreed says what must come out.
"""

import itertools
from dataclasses import dataclass, replace
from pathlib import Path

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pictures import write_photo

from culler.catalog import decisions
from culler.domain.decision import UNMARKED, ColorLabel, Decision, Facet, Flag
from culler.domain.photo import PhotoId
from culler.imaging.xmp import merge, read_marks
from culler.workflow import cull, listing, sidecars
from culler.workflow.job import drive
from culler.workflow.scan import scan
from culler.workflow.sidecars import MarksState, WriteRequest
from culler.workflow.workspace import Workspace

VALUES: dict[Facet, list[object]] = {
    Facet.FLAG: [Flag.NONE, Flag.PICK, Flag.REJECT],
    Facet.STARS: [0, 2, 5],
    Facet.LABEL: [ColorLabel.NONE, ColorLabel.RED, ColorLabel.BLUE],
}
marks = st.sampled_from([(facet, value) for facet, values in VALUES.items() for value in values])
steps = st.lists(
    st.one_of(
        st.tuples(st.just("here"), marks),
        st.tuples(st.just("outside"), marks),
        st.tuples(st.sampled_from(["write", "read", "ours", "theirs"]), st.none()),
    ),
    min_size=2,
    max_size=12,
)
numbers = itertools.count()


@dataclass
class Model:
    """What both sides hold, and what they last agreed on."""

    here: Decision = UNMARKED
    outside: Decision = UNMARKED
    agreed: Decision = UNMARKED

    def conflicts(self) -> list[Facet]:
        """What both changed, and a label that went outside: a sidecar has no word for none, so nobody can
        tell whether it was cleared or lost."""
        silent = value(self.outside, Facet.LABEL) == ColorLabel.NONE
        return [
            facet
            for facet in Facet
            if value(self.outside, facet) != value(self.agreed, facet)
            and value(self.here, facet) != value(self.outside, facet)
            and (value(self.here, facet) != value(self.agreed, facet) or (facet is Facet.LABEL and silent))
        ]

    def settled(self, side: Decision) -> Decision:
        """Merged, with one side's word on what both changed."""
        decision = self.merged()
        for facet in self.conflicts():
            decision = with_(decision, facet, value(side, facet))
        return decision

    def merged(self) -> Decision:
        decision = self.here
        for facet in Facet:
            if value(self.outside, facet) != value(self.agreed, facet):
                decision = with_(decision, facet, value(self.outside, facet))
        return decision


def value(decision: Decision, facet: Facet) -> object:
    return getattr(decision, facet.value)


def with_(decision: Decision, facet: Facet, new: object) -> Decision:
    return replace(decision, **{facet.value: getattr(new, "value", new) if facet is Facet.LABEL else new})


class Both:
    """A photo in the program and its sidecar on the disk."""

    def __init__(self, workspace: Workspace, folder: Path) -> None:
        self.workspace = workspace
        path = write_photo(folder / "a.jpg")
        self.sidecar = folder / "a.xmp"
        drive(scan(workspace, [folder]))
        self.id: PhotoId = listing.ids_at(workspace, [path])[0]

    def mark(self, facet: Facet, new: object) -> None:
        setter = {Facet.FLAG: cull.set_flag, Facet.STARS: cull.set_stars, Facet.LABEL: cull.set_label}[facet]
        setter(self.workspace, [self.id], new)  # type: ignore[operator]

    def state_outside(self, decision: Decision) -> None:
        """Another program's write; it says every facet it can, so that a cleared one is no silence."""
        packet = merge(self.sidecar.read_bytes() if self.sidecar.exists() else None, FULL)
        self.sidecar.write_bytes(merge(packet, decision))

    def here(self) -> Decision:
        with self.workspace.catalog.read() as tx:
            return decisions.decisions_of(tx, [self.id])[self.id]

    def outside(self) -> Decision:
        return read_marks(self.sidecar.read_bytes()).on(UNMARKED) if self.sidecar.exists() else UNMARKED

    def state(self) -> MarksState:
        report = drive(sidecars.status(self.workspace, [self.sidecar.parent]))
        assert report is not None
        return report.items[0].state

    def write(self) -> None:
        drive(sidecars.write(self.workspace, WriteRequest((self.id,))))

    def read(self) -> None:
        drive(sidecars.read(self.workspace, [self.id]))


FULL = Decision(Flag.PICK, 1, "green")


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps)
def test_any_interleaving_ends_in_a_merge_or_a_told_conflict(
    workspace: Workspace, tmp_path: Path, script: list[tuple[str, tuple[Facet, object] | None]]
) -> None:
    both, model = Both(workspace, tmp_path / str(next(numbers))), Model()
    for action, mark in script:
        before = (both.here(), both.outside())
        told = both.state()
        if action == "here" and mark is not None:
            both.mark(*mark)
            model.here = with_(model.here, *mark)
        elif action == "outside" and mark is not None:
            model.outside = with_(model.outside, *mark)
            both.state_outside(model.outside)
        elif action == "write":
            both.write()
            if told is not MarksState.CONFLICT:
                wanted = model.merged()
                model = Model(wanted, wanted, wanted)
        elif action == "read":
            both.read()
            if told is MarksState.CHANGED_OUTSIDE:
                model = Model(model.merged(), model.outside, model.outside)
        elif action in ("ours", "theirs") and told is MarksState.CONFLICT:
            sidecars.resolve(workspace, both.id, action)  # type: ignore[arg-type]
            kept = model.settled(model.here if action == "ours" else model.outside)
            written = kept if action == "ours" else model.outside
            model = Model(kept, written, written)
        if told is MarksState.CONFLICT and action in ("read", "write"):
            assert (both.here(), both.outside()) == before, "a conflict was touched"
        assert both.here() == model.here, f"after {action}: a mark here was lost"
        assert both.outside() == model.outside, f"after {action}: a mark outside was lost"
        if model.conflicts():
            assert both.state() is MarksState.CONFLICT, "a conflict was not told"


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(marks, min_size=1, max_size=5), st.integers(1, 5))
def test_undo_after_writes_never_writes_and_is_always_pending(
    workspace: Workspace, tmp_path: Path, made: list[tuple[Facet, object]], count: int
) -> None:
    both = Both(workspace, tmp_path / str(next(numbers)))
    for mark in made:
        both.mark(*mark)
        both.write()
    written, agreed = both.outside(), both.here()
    for _ in range(count):
        if cull.undo_title(workspace) is None:
            break
        cull.undo(workspace)
    assert both.outside() == written
    assert (both.id in sidecars.pending(workspace)) is (both.here() != agreed)
    both.write()
    assert both.outside() == both.here()
