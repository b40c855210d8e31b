"""Whatever dies when, and whatever the vendor does: what was committed counts at Gameball, once and in order.

A bounded number of histories; ``make durability`` plays many more. A failure names its seed:
``python tests/durability --seed N --database …`` plays that history again.
"""

from __future__ import annotations

from pathlib import Path
from typing import Literal

import pytest
from databases import Source
from history import Faults, History, Outcome, failpoint_history, play

SEEDS = {"thread": 2026, "worker": 1121}


def played(history: History, source: Source, folder: Path) -> Outcome:
    database = source.fresh(folder)
    try:
        outcome = play(history, database, folder)
    finally:
        database.close()
    assert not outcome.losses, f"{source.name}, {history}: {outcome}"
    # A history in which nothing happened would prove nothing.
    found = outcome.judgement
    assert min(found.customers, found.orders, found.linked) > 0, f"{source.name}, {history}: {outcome}"
    return outcome


@pytest.mark.parametrize("sender", ["thread", "worker"])
def test_killed_at_random_moments(source: Source, sender: Literal["thread", "worker"], tmp_path: Path) -> None:
    history = History.drawn(
        SEEDS[sender], sender=sender, shops=2, workers=0 if sender == "thread" else 2, faults="none", kills=30
    )

    outcome = played(history, source, tmp_path)

    assert outcome.kills == 30


@pytest.mark.parametrize("sender", ["thread", "worker"])
def test_killed_at_every_commit_and_network_boundary(
    source: Source, sender: Literal["thread", "worker"], tmp_path: Path
) -> None:
    history = failpoint_history(sender)

    outcome = played(history, source, tmp_path)

    assert outcome.kills == 2 * len(history.failpoints)


@pytest.mark.parametrize("faults", ["resets", "slow", "errors"])
def test_killed_while_the_vendor_fails(source: Source, faults: Faults, tmp_path: Path) -> None:
    history = History.drawn(77, sender="worker", shops=1, workers=2, faults=faults, kills=12, pace=0.3)

    played(history, source, tmp_path)
