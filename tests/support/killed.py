"""Programs killed at every step that touches the disk, and what the next start makes of it.

`python killed.py SCENARIO FOLDER` runs one scenario: it does the work in a child that dies (SIGKILL) at
its first step, then anew at its second, and so on, until a child gets through; after each death it
opens the workspace again and checks. Prints how many deaths were survived. Not run by itself: see
tests/workflow/test_killed.py.
"""

import errno
import os
import shutil
import signal
import sqlite3
import sys
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import send2trash
from pictures import write_photo, write_shoot
from PIL import Image

from culler.catalog import backup, database, migrations
from culler.catalog.database import Catalog
from culler.domain.decision import Decision, Flag
from culler.imaging import copying, exiftool, placing
from culler.imaging.xmp import Marks, read_marks
from culler.settings import Places
from culler.workflow import cull, listing, removal, sidecars
from culler.workflow.export import ExportRequest, can_undo, export, undo
from culler.workflow.job import drive
from culler.workflow.scan import scan
from culler.workflow.sidecars import MarksState, WriteRequest
from culler.workflow.workspace import Workspace, open_workspace

FOREIGN = (
    b'<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">'
    b'<rdf:Description rdf:about="" xmlns:crs="http://ns.adobe.com/camera-raw-settings/1.0/" crs:Tint="7"/>'
    b"</rdf:RDF></x:xmpmeta>"
)


class Steps:
    """Counts the steps that touch the disk and dies at one of them."""

    def __init__(self, last: int) -> None:
        self._left = last

    def step(self) -> None:
        if self._left == 0:
            os.kill(os.getpid(), signal.SIGKILL)
        self._left -= 1

    def around(self, owner: Any, name: str) -> None:
        """A step before the function and one after it."""
        function = getattr(owner, name)

        def wrapped(*arguments: Any, **named: Any) -> Any:
            self.step()
            try:
                return function(*arguments, **named)
            finally:
                self.step()

        setattr(owner, name, wrapped)

    def install(self) -> None:
        for name in ("fsync", "replace", "rename", "link", "symlink", "unlink"):
            self.around(os, name)
        self.around(placing, "_special_rename")
        write = Catalog.write

        @contextmanager
        def stepping(catalog: Catalog) -> Iterator[Any]:
            self.step()
            with write(catalog) as tx:
                yield tx
                self.step()
            self.step()

        Catalog.write = stepping  # type: ignore[method-assign]


def dies(act: Callable[[], None], last: int, steps: type[Steps] = Steps) -> bool:
    """Whether a child that does this was killed at its step of this number; else it got through."""
    child = os.fork()
    if child == 0:
        code = 1
        try:
            steps(last).install()
            act()
            code = 0
        finally:
            os._exit(code)
    _, status = os.waitpid(child, 0)
    if os.WIFSIGNALED(status):
        assert os.WTERMSIG(status) == signal.SIGKILL
        return True
    assert os.waitstatus_to_exitcode(status) == 0, "the child failed by itself"
    return False


class Shoot:
    """Two photos, the second a RAW with JPEG and sidecar, in a catalog with marks: made once, and put
    back as it was before each death."""

    def __init__(self, folder: Path) -> None:
        self.home, self.folder, self.out = folder / "home", folder / "shoot", folder / "out"
        self._kept = folder / "kept"
        paths = write_shoot(self.folder, 2)
        shutil.copy(paths[1], self.folder / "IMG_0002.CR2")
        (self.folder / "IMG_0002.xmp").write_bytes(FOREIGN)
        workspace = self.open()
        drive(scan(workspace, [self.folder]))
        self.ids = tuple(listing.ids_at(workspace, paths))
        cull.set_flag(workspace, self.ids, Flag.PICK)
        workspace.close()
        self.before = {path.name: path.read_bytes() for path in self.folder.iterdir()}
        for part in (self.home, self.folder):
            shutil.copytree(part, self._kept / part.name)

    def open(self) -> Workspace:
        home = self.home
        return open_workspace(Places(home / "data", home / "config", home / "cache", home / "logs"))

    def restore(self) -> None:
        for part in (self.home, self.folder, self.out):
            shutil.rmtree(part, ignore_errors=True)
            if (self._kept / part.name).exists():
                shutil.copytree(self._kept / part.name, part)  # times are kept


