"""What is measured besides requests: a shop's views, a full outbox, imports, memory, file sizes, instructions."""

from __future__ import annotations

import gzip
import json
import os
import re
import shutil
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

from runs import BENCH, FLOOR, environment, node, python, server
from table import OURS_PYTHON

MODULE = "gameball_referrals._native"


def imports() -> dict[str, dict[str, float]]:
    """Milliseconds, in fresh processes, files in the system's cache."""
    for _warm_up in range(2):
        listing = subprocess.run(
            [sys.executable, "-X", "importtime", "-c", "import gameball_referrals"],
            check=True,
            capture_output=True,
            text=True,
            env=environment(),
        ).stderr
        times = re.findall(r"import time:\s+(\d+) \|\s+(\d+) \|\s+(\S+)", listing)
        own = {name: int(microseconds) / 1e3 for microseconds, _, name in times}
        whole = {name: int(microseconds) / 1e3 for _, microseconds, name in times}
        loaded = json.loads(
            subprocess.check_output([*node("importing.mjs"), str(native_file("Node"))], env=environment())
        )
    return {
        "Python": {"native_ms": own[MODULE], "package_ms": whole["gameball_referrals"]},
        "Node": loaded,
    }


def hooks(rounds: int) -> dict[str, dict[str, Any]]:
    """What the app adds to a shop's views, microseconds by database and variant."""
    return {f"hooks, {name}": _shop("hooks.py", name.lower(), rounds) for name in ("SQLite", "PostgreSQL")}


def growth(few: int, many: int, rounds: int) -> dict[str, dict[str, float]]:
    """What a full outbox costs, milliseconds by how many settled deliveries it has and what is done."""
    return _shop("growth.py", few, many, rounds)


def _shop(script: str, *arguments: object) -> dict[str, Any]:
    command = [sys.executable, str(BENCH / "shop" / script), *map(str, arguments)]
    found: dict[str, Any] = json.loads(subprocess.check_output(command, env=environment(), cwd=BENCH / "shop"))
    return found


def memory() -> dict[str, dict[str, float]]:
    """Megabytes over the bare interpreter, at the peak."""
    peaks = {}
    for shape in ("sequential", "threads", "batch"):
        with server(pinned=False) as (url, _):
            output = subprocess.check_output([*python("memory.py"), shape, url], env=environment())
        figures = json.loads(output)
        peaks[shape] = {"mb": figures["bytes"] / 1e6, "bare_mb": figures["bare"] / 1e6}
    listing = "import sys, gameball_referrals; print(*sorted(sys.modules.keys() & sys.stdlib_module_names))"
    names = subprocess.check_output([sys.executable, "-c", listing], text=True).split()
    loaded = json.loads(subprocess.check_output([*python("memory.py"), "library", *names], env=environment()))
    peaks["library"] = {"mb": loaded["bytes"] / 1e6}
    return peaks


def native_file(host: str) -> Path:
    """Return the native file as installed."""
    if host == "Node":
        return next((BENCH.parent / "node" / "client" / "dist").glob("*.node"))
    find = f"import importlib.util; print(importlib.util.find_spec({MODULE!r}).origin)"
    return Path(subprocess.check_output([sys.executable, "-c", find], text=True).strip())


def sizes(build: bool) -> dict[str, dict[str, Any]]:
    """Megabytes of the native files: as installed, or built anew without the emulator."""
    files = {host: native_file(host) for host in ("Python", "Node")}
    with_emulator = _has_emulator()
    if build:
        packages = {"Python": "gameball-python", "Node": "gameball-node"}
        names = [argument for package in packages.values() for argument in ("-p", package)]
        built = subprocess.run(
            [
                "cargo",
                "build",
                "--release",
                "--no-default-features",
                "--message-format=json-render-diagnostics",
                *names,
            ],
            cwd=BENCH.parent,
            check=True,
            stdout=subprocess.PIPE,
            env={**os.environ, "PYO3_BUILD_EXTENSION_MODULE": "1"},
        )
        for line in built.stdout.splitlines():
            message = json.loads(line)
            for host, package in packages.items():
                is_it = package in message.get("package_id", "")
                if is_it and "cdylib" in message.get("target", {}).get("kind", []):
                    files[host] = Path(message["filenames"][0])
        with_emulator = False
    return {
        host: {
            "stripped": len(content) / 1e6,
            "gzipped": len(gzip.compress(content, 9)) / 1e6,
            "emulator": with_emulator,
        }
        for host, content in ((host, file.read_bytes()) for host, file in files.items())
    }


def _has_emulator() -> bool:
    ask = f"import {MODULE} as native; print(hasattr(native, 'Emulator'))"
    return subprocess.check_output([sys.executable, "-c", ask], text=True).strip() == "True"


COUNTED: dict[str, tuple[list[str], int, int]] = {
    "reqwest (Rust)": ([FLOOR], 300, 1300),
    "ours": (OURS_PYTHON, 300, 1300),
    "requests": (python("requests_client.py"), 100, 300),
}
"""Two lengths of a run for each: what start and end cost falls out of their difference."""


def instructions() -> dict[str, dict[str, float]] | None:
    """Instructions a request, one after the other; None without valgrind."""
    if shutil.which("valgrind") is None:
        return None
    runs = [(command, requests) for command, *lengths in COUNTED.values() for requests in lengths]
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        counts = dict(zip(((command[-1], requests) for command, requests in runs), pool.map(_count, runs)))
    return {
        name: {"instructions": (counts[command[-1], longer] - counts[command[-1], shorter]) / (longer - shorter)}
        for name, (command, shorter, longer) in COUNTED.items()
    }


def _count(run: tuple[list[str], int]) -> int:
    command, requests = run
    valgrind = ["valgrind", "--tool=callgrind", "--callgrind-out-file=/dev/null"]
    with server(pinned=False) as (url, _):
        counted = subprocess.run(
            [*valgrind, *command, "sequential", url, str(requests), "600"],
            check=True,
            capture_output=True,
            text=True,
            env={**environment(), "PYTHONHASHSEED": "0"},
        )
    return int(re.search(r"Collected : (\d+)", counted.stderr)[1])
