"""What the export dialog is set to, as one value, and as a settings file keeps it. No Qt widgets."""

from dataclasses import dataclass, field, fields
from enum import Enum
from typing import Any, TypeVar

from culler.ui.export_choice import Choice
from culler.ui.export_form_panel import Form
from culler.ui.export_papers_panel import Papers
from culler.ui.export_place_panel import Placing
from culler.workflow.export import DEFAULT_TEMPLATE

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class ExportSettings:
    """One value of each panel."""

    choice: Choice = field(default_factory=Choice)
    placing: Placing = field(default_factory=Placing)
    template: str = DEFAULT_TEMPLATE
    form: Form = field(default_factory=Form)
    papers: Papers = field(default_factory=Papers)

    @classmethod
    def restored(cls, stored: object) -> "ExportSettings":
        """From a settings file; what is not understood is as in the beginning."""
        kept = stored if isinstance(stored, dict) else {}
        default = cls()
        template = kept.get("template")
        return cls(
            _restored(default.choice, kept.get("choice")),
            _restored(default.placing, kept.get("placing")),
            template if isinstance(template, str) and template else default.template,
            _restored(default.form, kept.get("form")),
            _restored(default.papers, kept.get("papers")),
        )


def _restored(default: T, stored: object) -> T:
    """The dataclass with what is stored, where that is of the right kind."""
    kept = stored if isinstance(stored, dict) else {}
    known: dict[str, Any] = {}
    for part in fields(default):  # type: ignore[arg-type]
        was, value = getattr(default, part.name), kept.get(part.name)
        if isinstance(was, Enum):
            try:
                known[part.name] = type(was)(value)
            except ValueError:
                continue
        elif type(value) is type(was):
            known[part.name] = value
    return type(default)(**known)
