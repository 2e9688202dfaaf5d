"""Sidecar files: nothing lost, nothing half-written, conflicts told."""

import os
import stat
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from culler.domain.decision import UNMARKED, Decision, Facet, Flag
from culler.domain.errors import CullerError
from culler.imaging import placing, xmp_files
from culler.imaging.placing import leftovers
from culler.imaging.xmp import Marks, merge, read_marks
from culler.imaging.xmp_files import (
    NEVER_SYNCED,
    SidecarConflict,
    Synced,
    read,
    write_atomically,
    write_marks,
)
from culler.imaging.xmp_packet import Packet

RED = Decision(Flag.PICK, 3, "red")


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def test_a_new_sidecar_is_written_and_read_back(tmp_path: Path) -> None:
    written = write_marks(tmp_path / "IMG.xmp", RED, sidecar_for_extension="CR2")
    sidecar = read(tmp_path / "IMG.xmp")
    assert sidecar.marks == Marks(Flag.PICK, 3, "red")
    assert (written.digest, written.decision, written.changed) == (sidecar.digest, RED, True)
    assert names(tmp_path) == ["IMG.xmp"]


def test_a_write_that_changes_nothing_leaves_the_file_alone(tmp_path: Path) -> None:
    path = tmp_path / "IMG.xmp"
    first = write_marks(path, RED)
    before = path.stat()
    again = write_marks(path, RED, Synced(first.digest, RED))
    assert not again.changed
    assert (path.stat().st_ino, path.stat().st_mtime_ns) == (before.st_ino, before.st_mtime_ns)


@pytest.mark.parametrize("mode", [0o640, 0o444])
def test_the_mode_of_a_sidecar_stays(tmp_path: Path, mode: int) -> None:
    path = tmp_path / "IMG.xmp"
    path.write_bytes(merge(None, RED))
    path.chmod(mode)
    write_marks(path, Decision(stars=1), Synced(read(path).digest, RED))
    assert stat.S_IMODE(path.stat().st_mode) == mode
    assert read(path).marks.stars == 1


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() == 0, reason="root writes everywhere")
def test_a_read_only_folder_is_a_sentence(tmp_path: Path) -> None:
    tmp_path.chmod(0o555)
    try:
        with pytest.raises(CullerError, match=r"^Cannot write IMG\.xmp: access is denied"):
            write_marks(tmp_path / "IMG.xmp", RED)
    finally:
        tmp_path.chmod(0o755)


def test_a_linked_sidecar_stays_a_link(tmp_path: Path) -> None:
    (tmp_path / "elsewhere").mkdir()
    real, link = tmp_path / "elsewhere" / "IMG.xmp", tmp_path / "IMG.xmp"
    write_marks(real, RED)
    link.symlink_to(real)
    write_marks(link, Decision(stars=1), Synced(read(real).digest, RED))
    assert link.is_symlink()
    assert read(real).marks.stars == 1
    write_atomically(link, merge(None, Decision(stars=2)))
    assert link.is_symlink()
    assert read(real).marks.stars == 2


def test_a_malformed_sidecar_is_never_overwritten(tmp_path: Path) -> None:
    path = tmp_path / "IMG.xmp"
    path.write_bytes(b'<?xpacket begin="\x1a"?>')
    for overrule in (False, True):
        with pytest.raises(CullerError, match=r"^IMG\.xmp is not well-formed"):
            write_marks(path, RED, overrule=overrule)
    assert path.read_bytes() == b'<?xpacket begin="\x1a"?>'


def test_a_missing_folder_is_a_sentence(tmp_path: Path) -> None:
    with pytest.raises(CullerError, match=r"^Cannot write IMG\.xmp: .*gone"):
        write_marks(tmp_path / "away" / "IMG.xmp", RED)
    with pytest.raises(CullerError, match=r"^Cannot write IMG\.xmp: .*gone"):
        write_atomically(tmp_path / "away" / "IMG.xmp", b"x")


