"""The README against the program: keys, verbs, judges and commands that it names must exist."""

import re
from pathlib import Path

import pytest

from culler.cli.verbs import VERBS
from culler.scoring.scorer import SCORERS
from culler.workflow.health import CUDA_ON_WINDOWS

ROOT = Path(__file__).resolve().parents[2]
README = re.sub("<!--.*?-->", "", (ROOT / "README.md").read_text("utf-8"), flags=re.DOTALL)


def section(title: str) -> str:
    return README.split(f"\n## {title}\n")[1].split("\n## ")[0]


def test_every_key_of_the_readme_is_in_the_action_table() -> None:
    from culler.ui.action_table import ACTIONS

    bound = {key for spec in ACTIONS for key in spec.keys}
    rows = [line.split("|")[1] for line in section("Keys").splitlines() if line.startswith("| `")]
    named = {key for row in rows for key in re.findall(r"`` (.) ``|`([^`]+)`", row) for key in key if key}
    assert len(named) > 25
    assert named <= bound


def test_every_verb_of_the_readme_is_in_the_table() -> None:
    named = set(re.findall(r"^culler (\w+)", section("In the terminal"), re.MULTILINE))
    assert len(named) > 5
    assert named <= set(VERBS)


def test_every_judge_is_listed_with_its_size_and_licence() -> None:
    rows = section("Licences")
    for spec in SCORERS.values():
        assert f"| {spec.title} | {spec.size} |" in rows


def test_the_readme_and_doctor_give_the_same_command_for_nvidia_on_windows() -> None:
    assert CUDA_ON_WINDOWS in README


@pytest.mark.parametrize("target", re.findall(r"\]\(([^)#:]+)\)", README))
def test_every_link_leads_somewhere(target: str) -> None:
    assert (ROOT / target).exists()
