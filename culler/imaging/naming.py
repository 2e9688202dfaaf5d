"""Names for exported files: templates such as `{date:%Y%m%d}_{name}_{sequence:04}`, made safe.

A template gives the stem; each file of a photo keeps what followed its own stem, so that RAW, JPEG and
sidecar stay together. Names are safe on Windows, macOS and Linux alike, and never collide.
"""

import re
import string
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from pathlib import PurePath

from culler.domain.errors import CullerError

DEFAULT_TEMPLATE = "{name}"
EXAMPLE_FIELDS = "{name} {date:%Y%m%d} {camera} {stars} {rank} {sequence:04} {label} {flag} {level}"
"""Every field, for the help text."""

LONGEST_NAME_BYTES = 240
"""File systems take 255; what remains is for `-2` and longer extensions."""
_NUMBER_FORM = re.compile(r"0?[1-9]?d?")
_DATE_DIRECTIVES = frozenset("aAbBdfHIjmMpSUwWyY%")
_FORBIDDEN = re.compile(r'[<>:"/\\|?*\x00-\x1f\x7f]')
_RESERVED = re.compile(r"(?:con|prn|aux|nul|com[0-9¹²³]|lpt[0-9¹²³]|conin\$|conout\$)", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class NameFacts:
    """What a template may say of a photo. `name` is the stem of its file."""

    name: str
    date: datetime | None = None
    camera: str | None = None
    stars: int = 0
    rank: int | None = None
    label: str = "none"
    flag: str = "none"
    level: str | None = None


EXAMPLE = NameFacts("DSC_0412", datetime(2026, 5, 17, 14, 3, 9), "Nikon Z 8", 4, 12, "red", "pick", "good")


@dataclass(frozen=True, slots=True)
class NameTemplate:
    """A checked template: `parse` makes one."""

    text: str
    _parts: tuple[tuple[str, str | None, str], ...]

    @classmethod
    def parse(cls, text: str) -> "NameTemplate":
        """The template. Raises CullerError with a sentence that says what is wrong and what would do."""
        try:
            parts = [
                (literal, field, spec or "", conversion)
                for literal, field, spec, conversion in string.Formatter().parse(text)
            ]
        except ValueError:
            raise CullerError(
                f"The name template {text!r} has a brace without its partner. Write {{{{ for a brace itself."
            ) from None
        for literal, field, spec, conversion in parts:
            _check_literal(text, literal)
            if field is not None:
                _check_field(text, field, spec, conversion)
        template = cls(text, tuple((literal, field, spec) for literal, field, spec, _ in parts))
        if not template.render(EXAMPLE, 1).strip("_ .-"):
            raise CullerError("The name template is empty. Use at least {name}.")
        return template

    def render(self, facts: NameFacts, sequence: int) -> str:
        """The photo's stem, safe as a file name. `sequence` counts from 1 in the export's order."""
        pieces = []
        for literal, field, spec in self._parts:
            pieces.append(literal)
            if field is not None:
                pieces.append(_value(field, spec, facts, sequence))
        return safe_name("".join(pieces))


def problem(text: str) -> str | None:
    """What is wrong with a template, as a sentence for the live preview; None if it is fine."""
    try:
        NameTemplate.parse(text)
    except CullerError as error:
        return str(error)
    return None


def safe_name(text: str, longest_bytes: int = LONGEST_NAME_BYTES) -> str:
    """The text as a file's stem that Windows, macOS and Linux all take; never empty."""
    name = _FORBIDDEN.sub("-", unicodedata.normalize("NFC", text))
    name = name.encode("utf-8", "replace")[:longest_bytes].decode("utf-8", "ignore").strip().rstrip(". ")
    if _RESERVED.fullmatch(name.split(".")[0].rstrip()):
        name = f"_{name}"
    return name or "_"


def stem_in(name: str, stems: Iterable[str]) -> str | None:
    """The one of some files' stems that a name belongs to: `IMG-edit` of `IMG-edit.jpg.xmp`, not `IMG`."""
    fitting = [stem for stem in stems if name[: len(stem) + 1].casefold() == f"{stem}.".casefold()]
    return max(fitting, key=len, default=None)


def renamed(name: str, old_stem: str, new_stem: str) -> str:
    """A file of the photo under the new stem: `IMG.CR2.xmp` of `IMG` becomes `new.CR2.xmp`, and so does
    `Other.CR2` become `new.CR2`."""
    if name[: len(old_stem)].casefold() == old_stem.casefold():
        return new_stem + name[len(old_stem) :]
    return new_stem + PurePath(name).suffix


def numbered(name: str, stem: str, number: int) -> str:
    """`IMG.CR2.xmp` of `IMG` becomes `IMG (2).CR2.xmp`: the number follows the stem that a photo's files
    share. 1 is no number."""
    if number == 1:
        return name
    if name[: len(stem)].casefold() != stem.casefold():
        stem = PurePath(name).stem
    return f"{name[: len(stem)]} ({number}){name[len(stem) :]}"


def _check_literal(text: str, literal: str) -> None:
    forbidden = _FORBIDDEN.search(literal)
    if forbidden:
        raise CullerError(
            f"The name template {text!r} has {forbidden.group()!r}, which file names cannot hold. "
            'Leave out < > : " / \\ | ? *.'
        )


def _check_field(text: str, field: str, spec: str, conversion: str | None) -> None:
    if field not in _FIELDS:
        known = ", ".join(f"{{{name}}}" for name in _FIELDS)
        raise CullerError(f"The name template {text!r} has the unknown field {{{field}}}. Use {known}.")
    if conversion:
        raise CullerError(
            f"The name template {text!r} has !{conversion}, which is not used here. Leave it out."
        )
    if field == "date":
        unknown = re.search(r"%(.?)", re.sub(rf"%[{''.join(sorted(_DATE_DIRECTIVES))}]", "", spec))
        if unknown:
            raise CullerError(
                f"The name template {text!r} has the unknown date form %{unknown.group(1)}. "
                "Use %Y %m %d %H %M %S and their like."
            )
    elif field in _NUMBERS:
        if not _NUMBER_FORM.fullmatch(spec):
            raise CullerError(
                f"The name template {text!r} has {{{field}:{spec}}}; write {{{field}}} or {{{field}:04}}."
            )
    elif spec:
        raise CullerError(f"The name template {text!r} has {{{field}:{spec}}}; write {{{field}}}.")


_NUMBERS = ("stars", "rank", "sequence")
_FIELDS = ("name", "date", "camera", *_NUMBERS, "label", "flag", "level")


def _value(field: str, spec: str, facts: NameFacts, sequence: int) -> str:
    if field == "date":
        return "undated" if facts.date is None else facts.date.strftime(spec or "%Y-%m-%d")
    if field == "sequence":
        return format(sequence, spec)
    if field == "rank":
        return "unranked" if facts.rank is None else format(facts.rank, spec)
    if field == "stars":
        return format(facts.stars, spec)
    if field == "camera":
        return facts.camera or "unknown camera"
    if field == "level":
        return facts.level or "unscored"
    return str(getattr(facts, field))