def test_marks_made_outside_in_another_facet_are_taken_over(tmp_path: Path) -> None:
    path = tmp_path / "IMG.xmp"
    synced = Synced(write_marks(path, RED).digest, RED)
    path.write_bytes(merge(path.read_bytes(), Decision(Flag.PICK, 5, "red")))
    written = write_marks(path, Decision(Flag.REJECT, 3, "red"), synced)
    assert written.decision == Decision(Flag.REJECT, 5, "red")
    assert read(path).marks == Marks(Flag.REJECT, 5, "red")


def test_marks_changed_on_both_sides_are_a_conflict_until_the_user_chooses(tmp_path: Path) -> None:
    path = tmp_path / "IMG.xmp"
    synced = Synced(write_marks(path, RED).digest, RED)
    path.write_bytes(outside := merge(path.read_bytes(), Decision(Flag.PICK, 5, "red")))
    ours = Decision(Flag.PICK, 1, "red")
    with pytest.raises(SidecarConflict, match=r"IMG\.xmp was changed by another program") as told:
        write_marks(path, ours, synced)
    assert told.value.facets == (Facet.STARS,)
    assert told.value.theirs.stars == 5
    assert path.read_bytes() == outside
    assert write_marks(path, ours, synced, overrule=True).decision == ours


def test_a_sidecar_never_seen_is_merged_or_reported(tmp_path: Path) -> None:
    path = tmp_path / "IMG.xmp"
    path.write_bytes(merge(None, Decision(label="blue")))
    assert write_marks(path, Decision(stars=2), NEVER_SYNCED).decision == Decision(stars=2, label="blue")
    path.write_bytes(merge(None, Decision(stars=5)))
    with pytest.raises(SidecarConflict):
        write_marks(path, Decision(stars=2), NEVER_SYNCED)


