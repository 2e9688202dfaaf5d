"""Reading pictures in several threads at once: Qt's lock and the interpreter's never wait for each other."""

import io
import subprocess
import sys

from PIL import Image

CODE = """
import sys, threading
from PySide6.QtCore import QCoreApplication
from culler.ui import pictures, thumbnail_worker
data = sys.stdin.buffer.read()
def work(decoded):
    for _ in range(3000):
        assert not decoded(data).isNull()
readers = [thumbnail_worker.decoded, pictures.decoded] * 2
threads = [threading.Thread(target=work, args=(decoded,)) for decoded in readers]
for thread in threads: thread.start()
for thread in threads: thread.join()
print("all read")
"""


def test_many_threads_read_pictures_without_a_deadlock() -> None:
    body = io.BytesIO()
    Image.new("RGB", (64, 48)).save(body, "JPEG")
    command = [sys.executable, "-c", CODE]
    done = subprocess.run(command, input=body.getvalue(), capture_output=True, timeout=60)
    assert done.stdout == b"all read\n", done.stderr.decode()
