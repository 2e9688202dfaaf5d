"""What the window says in words: facts, certainty, verdicts, the last line."""

import re
from dataclasses import dataclass
from datetime import datetime, timedelta

import pytest

from culler.domain.assessment import Failure, ScorerId, Stage
from culler.domain.levels import LevelDistribution
from culler.domain.photo import Bracketing, CaptureFacts, Drive
from culler.ui.compare_view import verdict_of
from culler.ui.facts import drive_line, exposure_line, pixels_line, reasons, shutter, taken_line
from culler.ui.level_bars import in_words
from culler.ui.task_line import duration, summary


@pytest.mark.parametrize(
    ("seconds", "words"), [(1 / 250, "1/250 s"), (0.5, "0.5 s"), (30, "30 s"), (1 / 3, "1/3 s"), (0, "")]
)
def test_shutter_times(seconds: float, words: str) -> None:
    assert shutter(seconds) == words


def test_the_exposure_line_leaves_out_what_is_not_known() -> None:
    facts = CaptureFacts(exposure_s=1 / 60, aperture=4.0, focal_mm=35.0)
    assert exposure_line(facts).replace("\N{NO-BREAK SPACE}", " ") == "1/60 s · f/4 · 35 mm"
    assert exposure_line(CaptureFacts()) == ""


def test_dates_name_their_zone_where_it_is_known() -> None:
    taken = datetime(2024, 3, 4, 16, 2, 7)
    assert taken_line(CaptureFacts(taken=taken)) == "4 March 2024, 16:02:07"
    zone = timedelta(hours=-3, minutes=-30)
    assert taken_line(CaptureFacts(taken=taken, utc_offset=zone)) == "4 March 2024, 16:02:07 (UTC−3:30)"


def test_pixels() -> None:
    assert pixels_line(CaptureFacts(width=6000, height=4000)) == "6,000 × 4,000 (24 MP)"
    assert pixels_line(CaptureFacts(width=100, height=66)) == "100 × 66"


@pytest.mark.parametrize(
    ("drive", "bracketing", "words"),
    [
        (Drive.SELF_TIMER, None, "Self-timer"),
        (Drive.SINGLE, Bracketing.NONE, "Single"),
        (Drive.CONTINUOUS, Bracketing.WHITE_BALANCE, "Continuous, white balance bracketing"),
        (None, Bracketing.OTHER, "Bracketing"),
        (None, None, ""),
    ],
)
def test_drive_and_bracketing(drive: Drive | None, bracketing: Bracketing | None, words: str) -> None:
    assert drive_line(CaptureFacts(drive=drive, bracketing=bracketing)) == words


def test_a_failure_is_told_once() -> None:
    failures = [Failure(1, Stage.DECODE, "no picture"), Failure(1, Stage.SCAN, "a text")]
    assert reasons(failures) == ["a text"]
    assert reasons(failures[:1]) == ["no picture"]


@pytest.mark.parametrize(
    ("weights", "words"),
    [
        ((0, 0, 0, 1, 0), "good, very sure"),
        ((0, 0, 0.2, 0.6, 0.2), "good, fairly sure"),
        ((1, 1, 1, 1, 1), "excellent, very unsure"),
        ((0.9, 0.1, 0, 0, 0), "bad, very sure"),
    ],
)
def test_level_and_certainty(weights: tuple[float, ...], words: str) -> None:
    assert in_words(LevelDistribution(weights)) == words


EMBEDDED = ScorerId("embedded", "1")


@dataclass
class Compared:
    p_a_better: float
    tie: float
    calibrated: bool = False
    aspect: str = "overall"
    scorer: ScorerId = EMBEDDED


def test_a_verdict_names_better_worse_and_no_difference() -> None:
    sentence, note = verdict_of(Compared(0.8, 0.12))
    assert sentence.startswith("The champion looks better.")
    assert "Left better: 74 %, right better: 14 %, no visible difference: 12 %" in sentence
    assert "uncalibrated" in note
    assert "uncalibrated" not in verdict_of(Compared(0.8, 0.12, calibrated=True))[1]


def test_the_percentages_of_a_verdict_add_up() -> None:
    for p in range(1001):
        for tie in (0.0, 0.005, 0.013, 0.12):
            if tie / 2 <= p / 1000 <= 1 - tie / 2:
                sentence = verdict_of(Compared(p / 1000, tie))[0]
                parts = [int(part) for part in re.findall(r"(-?\d+) %", sentence)]
                assert sum(parts) == 100 and min(parts) >= 0, sentence


def test_a_close_call_says_so() -> None:
    assert verdict_of(Compared(0.53, 0.3))[0].startswith("Too close to call.")
    assert verdict_of(Compared(0.6, 0.6))[0].startswith("Too close to call.")
    assert verdict_of(Compared(0.35, 0.3))[0].startswith("The candidate looks slightly better.")


@dataclass
class Scored:
    scored: frozenset[int]
    already: int = 0
    failed: int = 0


@dataclass
class Scanned:
    added: int = 0
    changed: int = 0
    missing: int = 0
    failed: int = 0


def test_the_last_line_says_what_was_done() -> None:
    assert summary(Scored(frozenset(range(412)), failed=3)) == ("412 photos scored,", 3)
    assert summary(Scored(frozenset({1}))) == ("1 photo scored.", 0)
    assert summary(Scored(frozenset(), already=5)) == ("Everything was scored before.", 0)
    assert summary(Scored(frozenset())) == ("", 0)
    assert summary(Scanned(added=2, missing=1)) == ("2 photos new, 1 missing.", 0)
    assert summary(Scanned()) == ("Nothing new.", 0)


@pytest.mark.parametrize(
    ("seconds", "words"), [(0.4, "0 s"), (59, "59 s"), (200, "3 min"), (4800, "1 h 20 min")]
)
def test_durations(seconds: float, words: str) -> None:
    assert duration(seconds) == words
