"""What a file says of itself, read for a scan: capture facts, the owner of a sidecar, or why nothing."""

from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from culler.domain.errors import CullerError
from culler.domain.photo import CaptureFacts, shown_name
from culler.imaging import formats
from culler.workflow.pairing import FoundFile
from culler.workflow.passing import may_pass


@dataclass(frozen=True, slots=True)
class Read:
    """A file's capture facts, or the sentence why it cannot be shown; `passing` as in Found."""

    facts: CaptureFacts = field(default_factory=CaptureFacts)
    failure: str | None = None
    passing: bool = False


class FactsReader:
    """Reads each file of a directory at most once."""

    def __init__(self, directory: Path) -> None:
        self._directory = directory
        self._read: dict[str, Read] = {}

    def taken(self, file: FoundFile) -> datetime | None:
        return self.read(file).facts.taken

    def owner(self, sidecar: FoundFile) -> str | None:
        """The extension of the file that a sidecar names as its owner."""
        from culler.imaging import xmp_names

        return xmp_names.named_owner(self._directory / sidecar.name)

    def read(self, file: FoundFile) -> Read:
        if file.name not in self._read:
            self._read[file.name] = read_facts(self._directory / file.name)
        return self._read[file.name]


def read_facts(path: Path) -> Read:
    from culler.imaging import exif

    name = shown_name(path.name)[0]
    stays = "It stays in the list unrated."
    try:
        with open(path, "rb") as file:
            head = file.read(formats.SNIFF_BYTES)
        if not head:
            return Read(failure=f"{name} is empty (zero bytes). {stays}")
        format_ = formats.sniff(head, path.name)
        if format_ is None:
            return Read(failure=f"{name} is not a picture, whatever its name says. {stays}")
        return Read(exif.read_facts(path, format_))
    except CullerError as error:
        return Read(failure=str(error), passing=may_pass(error))
    except OSError as error:
        reason = (error.strerror or str(error)).lower()
        return Read(failure=f"Cannot read {name}: {reason}. {stays}", passing=may_pass(error))
