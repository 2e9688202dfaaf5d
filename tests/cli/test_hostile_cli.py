"""The command line as other programs and impatient people meet it: real processes."""

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest
from pictures import write_photo, write_shoot

from culler.cli.main import run
from culler.cli.output import harmless

NAMES = (
    "写真.jpg",
    "صورة.jpg",
    "new\nline.jpg",
    "[/].jpg",
    "[red]x.jpg",
    "\x1b[31mred.jpg",
    "emoji😀.jpg",
    "-dash.jpg",
    "a" * 240 + ".jpg",
)

posix = pytest.mark.skipif(os.name == "nt", reason="names and signals of POSIX")


def culler(*words: str, **environment: str) -> subprocess.CompletedProcess[bytes]:
    return subprocess.run(
        [sys.executable, "-m", "culler", *words],
        env=os.environ | environment,
        capture_output=True,
        check=False,
        timeout=60,
    )


def started(*words: str, **options: Any) -> subprocess.Popen[bytes]:
    options = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE} | options
    return subprocess.Popen([sys.executable, "-m", "culler", *words], **options)


def heed_interrupts() -> None:
    """Tests in the background of a shell, which has these ignored there, pass it on to what they start."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)


@pytest.fixture
def names(tmp_path: Path) -> Path:
    folder = tmp_path / "names"
    for name in NAMES:
        write_photo(folder / name)
    broken = os.fsencode(folder) + b"/bad\xff.jpg"
    with open(broken, "wb") as file:
        file.write(b"\xff\xd8\xff\xe0 no picture")
    return folder


@posix
@pytest.mark.parametrize(("encoding", "verb"), [("ascii", "scan"), ("cp1252", "score")])
def test_json_is_valid_whatever_the_names_and_the_encoding(names: Path, encoding: str, verb: str) -> None:
    ran = culler(verb, str(names), "--json", PYTHONIOENCODING=encoding)
    assert ran.returncode == 0, ran.stderr
    records = [json.loads(line) for line in ran.stdout.decode("utf-8").splitlines()]
    paths = {f"{names}/{name}" for name in NAMES}
    assert {record["path"] for record in records} == paths | {f"{names}/bad\\xff.jpg"}


@posix
def test_json_in_utf8_keeps_names_readable(names: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["scan", str(names), "--json"]) == 0
    out = capsys.readouterr().out
    assert "写真.jpg" in out and "new\\nline.jpg" in out and "bad\\\\xff.jpg" in out


@posix
def test_sentences_never_fail_for_the_encoding(names: Path) -> None:
    ran = culler("scan", str(names), PYTHONIOENCODING="ascii")
    assert ran.returncode == 0 and b"\x1b" not in ran.stdout + ran.stderr


@posix
def test_a_table_of_odd_names_is_printed(names: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["score", str(names)]) == 0
    assert run(["rank", str(names), "--top", "20"]) == 0
    shown = capsys.readouterr().out
    assert "[/].jpg" in shown and "[red]x.jpg" in shown and "\x1b" not in shown


def test_control_characters_are_shown_not_obeyed() -> None:
    assert harmless("a\x1b[2Jb\x07é写") == "a\\x1b[2Jb\\x07é写"


@posix
def test_a_reader_that_leaves_ends_the_command_quietly(tmp_path: Path) -> None:
    write_shoot(tmp_path, 3)
    process = started("scan", str(tmp_path), "--json")
    assert process.stdout is not None and process.stderr is not None
    process.stdout.close()
    said = process.stderr.read().decode()
    process.stderr.close()
    assert process.wait(60) == 0 and "Traceback" not in said and "Exception" not in said


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="no /dev/full here")
def test_a_full_disk_below_the_output_is_a_sentence(tmp_path: Path) -> None:
    write_shoot(tmp_path, 1)
    with open("/dev/full", "wb") as full:
        process = started("scan", str(tmp_path), "--json", stdout=full.fileno())
        _, said = process.communicate(timeout=60)
    assert process.returncode == 1
    assert "no space left" in said.decode() and "Traceback" not in said.decode()


@posix
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
@pytest.mark.parametrize("delay_s", [0.3, 1.5])
def test_told_to_stop_it_stops_at_once_with_130(
    tmp_path: Path, number: signal.Signals, delay_s: float
) -> None:
    write_photo(tmp_path / "IMG.jpg", size=(640, 480))
    original = (tmp_path / "IMG.jpg").read_bytes()
    for k in range(1500):
        (tmp_path / f"IMG_{k:04}.jpg").write_bytes(original)
    process = started("score", str(tmp_path), preexec_fn=heed_interrupts)
    time.sleep(delay_s)
    process.send_signal(number)
    asked = time.monotonic()
    _, said = process.communicate(timeout=30)
    if delay_s < 0.5 and process.returncode == -number:
        return  # struck before Culler's first line ran
    assert process.returncode == 130 and "Traceback" not in said.decode(), said
    assert time.monotonic() - asked < 5  # about 1 s on an idle machine


def test_a_photo_that_may_not_be_looked_at_is_a_sentence(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    photo, stat = tmp_path / "a.jpg", Path.stat

    def forbidden(path: Path, **options: bool) -> os.stat_result:
        if path == photo:
            raise PermissionError(13, "Permission denied")
        return stat(path, **options)

    monkeypatch.setattr(Path, "stat", forbidden)
    assert run(["mark", str(photo), "--flag", "pick"]) == 1
    assert "No permission to look at" in capsys.readouterr().err


def test_numbers_are_unrounded_and_paths_absolute(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    write_shoot(tmp_path / "shoot", 2)
    monkeypatch.chdir(tmp_path)
    assert run(["score", "shoot", "--json"]) == 0
    capsys.readouterr()
    assert run(["rank", "shoot/", "--json"]) == 0
    for record in map(json.loads, capsys.readouterr().out.splitlines()):
        assert Path(record["path"]).is_absolute()
        assert record["value"] != round(record["value"], 6)
