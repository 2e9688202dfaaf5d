"""Three files that other programs write to (both sidecar names, the picture itself) against marks here, in
any order, with silences, deletions, undo and edits in the very moment of a write.

No model of the outcome: only what must never happen. A mark that somebody changed since both sides last
agreed is in force afterwards, or a conflict is told and nothing is touched. Files change by `write` and
`resolve` alone, the picture never, and foreign properties stay.
"""

import io
import itertools
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pictures import picture
from PIL import Image

from culler.catalog import decisions
from culler.domain.decision import UNMARKED, ColorLabel, Decision, Facet, Flag
from culler.imaging import exif, xmp_files
from culler.imaging.formats import Format
from culler.imaging.xmp import Marks, read_marks
from culler.imaging.xmp_packet import Packet
from culler.workflow import cull, listing, sidecars
from culler.workflow.job import drive
from culler.workflow.scan import scan
from culler.workflow.sidecars import MarksState, SidecarStatus, WriteRequest
from culler.workflow.workspace import Workspace

VALUES: dict[Facet, list[object]] = {
    Facet.FLAG: [Flag.NONE, Flag.PICK, Flag.REJECT],
    Facet.STARS: [0, 2, 5],
    Facet.LABEL: ["none", "red", "Kundin"],
}
PROPERTIES = {
    Facet.FLAG: ("xmpDM:pick", "xmpDM:good"),
    Facet.STARS: ("xmp:Rating",),
    Facet.LABEL: ("xmp:Label",),
}
SOURCES = ("short", "long", "picture")
marks = st.sampled_from([(facet, value) for facet, values in VALUES.items() for value in values])
outside = st.tuples(st.sampled_from(SOURCES), marks)
steps = st.lists(
    st.one_of(
        st.tuples(st.just("here"), marks),
        st.tuples(st.just("outside"), outside),
        st.tuples(st.just("silence"), st.tuples(st.sampled_from(SOURCES[:2]), st.sampled_from(Facet))),
        st.tuples(st.just("delete"), st.sampled_from(SOURCES[:2])),
        st.tuples(st.sampled_from(["write", "write", "read", "ours", "theirs", "undo", "scan"]), st.none()),
        st.tuples(st.just("race"), marks),
    ),
    min_size=2,
    max_size=14,
)
numbers = itertools.count()


