"""What several tests need: raw servers, fresh interpreters, and the vectors shared by all languages."""

from __future__ import annotations

import json
import os
import re
import socket
import subprocess
import sys
import threading
from contextlib import contextmanager
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any, Callable, TypeVar

from typing_extensions import Self

if TYPE_CHECKING:
    from collections.abc import Iterator

HERE = Path(__file__).parent
VECTORS = HERE.parent / "vectors"

Server = TypeVar("Server", bound="RawServer")

ANSWER = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 2\r\n\r\n{}"


class RawServer:
    """A TCP server that does to each connection what `handle` says, in a thread of its own."""

    def __init__(self, handle: Callable[[socket.socket], None]) -> None:
        self._handle = handle
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._connections: list[socket.socket] = []
        self.url = f"http://127.0.0.1:{self._listener.getsockname()[1]}"
        threading.Thread(target=self._accept, daemon=True).start()

    def _accept(self) -> None:
        while True:
            try:
                connection, _ = self._listener.accept()
            except OSError:
                return
            self._connections.append(connection)
            threading.Thread(target=self._serve, args=(connection,), daemon=True).start()

    def _serve(self, connection: socket.socket) -> None:
        try:
            self._handle(connection)
        except OSError:
            pass

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._listener.close()
        for connection in self._connections:
            connection.close()


def read_request(connection: socket.socket) -> bytes:
    """Read one request with its body; empty if the peer has gone."""
    data = b""
    while b"\r\n\r\n" not in data:
        chunk = connection.recv(65536)
        if not chunk:
            return b""
        data += chunk
    head, _, body = data.partition(b"\r\n\r\n")
    length = re.search(rb"content-length: *(\d+)", head, re.IGNORECASE)
    while length and len(body) < int(length.group(1)):
        body += connection.recv(65536)
    return head + b"\r\n\r\n" + body


class BlackHole(RawServer):
    """A server that reads requests and never answers."""

    def __init__(self) -> None:
        self.got_request = threading.Event()
        self.peer_left = threading.Event()
        super().__init__(self._swallow)

    def _swallow(self, connection: socket.socket) -> None:
        while read_request(connection):
            self.got_request.set()
        self.peer_left.set()


def dead_port() -> int:
    """Return a port of the loopback at which nobody listens."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port: int = listener.getsockname()[1]
        return port


def python(code: str, *arguments: str, timeout: float = 60, **env: str) -> subprocess.CompletedProcess[str]:
    """Run code in a fresh interpreter; it must end well."""
    done = subprocess.run(
        [sys.executable, "-c", code, *arguments],
        capture_output=True,
        text=True,
        timeout=timeout,
        env={**os.environ, **env},
        check=False,
    )
    assert done.returncode == 0, f"exit code {done.returncode}\n{done.stdout}\n{done.stderr}"
    return done


@contextmanager
def running(code: str, *arguments: str) -> Iterator[subprocess.Popen[str]]:
    """Run code in a fresh interpreter meanwhile."""
    process = subprocess.Popen(
        [sys.executable, "-u", "-c", code, *arguments],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        yield process
    finally:
        process.kill()
        process.communicate()


def cases(vectors: str) -> list[Any]:
    """Return a vector file's cases as pytest parameters; numbers stay exact, long texts are written out."""
    import pytest

    text = (VECTORS / f"{vectors}.json").read_text(encoding="utf-8")
    data = json.loads(text, parse_float=Decimal, object_hook=_repeated)
    return [pytest.param(case, id=case["name"][:60]) for case in data["cases"]]


def _repeated(data: dict[str, Any]) -> Any:
    if set(data) == {"repeat"}:
        repeat = data["repeat"]
        return repeat["prefix"] + repeat["unit"] * repeat["times"] + repeat["suffix"]
    return data


def snake(name: str) -> str:
    """Turn a wire name, or a path of them, into Python's."""
    return re.sub(r"[A-Z]", lambda letter: "_" + letter.group().lower(), name)
