"""Memory that jobs took and let go of, given back to the system.

WORKAROUND(glibc keeps what threads free for later, tens of megabytes once 100,000 photos are read,
https://sourceware.org/glibc/manual/latest/html_node/Malloc-Tunable-Parameters.html). Other systems'
allocators give it back by themselves.
"""

import sys


def give_back() -> None:
    """Return freed pages now, where the C library holds them. Milliseconds; any thread."""
    if sys.platform == "linux":
        import ctypes

        trim = getattr(ctypes.CDLL(None), "malloc_trim", None)  # glibc's own; musl has none
        if trim is not None:
            trim(0)