class World:
    """One photo in the program, its files on the disk, and what they said when all were last in step."""

    def __init__(self, workspace: Workspace, folder: Path) -> None:
        self.workspace, self.folder = workspace, folder
        folder.mkdir()
        self.paths = {"short": folder / "a.xmp", "long": folder / "a.jpg.xmp", "picture": folder / "a.jpg"}
        picture().save(self.paths["picture"], quality=90)
        drive(scan(workspace, [folder]))
        self.id = listing.ids_at(workspace, [self.paths["picture"]])[0]
        self.foreign: dict[str, set[str]] = {}
        self.serial = 0
        self.agree()

    def agree(self) -> None:
        self.agreed = self.here()
        self.said = {source: self.says(source) for source in SOURCES}

    def here(self) -> Decision:
        with self.workspace.catalog.read() as tx:
            return decisions.decisions_of(tx, [self.id])[self.id]

    def says(self, source: str) -> Marks:
        packet = self.packet(source)
        return Marks() if packet is None else read_marks(packet)

    def packet(self, source: str) -> bytes | None:
        path = self.paths[source]
        if source == "picture":
            return exif.embedded_packet(path, Format.JPEG)
        return path.read_bytes() if path.exists() else None

    def put(self, source: str, packet: bytes) -> None:
        if source != "picture":
            self.paths[source].write_bytes(packet)
            return
        buffer = io.BytesIO()
        with Image.open(self.paths[source]) as image:
            image.save(buffer, "JPEG", quality=90, xmp=packet)
        self.paths[source].write_bytes(buffer.getvalue())

    def edit_outside(self, source: str, facet: Facet, value: object) -> None:
        """Another program states one mark, and leaves a property of its own."""
        tree = Packet.blank() if (packet := self.packet(source)) is None else Packet.parse(packet)
        self.serial += 1
        name = f"digiKam:Foreign{self.serial}"
        tree.set(name, "x")
        if facet is Facet.FLAG:
            tree.set("xmpDM:pick", {Flag.NONE: "0", Flag.PICK: "1", Flag.REJECT: "-1"}[value])  # type: ignore[index]
            tree.remove("xmpDM:good")
        else:
            tree.set(PROPERTIES[facet][0], "" if value == "none" else str(value).capitalize())
        self.put(source, tree.serialise())
        self.foreign.setdefault(source, set()).add(name)

    def silence(self, source: str, facet: Facet) -> None:
        packet = self.packet(source)
        if packet is not None:
            tree = Packet.parse(packet)
            for name in PROPERTIES[facet]:
                tree.remove(name)
            self.put(source, tree.serialise())

    def mark(self, facet: Facet, value: object) -> None:
        if facet is Facet.FLAG:
            cull.set_flag(self.workspace, [self.id], Flag(value))
        elif facet is Facet.STARS:
            cull.set_stars(self.workspace, [self.id], int(str(value)))
        elif value in set(ColorLabel):
            cull.set_label(self.workspace, [self.id], ColorLabel(str(value)))

    def look(self) -> SidecarStatus:
        report = drive(sidecars.status(self.workspace, [self.folder]))
        assert report is not None
        return report.items[0]

    def state(self) -> MarksState:
        return self.look().state

    def contents(self) -> dict[str, bytes]:
        return {path.name: path.read_bytes() for path in self.folder.iterdir()}

    def changed(self) -> dict[Facet, list[object]]:
        """Per facet, the values that somebody gave it since all were in step."""
        news: dict[Facet, list[object]] = {}
        for facet in Facet:
            name, here, before = facet.value, self.here(), self.agreed
            found = [getattr(here, name)] if getattr(here, name) != getattr(before, name) else []
            for source in SOURCES:
                now, then = getattr(self.says(source), name), getattr(self.said[source], name)
                base = getattr(before, name) if then is None else then
                if now is not None and now != base:
                    found.append(now)
            news[facet] = found
        return news


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps)
def test_no_order_of_edits_loses_a_mark_or_a_foreign_property(
    workspace: Workspace, tmp_path: Path, script: list[tuple[str, object]]
) -> None:
    world = World(workspace, tmp_path / str(next(numbers)))
    for action, value in script:
        play(world, action, value)
        for source, names in world.foreign.items():
            packet = world.packet(source)
            if packet is not None:
                assert names <= set(Packet.parse(packet).names("digiKam")), f"{source} lost a property"


def play(world: World, action: str, value: object) -> None:
    files = world.contents()
    if action == "here":
        world.mark(*value)  # type: ignore[misc]
    elif action == "outside":
        source, mark = value  # type: ignore[misc]
        return world.edit_outside(source, *mark)
    elif action == "silence":
        return world.silence(*value)  # type: ignore[misc]
    elif action == "delete":
        world.paths[str(value)].unlink(missing_ok=True)
        world.foreign.pop(str(value), None)
        return None
    elif action == "undo":
        if cull.undo_title(world.workspace) is not None:
            cull.undo(world.workspace)
    elif action == "scan":
        drive(scan(world.workspace, [world.folder]))
    elif action == "race":
        return raced_write(world, value)  # type: ignore[arg-type]
    else:
        return settle(world, action)
    assert world.contents() == files, f"{action} wrote to a file"
    return None