def test_an_edit_that_slips_in_while_we_write_is_merged(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "IMG.xmp"
    synced = Synced(write_marks(path, UNMARKED).digest, UNMARKED)
    slips = [Decision(label="green")]

    def slow_merge(packet: bytes | None, *args: object, **kwargs: object) -> bytes:
        merged = merge(packet, *args, **kwargs)  # type: ignore[arg-type]
        if slips:
            path.write_bytes(merge(path.read_bytes(), slips.pop()))
        return merged

    monkeypatch.setattr(xmp_files, "merge", slow_merge)
    assert write_marks(path, Decision(stars=4), synced).decision == Decision(stars=4, label="green")
    assert read(path).marks.label == "green"
    assert names(tmp_path) == ["IMG.xmp"]


@pytest.mark.parametrize("replaces", [False, True])
def test_an_edit_between_comparison_and_swap_is_not_lost(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, replaces: bool
) -> None:
    """Needs a system that swaps names (Linux, macOS); elsewhere this window stays open."""
    path = tmp_path / "IMG.xmp"
    synced = Synced(write_marks(path, UNMARKED).digest, UNMARKED)
    slips = [Decision(label="green")]
    swap = placing._special_rename

    def slow_swap(source: Path, target: Path, *, exchange: bool) -> bool:
        if exchange and slips:
            data = merge(path.read_bytes(), slips.pop())
            if replaces:
                write_atomically(path, data)
            else:
                path.write_bytes(data)
        return swap(source, target, exchange=exchange)

    (tmp_path / "a").write_bytes(b"a")
    (tmp_path / "b").write_bytes(b"b")
    if not swap(tmp_path / "a", tmp_path / "b", exchange=True):
        pytest.skip("this file system does not swap names")
    monkeypatch.setattr(placing, "_special_rename", slow_swap)
    assert write_marks(path, Decision(stars=4), synced).decision == Decision(stars=4, label="green")
    assert read(path).marks == Marks(None, 4, "green")
    assert leftovers(tmp_path) == []


def test_two_edits_around_the_swap_are_both_kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "IMG.xmp"
    synced = Synced(write_marks(path, UNMARKED).digest, UNMARKED)
    slips = [b"<second/>", b"<first/>"]
    swap = placing._special_rename

    def slow_swap(source: Path, target: Path, *, exchange: bool) -> bool:
        if exchange and slips:
            path.write_bytes(slips.pop())
        return swap(source, target, exchange=exchange)

    monkeypatch.setattr(placing, "_special_rename", slow_swap)
    if sys.platform not in ("linux", "darwin"):
        pytest.skip("this system does not swap names")
    with pytest.raises(CullerError, match="Both versions are kept"):
        write_marks(path, Decision(stars=4), synced)
    assert {entry.read_bytes() for entry in tmp_path.iterdir()} == {b"<first/>", b"<second/>"}


def test_a_sidecar_that_appears_while_we_write_a_new_one_is_merged(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "IMG.xmp"
    slips = [Decision(label="green")]

    def slow_merge(packet: bytes | None, *args: object, **kwargs: object) -> bytes:
        if slips:
            path.write_bytes(merge(None, slips.pop()))
        return merge(packet, *args, **kwargs)  # type: ignore[arg-type]

    monkeypatch.setattr(xmp_files, "merge", slow_merge)
    assert write_marks(path, Decision(stars=4)).decision == Decision(stars=4, label="green")


def test_a_file_that_never_rests_ends_in_a_sentence(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "IMG.xmp"
    write_marks(path, UNMARKED)
    count = iter(range(1000))

    def slow_merge(packet: bytes | None, *args: object, **kwargs: object) -> bytes:
        path.write_bytes(merge(None, UNMARKED, scores={"Count": str(next(count))}))
        return merge(packet, *args, **kwargs)  # type: ignore[arg-type]

    monkeypatch.setattr(xmp_files, "merge", slow_merge)
    with pytest.raises(CullerError, match="keeps being changed"):
        write_marks(path, Decision(stars=4))


@pytest.mark.parametrize("swaps", [True, False])
def test_systems_without_swaps_and_links_write_too(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, swaps: bool
) -> None:
    monkeypatch.setattr(placing, "_special_rename", lambda *args, **kwargs: False)
    if not swaps:

        def no_links(*args: object) -> None:
            raise OSError(95, "Operation not supported")

        monkeypatch.setattr(os, "link", no_links)
    path = tmp_path / "IMG.xmp"
    synced = Synced(write_marks(path, RED).digest, RED)
    assert write_marks(path, Decision(stars=1), synced).changed
    assert read(path).marks.stars == 1
    with pytest.raises(FileExistsError):
        (tmp_path / "new").write_bytes(b"new")
        placing.place_new(tmp_path / "new", path)
    assert read(path).marks.stars == 1


def test_writes_to_one_path_take_turns_in_order(tmp_path: Path) -> None:
    path, order = tmp_path / "IMG.xmp", []
    started = [threading.Event() for _ in range(6)]

    def write(number: int) -> None:
        started[number].set()
        with xmp_files._turn(path):
            order.append(number)

    with xmp_files._turn(path):
        threads = []
        for number in range(6):
            threads.append(threading.Thread(target=write, args=(number,)))
            threads[-1].start()
            started[number].wait(5)
            while xmp_files._queues[os.path.realpath(path)].issued < number + 2:
                time.sleep(0.001)
        assert order == []
    for thread in threads:
        thread.join(5)
    assert order == list(range(6))
    assert not xmp_files._queues


def test_writers_in_many_threads_lose_no_facet(tmp_path: Path) -> None:
    path = tmp_path / "IMG.xmp"
    decisions = [Decision(flag=Flag.PICK), Decision(stars=4), Decision(label="blue")] * 8
    threads = [threading.Thread(target=write_marks, args=(path, decision)) for decision in decisions]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(20)
    assert read(path).marks == Marks(Flag.PICK, 4, "blue")


def test_a_killed_writer_leaves_the_old_or_the_new_sidecar_whole(tmp_path: Path) -> None:
    path = tmp_path / "IMG.xmp"
    write_marks(path, RED, scores={"Filler": "x" * 200_000})
    loop = (
        "import sys; from pathlib import Path\n"
        "from culler.domain.decision import Decision; from culler.imaging.xmp_files import write_marks\n"
        "path = Path(sys.argv[1]); print('ready', flush=True)\n"
        "for count in range(10**6): write_marks(path, Decision(stars=count % 6), overrule=True)"
    )
    for delay in (0.02, 0.05, 0.08):
        process = subprocess.Popen(
            [sys.executable, "-c", loop, str(path)], stdout=subprocess.PIPE, cwd=Path(__file__).parents[2]
        )
        assert process.stdout is not None
        process.stdout.readline()
        time.sleep(delay)
        process.kill()
        process.wait()
        process.stdout.close()
        assert read(path).marks.stars is not None
        assert Packet.parse(path.read_bytes()).get("culler:Filler") == "x" * 200_000
        assert all(entry == path or entry in leftovers(tmp_path) for entry in tmp_path.iterdir())


DECISIONS = st.builds(
    Decision, st.sampled_from(Flag), st.integers(0, 5), st.sampled_from(["none", "red", "blue", "Kundin"])
)
STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("mark"), DECISIONS),
        st.tuples(st.just("write"), st.none()),
        st.tuples(st.just("outside marks"), DECISIONS),
        st.tuples(st.just("outside property"), st.integers(0, 9)),
        st.tuples(st.just("outside deletes"), st.none()),
        st.tuples(st.just("outside silences"), st.sampled_from(["xmp:Label", "xmp:Rating", "xmpDM:pick"])),
    ),
    max_size=14,
)


