"""What is compared: the clients of each group, and the one table of targets."""

from __future__ import annotations

from dataclasses import dataclass
from statistics import median
from typing import Any, Literal

from runs import FLOOR, node, python

Figures = dict[str, Any]

OURS_PYTHON, OURS_NODE, AIOHTTP = python("ours_client.py"), node("ours_client.mjs"), python("aiohttp_client.py")

PINNED = {"Python, one after the other", "Node, one after the other"}
"""Groups whose client and server share one core: otherwise the wake-ups of idle cores are measured."""

COUNTED_IN = "Python, one after the other"
"""The group whose instructions are counted."""

GROUPS: dict[str, dict[str, tuple[list[str], str]]] = {
    "Python, one after the other": {
        "reqwest (Rust)": ([FLOOR], "sequential"),
        "ours": (OURS_PYTHON, "sequential"),
        "ours, native call": (OURS_PYTHON, "sequential-native"),
        "primp": (python("primp_client.py"), "sequential"),
        "pyreqwest": (python("pyreqwest_client.py"), "sequential"),
        "aiohttp": (AIOHTTP, "sequential"),
        "httpx": (python("httpx_client.py"), "sequential"),
        "requests": (python("requests_client.py"), "sequential"),
    },
    "Python, 32 in flight": {
        "reqwest (Rust)": ([FLOOR], "in-flight"),
        "ours, batch (native)": (OURS_PYTHON, "batch"),
        "ours, batch (typed)": (OURS_PYTHON, "batch-typed"),
        "ours, courier": (OURS_PYTHON, "courier"),
        "ours, AsyncClient": (OURS_PYTHON, "in-flight"),
        "ours, AsyncClient + uvloop": (OURS_PYTHON, "in-flight-uvloop"),
        "aiohttp": (AIOHTTP, "in-flight"),
        "aiohttp + uvloop": (AIOHTTP, "in-flight-uvloop"),
        "httpx": (python("httpx_client.py"), "in-flight"),
    },
    "Node, one after the other": {
        "ours": (OURS_NODE, "sequential"),
        "undici": (node("undici_client.mjs"), "sequential"),
        "fetch": (node("fetch_client.mjs"), "sequential"),
        "axios": (node("axios_client.mjs"), "sequential"),
    },
    "Node, 32 in flight": {
        "ours, batch": (OURS_NODE, "batch"),
        "ours, courier": (OURS_NODE, "courier"),
        "ours": (OURS_NODE, "in-flight"),
        "undici": (node("undici_client.mjs"), "in-flight"),
        "fetch": (node("fetch_client.mjs"), "in-flight"),
        "axios": (node("axios_client.mjs"), "in-flight"),
    },
}

FIGURES = {
    "p50_us": "p50, µs",
    "wall_us": "wall, µs",
    "cpu_us": "CPU, µs",
    "main_us": "main thread, µs",
}


@dataclass(frozen=True)
class Target:
    """A bound on a ratio of two clients, or on a figure of ours (`over` is None)."""

    what: str
    group: str
    figure: str
    of: str
    over: str | None
    direction: Literal["≤", "≥"]
    bound: float
    better: float
    unit: str = "×"

    def values(self, repetitions: list[dict[str, dict[str, Figures]]]) -> list[float]:
        """Return what each repetition makes of it."""
        values = []
        for repetition in repetitions:
            clients = repetition.get(self.group, {})
            if self.of not in clients or (self.over is not None and self.over not in clients):
                continue
            value = clients[self.of].get(self.figure)
            if value is not None:
                values.append(value if self.over is None else value / clients[self.over][self.figure])
        return values

    def verdict(self, values: list[float]) -> str:
        """Say whether the median holds, or by how much it does not."""
        value = median(values)

        def holds(bound: float) -> bool:
            return value <= bound if self.direction == "≤" else value >= bound

        if holds(self.better):
            return "better"
        if holds(self.bound):
            return "met"
        short = value / self.bound - 1 if self.direction == "≤" else 1 - value / self.bound
        return f"missed by {max(short * 100, 0.1):.{0 if short >= 0.01 else 1}f} %"