def settle(world: World, action: str) -> None:
    """Write, read or resolve, and see that what anybody changed is in force, or told and untouched."""
    before, seen, news, files = world.here(), world.look(), world.changed(), world.contents()
    told, contested = seen.state, set(seen.conflict)
    wanted = {facet: set(map(str, values)) for facet, values in news.items()}
    clashing = {facet for facet, values in wanted.items() if len(values) > 1}
    assert clashing <= contested, "a conflict was not told"
    if action == "write":
        drive(sidecars.write(world.workspace, WriteRequest((world.id,))))
    elif action == "read":
        drive(sidecars.read(world.workspace, [world.id]))
    elif told is MarksState.CONFLICT:
        sidecars.resolve(world.workspace, world.id, action)  # type: ignore[arg-type]
    else:
        return
    if told is MarksState.CONFLICT and action in ("write", "read"):
        assert (world.here(), world.contents()) == (before, files), "a conflict was touched"
        return
    if action in ("read", "theirs"):
        assert world.contents() == files, f"{action} wrote to a file"
    assert world.contents()["a.jpg"] == files["a.jpg"], "the picture was written to"
    for facet, values in wanted.items():
        if values and facet not in contested:
            now = str(getattr(world.here(), facet.value))
            assert now in values, f"after {action}: a changed {facet.value} was lost: {values} became {now}"
    if action in ("write", "ours"):
        here, together = world.here(), Marks()
        for source in SOURCES:
            said = world.says(source)
            if source != "picture":
                assert said.on(here) == here, f"after {action}: {source} contradicts the marks here"
            together = together.or_else(said)
        # A sidecar may be silent about what another one says; all together say it.
        assert together.on(UNMARKED) == here, f"after {action}: a mark is in no file"
        assert world.state() is MarksState.IN_SYNC
        world.agree()
    else:
        pending = world.here()
        world.agree()
        for facet in Facet:  # what the user changed here stays to be written
            name = facet.value
            if getattr(before, name) == getattr(pending, name) and not any(
                getattr(world.says(source), name) == getattr(pending, name) for source in SOURCES
            ):
                world.agreed = keep(world.agreed, name, files_say(world, name))


def files_say(world: World, name: str) -> object:
    spoken = (getattr(world.says(source), name) for source in SOURCES)
    return next((value for value in spoken if value is not None), getattr(UNMARKED, name))


def keep(decision: Decision, name: str, value: object) -> Decision:
    from dataclasses import replace

    return replace(decision, **{name: value})  # type: ignore[arg-type]


def raced_write(world: World, mark: tuple[Facet, object]) -> None:
    """A write into whose last moment another program's edit of the same sidecar falls."""
    told, before, edits = world.state(), world.here(), [mark]
    put: Callable[..., bool] = xmp_files._put

    def late(path: Path, data: bytes, expected: bytes | None) -> bool:
        if edits:
            source = next(name for name, one in world.paths.items() if one == path)
            world.edit_outside(source, *edits.pop())
        return put(path, data, expected)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(xmp_files, "_put", late)
        drive(sidecars.write(world.workspace, WriteRequest((world.id,))))
    if edits:  # nothing was to be written
        if told is not MarksState.CONFLICT:
            world.agree()
        return
    facet, value = mark
    ours, base = (str(getattr(side, facet.value)) for side in (before, world.agreed))
    now = str(getattr(world.here(), facet.value))
    stated = [str(getattr(world.says(source), facet.value)) for source in SOURCES[:2]]
    if str(value) != base:
        assert str(value) in (now, *stated), "an edit in the moment of a write was lost"
    if ours != base:
        assert ours in (now, *stated), "a mark made here was lost to a late edit"
    if world.state() is MarksState.IN_SYNC:
        world.agree()


def test_the_world_can_tell_a_loss(
    workspace: Workspace, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The checks above fail where the merge lets the last writer win."""
    monkeypatch.setattr("culler.workflow.sidecar_looks.reconcile", lambda synced, ours, theirs: (ours, ()))
    monkeypatch.setattr(xmp_files, "reconcile", lambda synced, ours, theirs: (ours, ()))
    world = World(workspace, tmp_path / "loss")
    play(world, "here", (Facet.STARS, 5))
    play(world, "write", None)
    play(world, "outside", ("short", (Facet.STARS, 2)))
    play(world, "here", (Facet.FLAG, Flag.PICK))
    with pytest.raises(AssertionError, match="was lost"):
        play(world, "write", None)
