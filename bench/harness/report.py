"""Results as tables: for the terminal and for the guides."""

from __future__ import annotations

import os
import platform
import re
import subprocess
import sys
from collections.abc import Iterable
from importlib import metadata
from pathlib import Path
from statistics import median
from typing import Any

from runs import BENCH, NOISY
from table import COUNTED_IN, FIGURES, GROUPS, PINNED, TARGETS, Target

DOCS = BENCH.parent / "docs" / "performance.md"
PROMISES = DOCS.with_name("promises.md")
BEGIN, END = "<!-- figures: written by `bench/run --write-docs` -->", "<!-- end of figures -->"

Table = list[list[str]]


def machine() -> dict[str, str]:
    """Describe what it ran on: without names or addresses."""
    models = [
        line.partition(": ")[2] for line in Path("/proc/cpuinfo").read_text().splitlines() if "model name" in line
    ]
    node = subprocess.check_output(["node", "--version"], text=True).strip().removeprefix("v")
    rust = subprocess.check_output(["rustc", "--version"], text=True).split()[1]
    lock = (BENCH / "package.json").read_text()
    peers = [
        f"{name} {metadata.version(name)}" for name in ("requests", "httpx", "aiohttp", "uvloop", "pyreqwest", "primp")
    ]
    peers += [
        line.strip(' ,"').replace('": "', " ") for line in lock.splitlines() if '"axios"' in line or '"undici"' in line
    ]
    return {
        "processor": f"{len(os.sched_getaffinity(0))} cores, {models[0] if models else platform.machine()}",
        "system": f"{platform.system()} {platform.release().partition('-')[0]}",
        "versions": f"Rust {rust}, Python {platform.python_version()}, Node {node}; {', '.join(peers)}",
    }


def clients(results: dict[str, Any]) -> Iterable[tuple[str, Table]]:
    """Yield a table for each group: its clients' medians."""
    repetitions = results["repetitions"]
    for group, names in GROUPS.items():
        measured = [name for name in names if all(name in repetition.get(group, {}) for repetition in repetitions)]
        if not measured:
            continue
        figures = [
            figure
            for figure in FIGURES
            if (
                any(figure in repetitions[0][group][name] for name in measured)
                and (figure == "p50_us") == (group in PINNED)
            )
            or figure == "cpu_us"
        ]
        counted = {name for repetition in repetitions for name in repetition.get("instructions", {})}
        with_counts = group == COUNTED_IN and bool(counted)
        table = [[group, *(FIGURES[figure] for figure in figures), *(["instructions"] if with_counts else []), "noisy"]]
        for name in measured:
            runs = [repetition[group][name] for repetition in repetitions]
            row = [name]
            row += [f"{median(run[figure] for run in runs):,.1f}" if figure in runs[0] else "" for figure in figures]
            if with_counts:
                row.append(f"{_instructions(repetitions, name):,.0f}" if name in counted else "")
            noisy = sum(run["foreign"] > NOISY for run in runs)
            table.append([*row, f"{noisy} of {len(runs)}" if noisy else ""])
        yield group, table


def _instructions(repetitions: list[dict[str, Any]], name: str) -> float:
    return median(
        repetition["instructions"][name]["instructions"] for repetition in repetitions if "instructions" in repetition
    )


def targets(results: dict[str, Any], every_repetition: bool) -> Table:
    """Return the table of targets: what came out, and the verdict."""
    repetitions = results["repetitions"]
    table = [
        [
            "what",
            "target (better)",
            *(["each repetition"] if every_repetition else []),
            "median",
            "range",
            "verdict",
            "noisy",
        ]
    ]
    for target in TARGETS:
        values = target.values(repetitions)
        bound = f"{target.direction} {target.bound:g} ({target.better:g})"
        if not values:
            table.append([target.what, bound, *([""] if every_repetition else []), "", "", "not measured", ""])
            continue
        unit = f" {target.unit}" if target.unit != "×" else ""
        each = [" ".join(f"{value:.2f}" for value in values)] if every_repetition else []
        spread = f"{min(values):.2f} to {max(values):.2f}" if len(values) > 1 else ""
        verdict = target.verdict(values)
        if target.group == "size" and results["emulator"]:
            verdict += ", with the emulator in it"
        noisy = _noisy(target, repetitions)
        table.append([target.what, bound, *each, f"{median(values):.2f}{unit}", spread, verdict, noisy])
    return table


def _noisy(target: Target, repetitions: list[dict[str, Any]]) -> str:
    """Tell in how many repetitions one of the two runs was noisy."""
    if target.group not in GROUPS:
        return ""
    names = [name for name in (target.of, target.over) if name is not None]
    noisy = sum(any(repetition[target.group][name]["foreign"] > NOISY for name in names) for repetition in repetitions)
    return f"{noisy} of {len(repetitions)}" if noisy else ""


