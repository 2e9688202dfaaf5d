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

_CHATTER = re.compile(
    rb"data corrupted at|unexpected end of file"
    rb"|^_?TIFF\w*:|^(OJPEG|JPEG|LZW|ZIP|ZSTD|LZMA|WebP|Fax|PackBits|Thunder|NeXT|LogL|LogLuv|Pixar|Dump|LERC)\w*:"
    rb"|^(More samples per pixel|Sorry, |Cannot handle|Old-style|Not a TIFF|Bad code word|Strip |Tile )",
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
