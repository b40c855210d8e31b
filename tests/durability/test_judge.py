"""The judge of the histories finds what is wrong: a verdict that cannot fail proves nothing."""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from databases import Database, SqliteSource
from history import CODES, History, Stage, play
from judge import Judgement, judge

State = dict[str, Any]


@pytest.fixture(scope="module")
def quiet(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Database, State]]:
    """A shop's database and the emulator's state after some visitors, with nobody killed."""
    folder = tmp_path_factory.mktemp("quiet")
    database = SqliteSource(folder).fresh(folder)
    stage = Stage(History.drawn(3, sender="worker", shops=1, workers=1, orders="all"), database, folder)
    try:
        shop = stage.start_shop(visitors=40)
        stage.start_worker()
        stage.wait_for_visitors(shop)
        stage.drain(60)
        yield database, stage.emulator.control("state")
    finally:
        stage.close()


def told(quiet: tuple[Database, State], change: Callable[[State], object]) -> Judgement:
    database, state = quiet
    changed = copy.deepcopy(state)
    change(changed)
    return judge(database, changed, codes=CODES, orders="all", faults=False)


def test_nothing_is_lost_where_nobody_dies(quiet: tuple[Database, State]) -> None:
    judgement = told(quiet, lambda state: None)

    assert judgement.losses == []
    assert min(judgement.customers, judgement.orders, judgement.linked) > 5


def _lost_customer(state: State) -> None:
    del state["customers"][-1]


def _lost_order(state: State) -> None:
    del state["orders"][3]


def _phantom_order(state: State) -> None:
    state["orders"].append({**state["orders"][0], "orderId": "nobody's"})


def _wrong_amount(state: State) -> None:
    state["orders"][0]["totalPaid"] = "0.01"


def _lost_referral(state: State) -> None:
    del state["referrals"][0]


def _wrong_referrer(state: State) -> None:
    state["referrals"][0]["referrer"] = "somebody-else"


def _overtaken(state: State) -> None:
    requests = state["requests"]
    order = next(index for index, request in enumerate(requests) if request["operation"] == "trackOrder")
    while "guest-" in requests[order]["body"]:
        order = next(i for i in range(order + 1, len(requests)) if requests[i]["operation"] == "trackOrder")
    requests.insert(0, requests.pop(order))


def _met_a_limit(state: State) -> None:
    state["requests"][0]["status"] = 429


def _in_flight_twice(state: State) -> None:
    state["counters"]["refusedInFlight"] = 1


@pytest.mark.parametrize(
    ("change", "loss"),
    [
        (_lost_customer, "unknown to Gameball"),
        (_lost_order, "is paid and unknown to Gameball"),
        (_phantom_order, "is no committed all order"),
        (_wrong_amount, "was sent as"),
        (_lost_referral, "the receipt says linked"),
        (_wrong_referrer, "the receipt says linked"),
        (_overtaken, "left before its customer"),
        (_met_a_limit, "met a limit"),
        (_in_flight_twice, "of the same customer (2001)"),
    ],
)
def test_it_finds_what_is_wrong(quiet: tuple[Database, State], change: Callable[[State], None], loss: str) -> None:
    judgement = told(quiet, change)

    assert any(loss in text for text in judgement.losses), judgement.losses


def test_it_finds_what_is_not_delivered(quiet: tuple[Database, State], tmp_path: Path) -> None:
    """A database that knows of more than was sent: the same, one visitor later."""
    database, state = quiet
    stage = Stage(History.drawn(4, sender="worker", shops=1, workers=1, orders="all"), database, tmp_path)
    try:
        stage.wait_for_visitors(stage.start_shop(visitors=5))
    finally:
        stage.close()

    judgement = judge(database, state, codes=CODES, orders="all", faults=False)

    assert any("is pending after 0 attempts" in text for text in judgement.losses), judgement.losses


def sabotaged(defect: str, failpoint: str, folder: Path) -> list[str]:
    """Play a history with a defect in the shop's processes. Returns its losses, or why it came to no end."""
    history = History.drawn(
        5, sender="worker", shops=1, workers=1, faults="none", sabotage=defect, failpoints=(failpoint,) * 5
    )
    try:
        return play(history, SqliteSource(folder).fresh(folder), folder, patience=15).losses
    except AssertionError as error:
        return [str(error)]


@pytest.mark.parametrize(
    ("defect", "failpoint", "loss"),
    [
        ("late_hook", "outbox.insert", "is committed and unknown to Gameball"),
        ("no_takeover", "send.submitted", "deliveries are still waiting"),
        ("no_lanes", "settle.begin", "left before its customer"),
    ],
)
def test_the_histories_find_a_safeguard_gone(defect: str, failpoint: str, loss: str, tmp_path: Path) -> None:
    losses = sabotaged(defect, failpoint, tmp_path)

    assert any(loss in text for text in losses), losses
