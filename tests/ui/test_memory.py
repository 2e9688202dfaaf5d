import subprocess
import sys

import pytest

LET_GO = """
import ctypes
from pathlib import Path
from culler.ui.memory import give_back

def resident_mb():
    return int(Path("/proc/self/statm").read_text().split()[1]) / 256

libc = ctypes.CDLL(None)
libc.malloc.restype, libc.malloc.argtypes = ctypes.c_void_p, [ctypes.c_size_t]
libc.free.argtypes = [ctypes.c_void_p]
taken = [libc.malloc(60_000) for _ in range(1000)]
for at in taken:
    ctypes.memset(at, 1, 60_000)
for at in taken[:-1]:  # the last one keeps the others' place from shrinking by itself
    libc.free(at)
before = resident_mb()
give_back()
print(before - resident_mb() > 30)
"""


@pytest.mark.skipif(sys.platform != "linux", reason="other systems' allocators give it back themselves")
def test_what_was_let_go_of_is_given_back() -> None:
    said = subprocess.run([sys.executable, "-c", LET_GO], capture_output=True, text=True, check=True)
    assert said.stdout == "True\n"
