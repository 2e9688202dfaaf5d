"""What tests of `culler score` share: running it for its lines, and what the catalog then holds."""

import json
import sqlite3
from pathlib import Path
from typing import Any

import pytest

from culler.cli.main import run


def score(words: list[str], capsys: pytest.CaptureFixture[str]) -> tuple[list[dict[str, Any]], str]:
    """The JSON lines and the sentences of a run that must succeed."""
    capsys.readouterr()
    assert run(["score", *words, "--json"]) == 0
    captured = capsys.readouterr()
    return [json.loads(line) for line in captured.out.splitlines()], captured.err


def stored(home: Path) -> list[tuple[object, ...]]:
    """Every answer in the catalog with its moment, oldest judge first."""
    connection = sqlite3.connect(home / "data" / "catalog.sqlite")
    try:
        return connection.execute(
            "SELECT scorer_id, photo_id, aspect, good, created_at FROM assessment ORDER BY 1, 2, 3"
        ).fetchall()
    finally:
        connection.close()
