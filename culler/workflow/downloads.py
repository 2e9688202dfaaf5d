"""Fetching the published checkpoints from the Hugging Face Hub, once a person has said yes.

What is there already is kept, a file cut short goes on where it ended, and nothing but weights,
tokenizer and settings is taken: no code.
"""

import hashlib
import os
import shutil
import threading
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from culler.domain.changes import Progress
from culler.domain.errors import CullerError
from culler.scoring.scorer import SCORERS
from culler.workflow.job import Job

STEP_S = 0.2
MB = 1_000_000
SMALL_FILES = (
    "config.json",
    "generation_config.json",
    "preprocessor_config.json",
    "special_tokens_map.json",
    "tokenizer.model",
    "tokenizer_config.json",
)
WEIGHTS = (("model", ".safetensors"), ("pytorch_model", ".bin"))
"""Beginning and end of weight files' names; the first kind that is there is taken."""
PUBLISHED = {"one-align": ("OneAlign (Q-Align)", "q-future/one-align", "qalign")}
"""What can be fetched by name: title, repository, and the scorer that opens it."""


@dataclass(frozen=True, slots=True)
class RemoteFile:
    """`sha256` is what the Hub says of large files."""

    size_bytes: int
    sha256: str | None = None


@dataclass(frozen=True, slots=True)
class Offer:
    """What a download would bring, as the Hub says it now: files by name, of one revision."""

    name: str
    title: str
    repository: str
    revision: str
    licence: str
    files: Mapping[str, RemoteFile]

    @property
    def size_bytes(self) -> int:
        return sum(file.size_bytes for file in self.files.values())


def offer(name: str) -> Offer:
    """Asks the Hub; raises CullerError for an unknown name and where the Hub cannot be reached."""
    if name not in PUBLISHED:
        raise CullerError(f"There is no download {name}; there is {', '.join(PUBLISHED)}.")
    title, repository, scorer = PUBLISHED[name]
    from huggingface_hub import HfApi

    try:
        info = HfApi(token=False).model_info(repository, files_metadata=True, timeout=20)
    except Exception as error:  # each version's transport has errors of its own
        raise _unreachable(title, error) from error
    there = {
        file.rfilename: RemoteFile(file.size or 0, file.lfs.sha256 if file.lfs else None)
        for file in info.siblings or ()
    }
    for start, end in WEIGHTS:
        ends = (end, f"{end}.index.json")
        weights = {name for name in there if name.startswith(start) and name.endswith(ends)}
        if weights:
            files = {name: there[name] for name in sorted(weights | (set(SMALL_FILES) & set(there)))}
            return Offer(name, title, repository, info.sha or "main", SCORERS[scorer].licence, files)
    raise CullerError(f"{repository} holds no weights that Culler can open.")


def download(wanted: Offer, to: Path) -> Job[Path]:
    """Fetch into the folder `to`; the folder. Progress counts megabytes.

    Cancelling lets the file in hand go on until the program ends; the next download takes it from there.
    Raises CullerError when there is no room or the Hub cannot be reached.
    """
    folder = to.expanduser().absolute()
    try:
        folder.mkdir(parents=True, exist_ok=True)
        free = shutil.disk_usage(folder).free
    except OSError as error:
        raise CullerError(f"Cannot write to {folder}: {error.strerror or error}.") from error
    fetches = [_Fetch(wanted, name, folder) for name in wanted.files]
    missing = wanted.size_bytes - sum(fetch.done_bytes for fetch in fetches)
    if missing > free:
        raise CullerError(
            f"{folder} has room for {free / 1e9:.1f} GB, and {missing / 1e9:.1f} GB are still to come."
            " Choose another folder with --to."
        )
    for fetch in sorted(fetches, key=lambda fetch: fetch.size_bytes):
        fetch.start()
        while fetch.is_alive():
            fetch.join(STEP_S)
            done = sum(each.done_bytes for each in fetches)
            yield Progress(done // MB, wanted.size_bytes // MB, fetch.target.name)
        if fetch.error is not None:
            raise _unreachable(wanted.title, fetch.error) from fetch.error
    return folder


class _Fetch(threading.Thread):
    """One file on its way: a part file that grows, over as many runs as it takes, until it is whole.

    The Hub client's own downloads begin a file anew in each run, which is much for files of ten gigabytes.
    """

    def __init__(self, wanted: Offer, name: str, folder: Path) -> None:
        super().__init__(name="download", daemon=True)
        self.error: Exception | None = None
        self.target = folder / name
        self.size_bytes = wanted.files[name].size_bytes
        self._part = folder / f".{name}.{wanted.revision[:12]}.part"
        self._wanted, self._file = wanted, wanted.files[name]

    @property
    def done_bytes(self) -> int:
        """What is there already."""
        return self.size_bytes if _size(self.target) == self.size_bytes else _size(self._part)

    def run(self) -> None:
        try:
            if _size(self.target) != self.size_bytes:
                self._fetch()
        except Exception as error:
            self.error = error

    def _fetch(self) -> None:
        from huggingface_hub import hf_hub_url
        from huggingface_hub.file_download import http_get
        from huggingface_hub.utils.tqdm import disable_progress_bars

        disable_progress_bars()
        wanted = self._wanted
        begun = _size(self._part)
        if begun < self.size_bytes:
            with self._part.open("ab") as file:
                http_get(
                    hf_hub_url(wanted.repository, self.target.name, revision=wanted.revision),
                    file,
                    resume_size=begun,
                    expected_size=self.size_bytes,
                )
        if self._file.sha256 is not None:
            with self._part.open("rb") as whole:
                found = hashlib.file_digest(whole, "sha256").hexdigest()
            if found != self._file.sha256:
                self._part.unlink()
                raise OSError(f"{self.target.name} arrived damaged and has to be fetched again")
        os.replace(self._part, self.target)


def _size(path: Path) -> int:
    try:
        return path.stat().st_size
    except OSError:
        return 0


def _unreachable(title: str, error: Exception) -> CullerError:
    said = (str(error).strip().splitlines() or [type(error).__name__])[0]
    return CullerError(
        f"Cannot download {title}: {said.rstrip('.')}. Check the connection and repeat the command: it goes"
        " on where it ended. Or copy the checkpoint's folder from elsewhere and name it with --scorer."
    )
