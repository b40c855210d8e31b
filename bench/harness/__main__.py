"""Measures, prints the tables, writes results.json and, if asked to, docs/performance.md and docs/promises.md."""

from __future__ import annotations

import argparse
import json
import random
import sys
import time
from datetime import datetime, timezone
from typing import Any

import once
import report
from runs import BENCH, run
from table import GROUPS, PINNED

RESULTS = BENCH / "results.json"


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="bench/run", description="Measures the packages against other clients.")
    parser.add_argument("--quick", action="store_true", help="shows that everything runs; its figures mean little")
    parser.add_argument("--repetitions", type=int, help="default 5; with --quick 1")
    parser.add_argument("--no-instructions", action="store_true", help="leaves out valgrind, which takes a minute")
    parser.add_argument("--sizes", action="store_true", help="builds the native files without the emulator, in minutes")
    parser.add_argument("--write-docs", action="store_true", help="puts the figures into the guides")
    parser.add_argument("--again", action="store_true", help="measures nothing: takes results.json as it is")
    return parser.parse_args()


def measure(options: argparse.Namespace) -> dict[str, Any]:
    began = time.monotonic()
    seconds = 0.1 if options.quick else 0.6
    repetitions: list[dict[str, Any]] = []
    sizes = once.sizes(options.sizes)
    for number in range(options.repetitions or (1 if options.quick else 5)):
        print(f"\rrepetition {number + 1} …", end="", file=sys.stderr, flush=True)
        repetition: dict[str, Any] = {}
        for group, clients in random.sample(sorted(GROUPS.items()), len(GROUPS)):
            # Shuffled, so that nobody always runs after the same one.
            shuffled = random.sample(sorted(clients.items()), len(clients))
            repetition[group] = {
                name: run(command, shape, seconds, group in PINNED) for name, (command, shape) in shuffled
            }
        repetition["import"] = once.imports()
        repetition["memory"] = once.memory()
        if number == 0:
            # They come out the same every time, or have repetitions of their own.
            repetition["size"] = sizes
            repetition.update(once.hooks(40 if options.quick else 1500))
            repetition["growth"] = once.growth(*((1_000, 10_000, 1) if options.quick else (10_000, 1_000_000, 9)))
            counted = None if options.quick or options.no_instructions else once.instructions()
            if counted is not None:
                repetition["instructions"] = counted
        repetitions.append(repetition)
    print(f"\r{time.monotonic() - began:.0f} s\n", file=sys.stderr)
    return {
        "date": datetime.now(timezone.utc).date().isoformat(),
        "quick": options.quick,
        "machine": report.machine(),
        "emulator": sizes["Python"]["emulator"],
        "repetitions": repetitions,
    }


def main() -> None:
    options = arguments()
    if options.again:
        results = json.loads(RESULTS.read_text())
    else:
        results = measure(options)
        RESULTS.write_text(json.dumps(rounded(results), indent=1, ensure_ascii=False) + "\n")
    report.print_all(results)
    if options.write_docs:
        if results["quick"]:
            sys.exit("figures of a quick run are none for the docs")
        report.write_docs(results)


def rounded(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: rounded(inner) for name, inner in value.items()}
    if isinstance(value, list):
        return [rounded(inner) for inner in value]
    return round(value, 4) if isinstance(value, float) else value


main()
