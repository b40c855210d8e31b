"""Plays histories and prints what came of them: ``python tests/durability --help``."""

from __future__ import annotations

import argparse
import json
import random
import shutil
import sys
import tempfile
import threading
import time
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from datetime import datetime, timezone
from pathlib import Path
from typing import Any

from databases import PostgresSource, Source, SqliteSource
from history import FAULTS, History, Outcome, failpoint_history, play

RESULTS = Path(__file__).resolve().parents[2] / "docs" / "durability-results.json"


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python tests/durability", description=__doc__)
    parser.add_argument("--kills", type=int, default=200, help="how many there shall be (default 200)")
    parser.add_argument("--each", type=int, default=25, help="kills in one history (default 25)")
    parser.add_argument("--jobs", type=int, default=3, help="histories that happen at the same time (default 3)")
    parser.add_argument("--database", choices=("sqlite", "postgres"), help="default: both in turn")
    parser.add_argument("--faults", choices=FAULTS, help="what the vendor does besides; default: drawn")
    parser.add_argument("--seed", type=int, help="replay the history of this seed, and no other")
    parser.add_argument("--keep", type=Path, metavar="FOLDER", help="keep the databases and the logs there")
    parser.add_argument("--write", action="store_true", help=f"put the figures into docs/{RESULTS.name}")
    return parser.parse_args()


def main() -> int:
    options = arguments()
    folder = options.keep or Path(tempfile.mkdtemp(prefix="durability-"))
    folder.mkdir(parents=True, exist_ok=True)
    sources: list[Source] = []
    if options.database != "postgres":
        sources.append(SqliteSource(folder))
    if options.database != "sqlite":
        sources.append(PostgresSource())
    began = time.monotonic()
    try:
        tried = Plays(options, sources, folder).all()
    finally:
        for source in sources:
            source.close()
        if not options.keep:
            shutil.rmtree(folder, ignore_errors=True)
    outcomes = [(name, outcome) for name, outcome in tried if outcome is not None]
    failed = len(outcomes) < len(tried) or any(outcome.losses for _, outcome in outcomes)
    figures = summary(outcomes, time.monotonic() - began)
    print(json.dumps(figures, indent=2))
    if options.write and not failed:
        RESULTS.write_text(json.dumps(figures, indent=2) + "\n")
    return int(failed)


class Plays:
    """The histories that are asked for, several at a time."""

    def __init__(self, options: argparse.Namespace, sources: list[Source], folder: Path) -> None:
        self._options = options
        self._sources = sources
        self._folder = folder
        self._dice = random.SystemRandom()
        self._lock = threading.Lock()

    def all(self) -> list[tuple[str, Outcome | None]]:
        """Play them; after a failure none is begun any more."""
        options = self._options
        fixed: dict[str, Any] = {"kills": options.each}
        if options.faults:
            fixed["faults"] = options.faults
        tried: list[tuple[str, Outcome | None]] = []
        with ThreadPoolExecutor(options.jobs) as pool:
            if options.seed is not None:
                history = History.drawn(options.seed, **fixed)
                running = {pool.submit(self._one, source, history) for source in self._sources}
                return [future.result() for future in running]
            running: set[Future[tuple[str, Outcome | None]]] = set()
            begun = 0
            # Each database dies at each failpoint, with both kinds of senders.
            waiting = [
                (source, failpoint_history(sender)) for source in self._sources for sender in ("thread", "worker")
            ]
            planned = sum(2 * len(history.failpoints) for _, history in waiting)
            while planned < options.kills:
                history = History.drawn(self._dice.randrange(1_000_000), **fixed)
                waiting.append((self._sources[begun % len(self._sources)], history))
                planned += options.each
                begun += 1
            while waiting or running:
                while waiting and len(running) < options.jobs:
                    running.add(pool.submit(self._one, *waiting.pop(0)))
                done, running = wait(running, return_when=FIRST_COMPLETED)
                tried += [future.result() for future in done]
                if any(outcome is None or outcome.losses for _, outcome in tried):
                    waiting.clear()
        return tried

    def _one(self, source: Source, history: History) -> tuple[str, Outcome | None]:
        folder = self._folder / f"{source.name}-{history.seed}-{history.sender}"
        folder.mkdir(parents=True, exist_ok=True)
        with self._lock:
            database = source.fresh(folder)
        outcome = None
        try:
            outcome = play(history, database, folder)
            told = str(outcome)
        except AssertionError as error:
            told = f"FAILED: {error}"
        finally:
            database.close()
        with self._lock:
            print(f"{source.name}, {history}\n  {told}", flush=True)
        return source.name, outcome


def summary(outcomes: list[tuple[str, Outcome]], seconds: float) -> dict[str, Any]:
    """Return the figures, by database."""
    by_database: dict[str, dict[str, int]] = {}
    for name, outcome in outcomes:
        totals = by_database.setdefault(name, {})
        for figure, value in outcome.figures.items():
            totals[figure] = totals.get(figure, 0) + value
    return {
        "date": datetime.now(timezone.utc).date().isoformat(),
        "kills": sum(totals["kills"] for totals in by_database.values()),
        "losses": sum(totals["losses"] for totals in by_database.values()),
        "minutes": round(seconds / 60, 1),
        "databases": dict(sorted(by_database.items())),
    }


if __name__ == "__main__":
    sys.exit(main())