def files(folder: Path) -> dict[str, bytes]:
    """What is under final names: temporary files begin with a dot."""
    if not folder.is_dir():
        return {}
    return {path.name: path.read_bytes() for path in folder.iterdir() if not path.name.startswith(".")}


def export_move(folder: Path, other_disk: bool = False) -> int:
    shoot = Shoot(folder)
    place_new = copying.place_new

    def far(source: Path, target: Path) -> None:
        if source.parent == shoot.folder:
            raise OSError(errno.EXDEV, "another disk")
        place_new(source, target)

    if other_disk:
        copying.place_new = far  # type: ignore[attr-defined]

    def act() -> None:
        workspace = shoot.open()
        drive(export(workspace, ExportRequest(shoot.ids, shoot.out, "move")))
        workspace.close()

    deaths = 0
    while True:
        shoot.restore()
        killed = dies(act, deaths)
        _check_moved(shoot)
        if not killed:
            return deaths
        deaths += 2 if other_disk else 1  # there are many steps, and the same ones for each file


def _check_moved(shoot: Shoot) -> None:
    workspace = shoot.open()  # finishes what was cut short
    here, there = files(shoot.folder), files(shoot.out)
    assert not here.keys() & there.keys(), "a file is in both places"
    assert here | there == shoot.before, "a file is lost or half"
    for name in ("IMG_0002.CR2", "IMG_0002.JPG", "IMG_0002.xmp"):
        assert (name in here) is ("IMG_0002.CR2" in here), "a photo was torn apart"
    for entry in listing.entries(workspace, shoot.ids):
        assert all(path.exists() for path in entry.photo.paths), "the catalog looks in the wrong place"
        assert entry.decision.flag is Flag.PICK
    if can_undo(workspace):
        items = drive(undo(workspace)) or ()
        assert not [item.message for item in items if item.message]
    assert files(shoot.folder) == shoot.before, "undo did not bring everything back"
    report = drive(scan(workspace, [shoot.folder]))
    assert report is not None and (report.added, report.missing) == (0, 0)
    workspace.close()


def move_back(folder: Path) -> int:
    """An export that is taken back, once more after each death; the folder is read in between."""
    shoot = Shoot(folder)

    def act() -> None:
        workspace = shoot.open()
        drive(undo(workspace))
        workspace.close()

    deaths = 0
    while True:
        shoot.restore()
        workspace = shoot.open()
        drive(export(workspace, ExportRequest(shoot.ids, shoot.out, "move")))
        workspace.close()
        killed = dies(act, deaths)
        workspace = shoot.open()
        drive(scan(workspace, [shoot.folder]))
        if can_undo(workspace):
            items = drive(undo(workspace)) or ()
            assert not [item.message for item in items if item.message]
        assert files(shoot.folder) == shoot.before, "a file is lost, half or not back"
        assert drive(scan(workspace, [shoot.folder])) is not None
        for entry in listing.entries(workspace, shoot.ids):
            assert all(path.exists() for path in entry.photo.paths), "the catalog looks in the wrong place"
            assert entry.decision.flag is Flag.PICK and not entry.photo.missing
        assert len(listing.ids_in(workspace, [shoot.folder])) == len(shoot.ids)
        workspace.close()
        if not killed:
            return deaths
        deaths += 1


def remove(folder: Path) -> int:
    """Rejects set aside on a disk without a bin."""
    shoot = Shoot(folder)
    aside = shoot.folder / "_Rejected"

    def refuse(path: Path) -> None:
        raise OSError(errno.EACCES, "no bin here")

    send2trash.send2trash = refuse

    def act() -> None:
        workspace = shoot.open()
        cull.set_flag(workspace, shoot.ids, Flag.REJECT)
        drive(removal.remove(workspace, removal.rejects(workspace)))
        workspace.close()

    deaths = 0
    while True:
        shoot.restore()
        killed = dies(act, deaths)
        workspace = shoot.open()  # finishes what was cut short
        there = files(aside)
        here = {path.name: path.read_bytes() for path in shoot.folder.iterdir() if path.is_file()}
        assert here | there == shoot.before and not here.keys() & there.keys(), "a file is lost or twice"
        for name in ("IMG_0002.JPG", "IMG_0002.xmp"):
            assert (name in there) is ("IMG_0002.CR2" in there), "a photo was torn apart"
        for entry in listing.entries(workspace, shoot.ids):
            assert entry.photo.missing is (entry.photo.name in there)
        if removal.can_undo(workspace):
            drive(removal.undo(workspace))
        assert {path.name for path in shoot.folder.iterdir() if path.is_file()} == set(shoot.before)
        assert not any(entry.photo.missing for entry in listing.entries(workspace, shoot.ids))
        workspace.close()
        if not killed:
            return deaths
        deaths += 1


