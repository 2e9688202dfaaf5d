"""Shoots of a user whose taste the fake judge does not share: the darker, the better."""

from datetime import datetime, timedelta
from pathlib import Path

import numpy as np
from pictures import write_photo

from culler.domain.photo import PhotoId
from culler.workflow import cull, listing
from culler.workflow.job import drive
from culler.workflow.scan import scan
from culler.workflow.score import ScoreRequest, score
from culler.workflow.workspace import Workspace

NOON = datetime(2026, 5, 1, 12)


def write_sessions(folder: Path, sessions: int = 4, photos: int = 10) -> Path:
    """Sessions a day apart, their photos a minute apart, of all brightnesses."""
    for session in range(sessions):
        order = np.random.default_rng(session).permutation(photos).tolist()
        for frame, brightness in enumerate(order):
            write_photo(
                folder / f"s{session}_{frame}.jpg",
                seed=100 * session + frame,
                brightness=0.2 + 0.6 * brightness / photos,
                taken=NOON + timedelta(days=session, minutes=2 * frame),
            )
    return folder


def judged(workspace: Workspace, folder: Path, judge: str) -> dict[PhotoId, float]:
    """The folder scanned and scored: how bright the judge found each photo, on 1–5."""
    drive(scan(workspace, [folder]))
    report = drive(score(workspace, ScoreRequest((folder,), scorer=judge)))
    assert report is not None
    entries = listing.photos_in(workspace, [folder], report.scorer)
    return {entry.photo.id: next(iter(entry.levels.values())).mean for entry in entries}


def star(workspace: Workspace, liking: dict[PhotoId, float]) -> None:
    """One to five stars by liking, an equal number of each."""
    ordered = sorted(liking, key=liking.__getitem__)
    for stars in range(1, 6):
        part = ordered[(stars - 1) * len(ordered) // 5 : stars * len(ordered) // 5]
        cull.set_stars(workspace, part, stars)
