"""The server as an operator starts it: a process of its own, with a folder of its own."""

from __future__ import annotations

import importlib.util
import os
import re
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import urllib3

_rules = importlib.util.spec_from_file_location("house_rules", Path(__file__).parents[1] / "python" / "conftest.py")
assert _rules is not None
assert _rules.loader is not None
_house = importlib.util.module_from_spec(_rules)
_rules.loader.exec_module(_house)
pytest_runtest_makereport = _house.pytest_runtest_makereport
pytest_sessionfinish = _house.pytest_sessionfinish

API_URL = "https://shop.example/graphql/"
COMMAND = [sys.executable, "-m", "gameball_referrals", "saleor-app"]


def environment(folder: Path, **variables: str) -> dict[str, str]:
    """Return a clean environment, with the server's data in a folder."""
    kept = {name: os.environ[name] for name in ("PATH", "HOME", "LANG", "PYTHONPATH") if name in os.environ}
    return {**kept, "DATA_DIR": str(folder), "ALLOWED_SALEOR_API_URLS": API_URL, **variables}


class Running:
    """A server that listens; its output is kept."""

    def __init__(self, variables: dict[str, str], *arguments: str) -> None:
        self.process = subprocess.Popen(
            [*COMMAND, "--port", "0", *arguments], env=variables, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
            text=True,
        )  # fmt: skip
        self.lines: list[str] = []
        self.port = 0
        self._listens = threading.Event()
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()
        if not self._listens.wait(60) or not self.port:
            self.process.kill()
            raise AssertionError("".join(self.lines))
        self.http = urllib3.PoolManager(retries=False, timeout=20)

    def _read(self) -> None:
        assert self.process.stdout is not None
        for line in self.process.stdout:
            self.lines.append(line)
            found = re.search(r"Listening on http://127\.0\.0\.1:(\d+);", line)
            if found:
                self.port = int(found[1])
                self._listens.set()
        self._listens.set()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def output(self) -> str:
        return "".join(self.lines)

    def get(self, path: str, **options: Any) -> Any:
        return self.http.request("GET", self.url + path, redirect=False, **options)

    def stop(self, number: int = signal.SIGTERM, timeout: float = 20) -> int:
        """Send a signal, and return the exit code."""
        self.process.send_signal(number)
        code = self.process.wait(timeout)
        self._reader.join(5)
        return code


@pytest.fixture
def serve(tmp_path: Path) -> Iterator[Callable[..., Running]]:
    """Start servers, which are gone after the test."""
    running: list[Running] = []

    def start(*arguments: str, **variables: str) -> Running:
        running.append(Running(environment(tmp_path, **variables), *arguments))
        return running[-1]

    yield start
    for each in running:
        if each.process.poll() is None:
            each.process.kill()
            each.process.wait()


@pytest.fixture
def run(tmp_path: Path) -> Callable[..., subprocess.CompletedProcess[str]]:
    """Run the command to its end."""

    def run(*arguments: str, **variables: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [*COMMAND, *arguments], env=environment(tmp_path, **variables), capture_output=True, text=True, timeout=60
        )

    return run
