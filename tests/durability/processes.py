"""The processes of a history: the emulator, and the shop's, which are started by fork and killed by SIGKILL."""

from __future__ import annotations

import json
import os
import queue
import signal
import subprocess
import sys
import threading
import time
import urllib.request
from collections.abc import Mapping
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent


class Emulator:
    """``python -m gameball_referrals emulator`` on a free port."""

    def __init__(self, **options: Any) -> None:
        command = [sys.executable, "-m", "gameball_referrals", "emulator", "--port", "0"]
        self._process = subprocess.Popen(
            [*command, "--options-json", json.dumps(options)], stdout=subprocess.PIPE, text=True
        )
        assert self._process.stdout is not None
        lines = iter(self._process.stdout.readline, "")
        self.url = next(line.split()[1] for line in lines if line.split()[:1] == ["API"])
        threading.Thread(target=lambda: list(lines), daemon=True).start()

    def control(self, do: str, **arguments: Any) -> Any:
        request = urllib.request.Request(
            f"{self.url}/_emulator/control",
            json.dumps({"do": do, **arguments}).encode(),
            {"Content-Type": "application/json"},
        )
        # Straight to it, whatever proxies the environment names.
        opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
        with opener.open(request, timeout=60) as answer:
            return json.load(answer)

    def stop(self) -> None:
        self._process.terminate()
        self._process.wait(10)


class Process:
    """One process of the shop."""

    def __init__(self, name: str, pid: int, log: Path) -> None:
        self.name = name
        self.pid = pid
        self.log = log
        self.ended = threading.Event()
        self.status: int | None = None
        """Exit code, or a signal's number below zero."""

    def kill(self) -> None:
        """End it as a power cut would: no handler of its own runs."""
        self._signal(signal.SIGKILL)
        if not self.ended.wait(10):
            raise AssertionError(f"{self.name} does not die")

    def stop(self, seconds: float) -> None:
        """Ask it to end, as a service manager does, and insist on it."""
        self._signal(signal.SIGTERM)
        if not self.ended.wait(seconds):
            self._signal(signal.SIGABRT)
            raise AssertionError(f"{self.name} did not end within {seconds} s of SIGTERM; see {self.log}")
        # By the signal itself if it came before the process could prepare for it.
        if self.status not in (0, -signal.SIGTERM):
            raise AssertionError(f"{self.name} ended with {self.status} on SIGTERM; see {self.log}")

    def _signal(self, number: int) -> None:
        if not self.ended.is_set():
            try:
                os.kill(self.pid, number)
            except ProcessLookupError:
                pass


class Nursery:
    """Starts the shop's processes (see ``mortal/nursery.py``)."""

    def __init__(self, shop: Mapping[str, Any], folder: Path) -> None:
        self._folder = folder
        self._started: queue.Queue[int] = queue.Queue()
        self._processes: dict[int, Process] = {}
        self._early: dict[int, int] = {}
        self._lock = threading.Lock()
        self._children = subprocess.Popen(
            [sys.executable, "-m", "mortal.nursery"],
            cwd=HERE,
            env={
                **os.environ,
                "DJANGO_SETTINGS_MODULE": "mortal.settings",
                "DURABILITY_SHOP": json.dumps(shop),
                "PYTHONFAULTHANDLER": "1",
            },
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=(folder / "nursery.log").open("ab"),
            text=True,
        )
        threading.Thread(target=self._listen, daemon=True).start()

    def _listen(self) -> None:
        assert self._children.stdout is not None
        for line in self._children.stdout:
            report = json.loads(line)
            if "started" in report:
                self._started.put(report["started"])
                continue
            status = -report["signal"] if "signal" in report else report["code"]
            with self._lock:
                process = self._processes.get(report["ended"])
                if process is None:
                    self._early[report["ended"]] = status
            if process is not None:
                process.status = status
                process.ended.set()
        self._started.put(-1)

    def start(self, name: str, what: str, environment: Mapping[str, str] | None = None, **options: Any) -> Process:
        log = self._folder / f"{name}.log"
        command = {"start": what, "options": options, "environment": dict(environment or {}), "log": str(log)}
        assert self._children.stdin is not None
        self._children.stdin.write(json.dumps(command) + "\n")
        self._children.stdin.flush()
        pid = self._started.get(timeout=60)
        if pid < 0:
            raise AssertionError(f"the nursery ended:\n{(self._folder / 'nursery.log').read_text()}")
        process = Process(name, pid, log)
        with self._lock:
            early = self._early.pop(pid, None)
            self._processes[pid] = process
        if early is not None:
            process.status = early
            process.ended.set()
        return process

    def close(self) -> None:
        """End it and, with it, whatever it has started."""
        self._children.kill()
        self._children.wait()


def wait_until(seconds: float, interval: float, holds: Any) -> bool:
    """Ask until ``holds()``, for so long at most."""
    deadline = time.monotonic() + seconds
    while not holds():
        if time.monotonic() > deadline:
            return False
        time.sleep(interval)
    return True
