"""Starting and ending the program: paint first, import later, Ctrl-C, a catalog that cannot be opened."""

import os
import signal
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest


def run_python(code: str, home: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    environment = os.environ | {"QT_QPA_PLATFORM": "offscreen", "CULLER_HOME": str(home)}
    return subprocess.run(
        [sys.executable, "-c", textwrap.dedent(code), *arguments],
        capture_output=True,
        text=True,
        env=environment,
        timeout=120,
    )


def test_nothing_heavy_is_imported_before_the_first_paint(tmp_path: Path) -> None:
    result = run_python(
        """
        import sys
        from culler.ui import app
        from culler.ui.main_window import MainWindow

        def painted(self):
            heavy = {"torch", "sqlalchemy", "PIL", "transformers", "scipy", "cv2", "culler.workflow"}
            print(sorted(heavy & set(sys.modules)))
            begin(self)

        begin = app.Start.begin
        app.Start.begin = painted
        app.Start._on_open = lambda self, workspace: (workspace.close(), self._window.close())
        sys.exit(app.run([]))
        """,
        tmp_path,
    )
    assert result.returncode == 0, result.stderr
    assert result.stdout.strip() == "[]"


def test_garbage_is_looked_for_once_the_window_is_painted_but_not_in_the_window(tmp_path: Path) -> None:
    result = run_python(
        """
        import gc, sys
        from culler import __main__ as entry

        def painted(self):
            from culler.ui.session import Session
            print(gc.isenabled(), not any(isinstance(each, Session) for each in gc.get_objects()))
            begin(self)

        def ran(folders):
            print(gc.isenabled())
            return run(folders)

        from culler.ui import app
        begin, run = app.Start.begin, app.run
        app.run = ran
        app.Start.begin = painted
        app.Start._on_open = lambda self, workspace: (workspace.close(), self._window.close())
        sys.exit(entry.main(["--"]))
        """,
        tmp_path,
    )
    assert result.returncode == 0, result.stderr
    assert result.stdout.split() == ["False", "True", "True"]


@pytest.mark.skipif(sys.platform == "win32", reason="Ctrl-C is another thing there")
def test_ctrl_c_closes_the_window_and_says_130(tmp_path: Path, photos: Path) -> None:
    result = run_python(
        f"""
        import os, sys
        from pathlib import Path
        from culler.ui import app

        opened = app.Start._on_open
        def interrupted(self, workspace):
            opened(self, workspace)
            os.kill(os.getpid(), {int(signal.SIGINT)})

        app.Start._on_open = interrupted
        sys.exit(app.run([Path(sys.argv[1])]))
        """,
        tmp_path / "home",
        str(photos),
    )
    assert result.returncode == 130, result.stderr
    assert "Traceback" not in result.stderr


def test_a_catalog_that_cannot_be_opened_is_said_in_the_window(tmp_path: Path) -> None:
    home = tmp_path / "home"
    (home / "data").mkdir(parents=True)
    (home / "data" / "catalog.sqlite").write_bytes(
        b"this is not a database, and long enough to be sure" * 100
    )
    result = run_python(
        """
        import sys
        from culler.ui import app

        refused = app.Start._on_refused
        def say(self, sentence):
            refused(self, sentence)
            print(self._window.note.title.text(), "|", self._window.note.text.text())
            self._window.close()

        app.Start._on_refused = say
        sys.exit(app.run([]))
        """,
        home,
    )
    assert result.returncode == 0, result.stderr
    title, _, sentence = result.stdout.strip().partition(" | ")
    assert title == "Culler cannot open its catalog"
    assert "catalog" in sentence
