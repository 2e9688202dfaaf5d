"""Name templates, safe names and collisions."""

from datetime import datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from culler.domain.errors import CullerError
from culler.imaging.naming import (
    EXAMPLE,
    EXAMPLE_FIELDS,
    NameFacts,
    NameTemplate,
    numbered,
    problem,
    renamed,
    safe_name,
)

FACTS = NameFacts("DSC_0412", datetime(2026, 5, 17, 14, 3, 9), "Nikon Z 8", 4, 12, "red", "pick", "good")


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("{name}", "DSC_0412"),
        ("{date:%Y%m%d}_{name}", "20260517_DSC_0412"),
        ("{date}", "2026-05-17"),
        ("{sequence:04}-{rank:03}-{stars}", "0007-012-4"),
        ("{camera} {label} {flag} {level}", "Nikon Z 8 red pick good"),
        ("{{{name}}}", "{DSC_0412}"),
        ("{date:%H.%M.%S}", "14.03.09"),
    ],
)
def test_templates_are_filled_in(text: str, name: str) -> None:
    assert NameTemplate.parse(text).render(FACTS, 7) == name


def test_every_field_of_the_help_text_is_known() -> None:
    assert problem(EXAMPLE_FIELDS) is None
    assert (
        NameTemplate.parse(EXAMPLE_FIELDS).render(EXAMPLE, 3)
        == "DSC_0412 20260517 Nikon Z 8 4 12 0003 red pick good"
    )


def test_what_is_unknown_of_a_photo_is_said() -> None:
    rendered = NameTemplate.parse("{date:%Y} {camera} {rank:03} {level}").render(NameFacts("a"), 1)
    assert rendered == "undated unknown camera unranked unscored"


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "is empty"),
        ("  ", "is empty"),
        ("{name", "brace without its partner"),
        ("name}", "brace without its partner"),
        ("{nam}", r"unknown field \{nam\}"),
        ("{}", r"unknown field \{\}"),
        ("{name.__class__}", "unknown field"),
        ("{name[0]}", "unknown field"),
        ("{name!r}", "!r"),
        ("{name:>99999999}", r"write \{name\}"),
        ("{sequence:099999999}", r"\{sequence:04\}"),
        ("{sequence:{stars}}", r"\{sequence:04\}"),
        ("{date:%Q}", "unknown date form %Q"),
        ("{date:%}", "unknown date form %"),
        ("{date:%-d}", "unknown date form %-"),
        ("a/{name}", "'/'"),
        ("{name}?", r"'\?'"),
    ],
)
def test_a_wrong_template_is_told_in_a_sentence(text: str, words: str) -> None:
    with pytest.raises(CullerError, match=words):
        NameTemplate.parse(text)
    told = problem(text)
    assert told is not None
    assert told.endswith(".") or told.endswith("*.")


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("a:b/c\\d", "a-b-c-d"),
        ("CON", "_CON"),
        ("com1.final", "_com1.final"),
        ("COM¹", "_COM¹"),
        ("console", "console"),
        ("trailing. . ", "trailing"),
        ("..", "_"),
        ("", "_"),
        ("tab\tnul\x00", "tab-nul-"),
        ("Gru\u0308n", "Grün"),
        ("日本" * 100, ("日本" * 100)[:80]),
    ],
)
def test_names_are_made_safe_everywhere(text: str, name: str) -> None:
    assert safe_name(text) == name


@given(st.text(max_size=300))
def test_any_text_becomes_a_safe_name(text: str) -> None:
    name = safe_name(text)
    assert 0 < len(name.encode("utf-8", "surrogatepass")) <= 241
    assert not set(name) & set('<>:"/\\|?*\x00\n')
    assert name == name.strip()
    assert not name.endswith(".")
    assert safe_name(name) == name


@given(st.text(alphabet='{}:%!namedtsquc04dY .[]/"', max_size=14))
def test_any_template_is_parsed_or_refused_with_a_sentence(text: str) -> None:
    try:
        template = NameTemplate.parse(text)
    except CullerError as error:
        assert str(error).endswith(".")
    else:
        assert template.render(NameFacts("x"), 1)


def files(folder: Path, *names: str) -> list[Path]:
    folder.mkdir(exist_ok=True)
    for name in names:
        (folder / name).write_bytes(name.encode())
    return [folder / name for name in names]


def test_a_file_of_another_stem_gets_the_new_one_with_its_own_ending() -> None:
    assert renamed("IMG.CR2.xmp", "IMG", "new") == "new.CR2.xmp"
    assert renamed("edit of it.jpg", "IMG", "new") == "new.jpg"


def test_the_number_of_a_name_follows_the_stem_that_files_share() -> None:
    assert numbered("IMG.CR2.xmp", "IMG", 2) == "IMG (2).CR2.xmp"
    assert numbered("01.05.jpg", "01.05", 2) == "01.05 (2).jpg"
    assert numbered("edit.jpg", "IMG", 2) == "edit (2).jpg"
    assert numbered("IMG.jpg", "IMG", 1) == "IMG.jpg"
