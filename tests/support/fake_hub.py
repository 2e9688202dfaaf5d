"""A Hugging Face Hub with one repository, on this computer: what a download client asks it, and no more."""

import hashlib
import json
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

REVISION = "0123456789abcdef0123456789abcdef01234567"


@dataclass
class FakeHub:
    """`files` by name; `digests` are SHA-256 sums told of some of them; `broken` names a file whose
    transfers end at byte `broken_after`. `begun` are (name, first byte) of every transfer."""

    repository: str
    files: Mapping[str, bytes]
    digests: Mapping[str, str] = field(default_factory=dict)
    broken: str = ""
    broken_after: int = 0
    url: str = ""
    begun: list[tuple[str, int]] = field(default_factory=list)


@contextmanager
def running(hub: FakeHub) -> Iterator[FakeHub]:
    """The hub, answering at `hub.url`."""

    class Answers(BaseHTTPRequestHandler):
        def log_message(self, format: str, *args: object) -> None:
            pass

        def do_HEAD(self) -> None:
            self.answer(body=False)

        def do_GET(self) -> None:
            self.answer(body=True)

        def answer(self, body: bool) -> None:
            path = self.path.partition("?")[0]
            if path.startswith("/api/models/"):
                files: list[dict[str, object]] = [
                    {"rfilename": name, "size": len(data)} for name, data in hub.files.items()
                ]
                for file in files:
                    if (digest := hub.digests.get(str(file["rfilename"]))) is not None:
                        file["lfs"] = {"size": file["size"], "sha256": digest, "pointerSize": 134}
                told = {"id": hub.repository, "sha": REVISION, "siblings": files}
                self.send(200, json.dumps(told).encode(), {"Content-Type": "application/json"}, body)
                return
            name = path.rpartition("/")[2]
            if name not in hub.files:
                self.send(404, b"", {"X-Error-Code": "EntryNotFound"}, body)
                return
            data = hub.files[name]
            headers = {
                "ETag": f'"{hashlib.sha256(data).hexdigest()}"',
                "X-Repo-Commit": REVISION,
                "Accept-Ranges": "bytes",
            }
            wanted = self.headers.get("Range")
            first = int(wanted.removeprefix("bytes=").partition("-")[0]) if wanted else 0
            if body:
                hub.begun.append((name, first))
            if wanted:
                headers["Content-Range"] = f"bytes {first}-{len(data) - 1}/{len(data)}"
            cut = max(0, hub.broken_after - first) if body and name == hub.broken else None
            self.send(206 if wanted else 200, data[first:], headers, body, cut)

        def send(
            self, status: int, data: bytes, headers: Mapping[str, str], body: bool, cut: int | None = None
        ) -> None:
            self.send_response(status)
            for key, value in headers.items():
                self.send_header(key, value)
            self.send_header("Content-Length", str(len(data)))
            self.end_headers()
            if body:
                self.wfile.write(data[:cut])

    server = ThreadingHTTPServer(("127.0.0.1", 0), Answers)
    hub.url = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield hub
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