def export_copy(folder: Path) -> int:
    shoot = Shoot(folder)
    request = ExportRequest(shoot.ids, shoot.out, sidecars=True, csv=shoot.out / "table.csv")

    def act() -> None:
        workspace = shoot.open()
        drive(export(workspace, request))
        workspace.close()

    deaths = 0
    while True:
        shoot.restore()
        killed = dies(act, deaths)
        assert files(shoot.folder) == shoot.before
        there = files(shoot.out)
        table = there.pop("table.csv", b"")
        assert not table or table.count(b"\r\n") == 3, "half a table"
        assert there.items() <= shoot.before.items(), "a half file under a final name"
        act()
        again = files(shoot.out)
        assert {name: again[name] for name in shoot.before} == shoot.before, "the next run did not finish"
        if not killed:
            return deaths
        deaths += 1


def xmp_write(folder: Path) -> int:
    shoot = Shoot(folder)

    def act() -> None:
        workspace = shoot.open()
        drive(sidecars.write(workspace, WriteRequest(shoot.ids)))
        workspace.close()

    deaths = 0
    while True:
        shoot.restore()
        killed = dies(act, deaths)
        now = files(shoot.folder)
        assert {name: now[name] for name in now if not name.endswith(".xmp")} == {
            name: data for name, data in shoot.before.items() if not name.endswith(".xmp")
        }
        assert b'crs:Tint="7"' in now["IMG_0002.xmp"], "foreign properties are lost"
        for name, data in now.items():
            if name.endswith(".xmp"):
                assert read_marks(data, name).flag in (None, Flag.PICK)  # whole, before or after
        workspace = shoot.open()
        report = drive(sidecars.status(workspace))
        assert report is not None and set(report.states) <= {MarksState.PENDING, MarksState.IN_SYNC}
        drive(sidecars.write(workspace, WriteRequest(shoot.ids)))
        report = drive(sidecars.status(workspace))
        assert report is not None and dict(report.states) == {MarksState.IN_SYNC: len(shoot.ids)}
        workspace.close()
        if not killed:
            return deaths
        deaths += 1


NEXT_MIGRATION = """
import sqlalchemy as sa
from alembic import op

revision = "NEXT"
down_revision = "HEAD"


def upgrade():
    with op.batch_alter_table("decision") as batch:
        batch.add_column(sa.Column("note", sa.String(), nullable=False, server_default=""))
    op.execute("UPDATE decision SET note = 'moved on'")
"""


class CursorSteps(Steps):
    """Dies between statements as well."""

    def install(self) -> None:
        super().install()
        from sqlalchemy import Engine, event

        event.listen(Engine, "before_cursor_execute", lambda *_: self.step())
        event.listen(Engine, "after_cursor_execute", lambda *_: self.step())


def migration(folder: Path) -> int:
    """A catalog of today meets a program with one migration more."""
    shoot = Shoot(folder)
    package = folder / "migrations"
    shutil.copytree(Path(migrations.__file__).parent, package)
    head, following = database.HEAD, f"{int(database.HEAD) + 1:04}"
    script = NEXT_MIGRATION.replace("NEXT", following).replace("HEAD", head)
    (package / "versions" / f"rev_{following}_next.py").write_text(script)
    migrations.__file__ = str(package / "__init__.py")
    database.HEAD = following  # type: ignore[misc]
    path = shoot.home / "data" / "catalog.sqlite"

    def act() -> None:
        Catalog(path).close()

    deaths = 0
    while True:
        shoot.restore()
        killed = dies(act, deaths, CursorSteps)
        for made in (path.parent / "backups").glob("*.sqlite"):
            with closing(sqlite3.connect(made)) as raw:
                assert raw.execute("PRAGMA integrity_check").fetchone() == ("ok",)
                assert raw.execute("SELECT count(*) FROM decision WHERE flag = 'pick'").fetchone() == (2,)
        catalog = Catalog(path)
        assert catalog.integrity() == "ok"
        catalog.close()
        with closing(sqlite3.connect(path)) as raw:
            assert raw.execute("SELECT version_num FROM alembic_version").fetchone() == (following,)
            assert raw.execute("SELECT DISTINCT flag, note FROM decision").fetchall() == [
                ("pick", "moved on")
            ]
            assert raw.execute("SELECT count(*) FROM photo").fetchone() == (2,)
        assert list((path.parent / "backups").glob(f"*before-{following}.sqlite"))
        if not killed:
            return deaths
        deaths += 1