def shop(results: dict[str, Any]) -> Iterable[Table]:
    """Yield a table of what is added to a shop's views, and one of what a full outbox costs."""
    found = next((each for each in results["repetitions"] if "growth" in each), None)
    if found is None:
        return
    databases = [name for name in found if name.startswith("hooks, ")]
    names = [name.removeprefix("hooks, ") for name in databases]
    table = [["added to a view, µs", *(f"{name}, {what}" for name in names for what in ("median", "p99"))]]
    for variant, figures in found[databases[0]].items():
        if "bare" not in variant:
            row = [
                f"{found[name][variant][figure]:,.0f}" for name in databases for figure in ("added_us", "added_p99_us")
            ]
            table.append([f"{variant} ({figures['requests']} requests)", *row])
    yield table
    few, many = sorted(found["growth"], key=int)
    table = [["settled deliveries in the outbox", f"{int(few):,}, ms", f"{int(many):,}, ms", "ratio"]]
    lists = []
    for what, before in found["growth"][few].items():
        after = found["growth"][many][what]
        if "?" in what:
            lists.append((before, after))
        else:
            table.append([what, f"{before:.2f}", f"{after:.2f}", f"{after / before:.2f}"])
    slowest = [max(column) for column in zip(*lists)]
    worst = max(after / before for before, after in lists)
    table.append(
        [
            f"{len(lists)} filtered or searched lists: the slowest",
            *(f"{ms:.2f}" for ms in slowest),
            f"at most {worst:.2f}",
        ]
    )
    yield table


def others(results: dict[str, Any]) -> Table:
    """Return the figures that have no target, and of what the others are made."""
    repetitions = results["repetitions"]

    def middle(group: str, of: str, figure: str) -> str:
        values = [repetition[group][of][figure] for repetition in repetitions if group in repetition]
        return f"{median(values):.1f}" if values else ""

    return [
        ["besides", "figure"],
        ["import of the whole Python package, ms", middle("import", "Python", "package_ms")],
        ["import of the whole npm package, ms", middle("import", "Node", "package_ms")],
        ["memory of a bare Python interpreter, MB", middle("memory", "sequential", "bare_mb")],
        ["memory that its standard library's modules take which ours needs, MB", middle("memory", "library", "mb")],
    ]


def noise(results: dict[str, Any]) -> str:
    """Say how quiet the machine was."""
    shares = [
        run["foreign"]
        for repetition in results["repetitions"]
        for group in GROUPS
        for run in repetition.get(group, {}).values()
    ]
    noisy = sum(share > NOISY for share in shares)
    said = "The machine was quiet" if noisy == 0 else f"NOISY: {noisy} of {len(shares)} runs had company"
    return (
        f"{said}: others took {median(shares):.1%} of the processors' time in the median run, "
        f"{max(shares):.1%} in the worst; a run counts as noisy above {NOISY:.0%}."
    )


def text(table: Table) -> str:
    widths = [max(map(len, column)) for column in zip(*table)]
    lines = ["  ".join(cell.ljust(width) for cell, width in zip(row, widths)).rstrip() for row in table]
    return "\n".join([lines[0], "  ".join("-" * width for width in widths), *lines[1:]])


def markdown(table: Table) -> str:
    lines = ["| " + " | ".join(row) + " |" for row in table]
    return "\n".join([lines[0], "|" + " --- |" * len(table[0]), *lines[1:]])


def print_all(results: dict[str, Any]) -> None:
    for _, table in clients(results):
        print(text(table), end="\n\n")
    for table in shop(results):
        print(text(table), end="\n\n")
    print(text(others(results)), end="\n\n")
    print(text(targets(results, every_repetition=True)), end="\n\n")
    print(noise(results))


def write_docs(results: dict[str, Any]) -> None:
    page = DOCS.read_text()
    before, begin, rest = page.partition(BEGIN)
    _, end, after = rest.partition(END)
    if not begin or not end:
        sys.exit(f"{DOCS.name} has no markers for the figures")
    described = results["machine"]
    parts = [
        (
            f"{results['date']}, {len(results['repetitions'])} repetitions. {described['processor']}; "
            f"{described['system']}; {described['versions']}. {noise(results)}"
        ),
        markdown(targets(results, every_repetition=False)),
        "Medians, for each request:",
        *(markdown(table) for _, table in clients(results)),
        *(markdown(table) for table in shop(results)),
        markdown(others(results)),
    ]
    DOCS.write_text(f"{before}{BEGIN}\n\n" + "\n\n".join(parts) + f"\n\n{END}{after}")
    _write_promises(results)


def _write_promises(results: dict[str, Any]) -> None:
    found = next(each for each in results["repetitions"] if "growth" in each)
    added = ", ".join(
        f"{name.removeprefix('hooks, ')} {found[name]['order: ours']['added_us']:,.0f} and "
        f"{found[name]['order: ours']['added_p99_us']:,.0f} µs"
        for name in found
        if name.startswith("hooks, ")
    )
    few, many = sorted(found["growth"], key=int)
    worst = max(found["growth"][many][what] / before for what, before in found["growth"][few].items())
    rows = {
        "added to a request, median and p99": f"an order, {added}",
        "10,000 against 1,000,000 settled rows": f"at most {worst:.2f} times, of all that was measured",
    }
    page = PROMISES.read_text()
    for what, told in rows.items():
        row = f"| {what} | `make bench` | {results['date']}: {told} |"
        page, count = re.subn(rf"^\| {re.escape(what)} \|.*$", row, page, flags=re.MULTILINE)
        if count != 1:
            sys.exit(f"{PROMISES.name} has no row for: {what}")
    PROMISES.write_text(page)
