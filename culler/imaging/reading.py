"""Opening a photo's file: every reason why that cannot be is a sentence."""

import stat
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

from culler.domain.errors import CullerError
from culler.domain.photo import shown_name


@contextmanager
def reading(path: Path) -> Iterator[BinaryIO]:
    """The file, opened; raises CullerError with a sentence that names it."""
    name = shown_name(path.name)[0]
    try:
        state = path.stat()
        if stat.S_ISDIR(state.st_mode):
            raise CullerError(f"Cannot read {name}: it is a folder, not a photo.")
        if not stat.S_ISREG(state.st_mode):
            raise CullerError(f"Cannot read {name}: it is not an ordinary file.")
        if state.st_size == 0:
            raise CullerError(f"Cannot read {name}: the file is empty. Copy it from the card again.")
        with path.open("rb") as file:
            yield file
    except FileNotFoundError as error:
        raise CullerError(f"Cannot read {name}: it is not there any more. Read the folder again.") from error
    except PermissionError as error:
        raise CullerError(f"Cannot read {name}: its permissions forbid it. Change them.") from error
    except OSError as error:
        raise CullerError(f"Cannot read {name}: {error.strerror or error}.") from error