@settings(max_examples=120, deadline=None)
@given(STEPS)
def test_any_interleaving_of_edits_and_writes_ends_in_a_merge_or_a_reported_conflict(
    tmp_path_factory: pytest.TempPathFactory, steps: list[tuple[str, object]]
) -> None:
    """The model: what each side last said of each facet since they agreed, and the foreign properties."""
    path = tmp_path_factory.mktemp("interleaved") / "IMG.xmp"
    ours, synced, foreign = UNMARKED, NEVER_SYNCED, set()
    for step, value in steps:
        packet = path.read_bytes() if path.exists() else None
        if step == "mark":
            ours = value
        elif step == "outside marks":
            path.write_bytes(merge(packet, value))
        elif step == "outside property":
            tree = Packet.blank() if packet is None else Packet.parse(packet)
            tree.set(f"digiKam:Foreign{value}", str(value))
            path.write_bytes(tree.serialise())
            foreign.add(value)
        elif step == "outside silences" and packet is not None:
            tree = Packet.parse(packet)
            tree.remove(value)
            path.write_bytes(tree.serialise())
        elif step == "outside deletes":
            path.unlink(missing_ok=True)
            foreign = set()
        elif step == "write":
            theirs = Marks() if packet is None else read_marks(packet)
            stated = theirs.on(UNMARKED)
            facets = [
                (getattr(synced.decision, name), getattr(ours, name), getattr(stated, name))
                for name in ("flag", "stars", "label")
            ]
            try:
                written = write_marks(path, ours, synced)
            except SidecarConflict as conflict:
                assert packet is not None
                assert path.read_bytes() == packet
                assert any(our != their and base != their for base, our, their in facets)
                assert conflict.theirs == theirs
                ours = conflict.theirs.on(ours)  # the user takes the file's marks
                written = write_marks(path, ours, synced, overrule=True)
                assert written.decision == ours
            else:
                unknown = theirs.flag is Flag.REJECT and theirs.stars is None
                for name, (base, our, their) in zip(("flag", "stars", "label"), facets, strict=True):
                    value_now = getattr(written.decision, name)
                    if packet is None or (unknown and name == "stars"):
                        assert value_now == our
                    elif our == base:
                        assert value_now == their, "an outside mark was lost"
                    elif their == base:
                        assert value_now == our, "our mark was lost"
                    else:
                        assert our == their == value_now, "a conflict was not reported"
            ours, synced = written.decision, Synced(written.digest, written.decision)
            assert read(path).marks.on(UNMARKED) == ours
        if path.exists():
            tree = Packet.parse(path.read_bytes())
            assert {int(name[-1]) for name in tree.names("digiKam")} == foreign
    assert leftovers(path.parent) == []