_SEQUENTIAL, _PYTHON, _NODE = "Python, one after the other", "Python, 32 in flight", "Node, 32 in flight"
_PYTHON_BATCH, _NODE_BATCH, _UVLOOP = "ours, batch (native)", "ours, batch", "aiohttp + uvloop"
_MB, _ORDER = "MB", "order: ours"

TARGETS = [
    Target(
        "Python, one after the other: ours / reqwest, p50",
        _SEQUENTIAL,
        "p50_us",
        "ours",
        "reqwest (Rust)",
        "≤",
        1.35,
        1.2,
    ),
    Target(
        "the same, native call / reqwest, p50",
        _SEQUENTIAL,
        "p50_us",
        "ours, native call",
        "reqwest (Rust)",
        "≤",
        1.35,
        1.2,
    ),
    Target("requests / ours, p50", _SEQUENTIAL, "p50_us", "requests", "ours", "≥", 12, 15),
    Target("requests / ours, instructions", "instructions", "instructions", "requests", "ours", "≥", 25, 30),
    Target("aiohttp + uvloop / our batch, wall", _PYTHON, "wall_us", _UVLOOP, _PYTHON_BATCH, "≥", 3, 4.5),
    Target("aiohttp + uvloop / our batch, CPU", _PYTHON, "cpu_us", _UVLOOP, _PYTHON_BATCH, "≥", 3.5, 4.5),
    Target("our Python batch / reqwest, CPU", _PYTHON, "cpu_us", _PYTHON_BATCH, "reqwest (Rust)", "≤", 1.5, 1.2),
    Target("undici / our Node batch, wall", _NODE, "wall_us", "undici", _NODE_BATCH, "≥", 2.5, 3),
    Target("undici / our Node batch, CPU", _NODE, "cpu_us", "undici", _NODE_BATCH, "≥", 3.5, 5),
    Target("undici / our Node batch, main thread", _NODE, "main_us", "undici", _NODE_BATCH, "≥", 8, 14),
    Target("undici / ours a call, Node, wall", _NODE, "wall_us", "undici", "ours", "≥", 2, 3),
    Target("undici / ours a call, Node, CPU", _NODE, "cpu_us", "undici", "ours", "≥", 2.5, 3.5),
    Target("added to a request, an order, SQLite", "hooks, SQLite", "added_us", _ORDER, None, "≤", 200, 120, "µs"),
    Target("the same, PostgreSQL", "hooks, PostgreSQL", "added_us", _ORDER, None, "≤", 400, 250, "µs"),
    *(
        Target(f"{what} / ours, added, {database}", f"hooks, {database}", "added_us", of, _ORDER, "≥", bound, better)
        for what, of, bound, better in (
            ("inline requests at 20 ms", "order: requests", 50, 100),
            ("Celery's delay()", "order: Celery", 3, 5),
        )
        for database in ("SQLite", "PostgreSQL")
    ),
    Target("import of the native module, Python", "import", "native_ms", "Python", None, "≤", 5, 3, "ms"),
    Target("import of the native module, Node", "import", "native_ms", "Node", None, "≤", 10, 5, "ms"),
    Target("memory over the bare interpreter: one after the other", "memory", "mb", "sequential", None, "≤", 5, 3, _MB),
    Target("the same: 32 threads", "memory", "mb", "threads", None, "≤", 14, 10, _MB),
    Target("the same: batches of 200", "memory", "mb", "batch", None, "≤", 8, 6, _MB),
    Target("native file, stripped: Python", "size", "stripped", "Python", None, "≤", 4.0, 3.3, _MB),
    Target("native file, gzipped: Python", "size", "gzipped", "Python", None, "≤", 1.9, 1.6, _MB),
    Target("native file, stripped: Node", "size", "stripped", "Node", None, "≤", 4.0, 3.3, _MB),
    Target("native file, gzipped: Node", "size", "gzipped", "Node", None, "≤", 1.9, 1.6, _MB),
]