def remove_to_bin(folder: Path) -> int:
    """Rejects that the system's bin takes."""
    from send2trash import plat_other

    shoot = Shoot(folder)
    send2trash.send2trash = plat_other.send2trash
    plat_other.HOMETRASH_B = os.fsencode(folder / "bin")
    plat_other.get_dev = lambda path: 1

    def act() -> None:
        workspace = shoot.open()
        drive(scan(workspace, [shoot.folder]))
        cull.set_flag(workspace, shoot.ids, Flag.REJECT)
        drive(removal.remove(workspace, removal.rejects(workspace)))
        workspace.close()

    deaths = 0
    while True:
        shoot.restore()
        shutil.rmtree(folder / "bin", ignore_errors=True)
        killed = dies(act, deaths)
        binned, here = files(folder / "bin" / "files"), files(shoot.folder)
        assert here | binned == shoot.before and not here.keys() & binned.keys(), "a file is lost or twice"
        if "IMG_0002.CR2" in binned:
            assert {"IMG_0002.JPG", "IMG_0002.xmp"} <= binned.keys(), "a photo was torn apart"
        act()  # the next removal takes what was left
        assert files(shoot.folder) == {}
        if not killed:
            return deaths
        deaths += 1


def restore(folder: Path) -> int:
    """A damaged catalog and its log are replaced by the newest sound backup."""
    shoot = Shoot(folder)
    shoot.restore()
    path = shoot.home / "data" / "catalog.sqlite"
    sound = backup.make(path)
    log = path.with_name(path.name + "-wal")

    def act() -> None:
        backup.restore(path, sound)

    deaths = 0
    while True:
        path.write_bytes(b"damaged" * 1000)
        log.write_bytes(b"of another database")
        killed = dies(act, deaths)
        asides = [aside.read_bytes() for aside in path.parent.glob("*-damaged-*")]
        if path.read_bytes() == sound.read_bytes():
            assert not log.exists(), "the log of another database beside the restored one"
        else:
            assert backup.what_is_wrong(path), "neither the one nor the other"
            assert log.exists() or b"of another database" in asides
            backup.restore(path, sound)
        catalog = Catalog(path)
        assert catalog.integrity() == "ok"
        catalog.close()
        assert b"damaged" * 1000 in [aside.read_bytes() for aside in path.parent.glob("*-damaged-*")]
        for aside in path.parent.glob("*-damaged-*"):
            aside.unlink()
        if not killed:
            return deaths
        deaths += 1


def embed(folder: Path) -> int:
    """Marks into a picture file: under its name it is as it was, or whole and new."""
    folder.mkdir(exist_ok=True)
    kept, path = folder / "kept.jpg", folder / "IMG.jpg"
    write_photo(kept)
    tool = exiftool.find_exiftool()
    assert tool is not None
    before = kept.read_bytes()
    deaths = 0
    while True:
        shutil.copy(kept, path)
        killed = dies(lambda: _embed(tool, path), deaths)
        if path.read_bytes() != before:
            assert read_marks(tool.packet(path) or b"") == Marks(Flag.PICK, 4, "red")
            assert Image.open(path).tobytes() == Image.open(kept).tobytes()
        if not killed:
            assert sorted(entry.name for entry in folder.iterdir()) == ["IMG.jpg", "kept.jpg"]
            return deaths
        for left in placing.leftovers(folder):
            left.unlink()
        deaths += 1


def _embed(tool: exiftool.ExifTool, path: Path) -> None:
    tool.embed(path, Decision(Flag.PICK, 4, "red"))


SCENARIOS: dict[str, Callable[[Path], int]] = {
    "export move": export_move,
    "export move to another disk": lambda folder: export_move(folder, other_disk=True),
    "move back": move_back,
    "remove": remove,
    "remove to the bin": remove_to_bin,
    "export copy": export_copy,
    "xmp write": xmp_write,
    "migration": migration,
    "restore": restore,
    "embed": embed,
}

if __name__ == "__main__":
    print(SCENARIOS[sys.argv[1]](Path(sys.argv[2])))
