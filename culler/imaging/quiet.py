"""Keeps the chatter of decoding libraries off the user's terminal.

LibRaw and libtiff print to the process's standard error, from C, when a file is damaged. While one
of them works, the descriptor is set aside and what others wrote meanwhile is passed on afterwards.
The descriptor belongs to the whole process, so one such call runs at a time.
"""

import os
import re
import sys
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress

# LibRaw writes "file: data corrupted at 123"; libtiff "module: words." with a full stop of its own;
# the JPEG library inside both has its own sentences.
# What looks like a log record is not theirs.
_CHATTER = re.compile(
    rb"data corrupted at|unexpected end of file"
    rb"|^(?!DEBUG|INFO|WARNING|ERROR|CRITICAL)[A-Za-z_][\w.]*: .*\.\s*$"
    rb"|^(More samples per pixel|Premature end of JPEG|Corrupt JPEG data|Inconsistent progression"
    rb"|Unsupported marker|Unknown Adobe color|Warning: unknown JFIF|Invalid SOS|Not a JPEG file)",
    re.IGNORECASE,
)

_one_call = threading.Lock()


@contextmanager
def quiet() -> Iterator[list[bytes]]:
    """Runs its body with the libraries' complaints caught; the list holds them afterwards."""
    complaints: list[bytes] = []
    with _one_call, tempfile.TemporaryFile() as caught:
        try:
            kept = os.dup(2)
        except OSError:  # a windowed program may have no standard error at all
            yield complaints
            return
        try:
            with suppress(OSError, ValueError, AttributeError):  # sys.stderr may be None or closed
                sys.stderr.flush()
            os.dup2(caught.fileno(), 2)
            try:
                yield complaints
            finally:
                os.dup2(kept, 2)
                caught.seek(0)
                foreign: list[bytes] = []
                for line in caught.read().splitlines(keepends=True):
                    (complaints if _CHATTER.search(line) else foreign).append(line)
                if foreign:
                    os.write(2, b"".join(foreign))
        finally:
            os.close(kept)
