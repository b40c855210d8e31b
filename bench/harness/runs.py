"""One run: a fresh server, a fresh process of one client, and what else the machine did meanwhile."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

BENCH = Path(__file__).resolve().parent.parent
NOISY = 0.05
"""A run is noisy if others took more than this share of the processors' time that it could have used."""

_TICK = os.sysconf("SC_CLK_TCK")
_CORES = sorted(os.sched_getaffinity(0))
PINNED_TO = _CORES[-1]


def built(name: str) -> str:
    """Return the path of one of the bench crate's programs."""
    metadata = subprocess.run(
        ["cargo", "metadata", "--no-deps", "--format-version=1"], cwd=BENCH, check=True, capture_output=True
    )
    return str(Path(json.loads(metadata.stdout)["target_directory"]) / "release" / name)


SERVER, FLOOR = built("server"), built("floor")


def python(script: str) -> list[str]:
    return [sys.executable, str(BENCH / "python" / script)]


def node(script: str) -> list[str]:
    return ["node", str(BENCH / "node" / script)]


def environment() -> dict[str, str]:
    """Return the environment without proxies: all clients go to the server straight."""
    return {name: value for name, value in os.environ.items() if not name.lower().endswith("_proxy")}


@contextmanager
def server(pinned: bool) -> Iterator[tuple[str, subprocess.Popen[str]]]:
    process = subprocess.Popen(
        _pin([SERVER], pinned), stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=environment()
    )
    try:
        yield process.stdout.readline().strip(), process
    finally:
        process.kill()
        process.wait()


def run(command: list[str], shape: str, seconds: float, pinned: bool) -> dict[str, Any]:
    """Return a client's figures, with `foreign`: the share of processor time that others took."""
    with server(pinned) as (url, serving):
        before, began = _busy(pinned), time.monotonic()
        client = subprocess.Popen(
            _pin([*command, shape, url, str(10**9), str(seconds)], pinned),
            stdout=subprocess.PIPE,
            text=True,
            env=environment(),
        )
        output = client.stdout.read()
        _, status, used = os.wait4(client.pid, 0)
        client.returncode = os.waitstatus_to_exitcode(status)
        wall = time.monotonic() - began
        own = used.ru_utime + used.ru_stime + _cpu_of(serving.pid)
        others = _busy(pinned) - before - own
    if client.returncode != 0:
        raise SystemExit(f"{' '.join(command)} {shape} failed with status {client.returncode}")
    cores = 1 if pinned else len(_CORES)
    return {**json.loads(output), "foreign": max(0.0, others / (wall * cores))}


def _pin(command: list[str], pinned: bool) -> list[str]:
    return ["taskset", "--cpu-list", str(PINNED_TO), *command] if pinned else command


def _busy(pinned: bool) -> float:
    """Seconds that processes, or the host of a virtual machine, have taken of the processors in question."""
    names = {f"cpu{PINNED_TO}"} if pinned else {f"cpu{core}" for core in _CORES}
    total = 0
    for line in Path("/proc/stat").read_text().splitlines():
        name, *ticks = line.split()
        if name in names:
            user, nice, system, _idle, _iowait, _irq, _softirq, steal = map(int, ticks[:8])
            total += user + nice + system + steal
    return total / _TICK


def _cpu_of(pid: int) -> float:
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / _TICK
