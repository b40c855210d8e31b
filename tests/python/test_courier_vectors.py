"""The vectors of deliveries, receipts, ledgers, lanes, rows and evidence, replayed through the Python package."""

from __future__ import annotations

import dataclasses
import json
import random
import time
from datetime import datetime, timedelta, timezone
from typing import TYPE_CHECKING, Any

import pytest
from gameball_referrals import GameballError
from gameball_referrals.courier import (
    AccountRecord,
    CallRecord,
    Candidate,
    Courier,
    Delivery,
    DeliveryRecord,
    Forecast,
    QueueRecord,
    ReferralRecord,
    Slot,
    Verdict,
    alerts,
    evidence,
    guest_customer_id,
    key_environment,
    prepare,
    reasons,
    waiting,
    words,
)
from gameball_referrals.evidence import Clause, Moment, Text
from support import cases, snake

if TYPE_CHECKING:
    from collections.abc import Iterator

    from gameball_referrals.testing import Emulator

EPOCH = datetime(1970, 1, 1, tzinfo=timezone.utc)
MILLISECOND = timedelta(milliseconds=1)
REPLAYED = {"deliveries", "receipts", "ledger", "lanes", "prepare", "evidence"}
UNTOLD = {
    "outcome": None,
    "reason": None,
    "nextBucket": None,
    "dueInMs": [0, 0],
    "costsAttempt": False,
    "acknowledged": False,
    "receipt": None,
    "answer": None,
    "event": None,
}
"""What a vector leaves out of a verdict."""


@pytest.fixture
def courier(emulator: Emulator) -> Iterator[Courier]:
    with Courier(emulator.api_key, emulator.secret_key, base_url=emulator.url) as courier:
        yield courier


def at(millis: int) -> datetime:
    return EPOCH + millis * MILLISECOND


def wire(value: Any) -> Any:
    """Write out what the package returns as the vectors do: camelCase, times and durations in milliseconds."""
    if isinstance(value, datetime):
        return (value - EPOCH) // MILLISECOND
    if isinstance(value, timedelta):
        return value // MILLISECOND
    if dataclasses.is_dataclass(value):
        return {wire_name(each): wire(getattr(value, each.name)) for each in dataclasses.fields(value)}
    if isinstance(value, dict):
        return {key: wire(item) for key, item in value.items()}
    return [wire(item) for item in value] if isinstance(value, list) else value


def wire_name(field: dataclasses.Field[Any]) -> str:
    first, *others = field.name.split("_")
    unit = "Ms" if "datetime" in str(field.type) or "timedelta" in str(field.type) else ""
    return first + "".join(other.capitalize() for other in others) + unit


def delivery(given: dict[str, Any]) -> Delivery:
    ago = given.get("registeredAgoMs")
    slot = given.get("slot")
    return Delivery(
        id=7,
        operation=given["operation"],
        arguments=given.get("rawArguments") or json.dumps(given["arguments"], default=str),
        attempts=given.get("attempts", 0),
        registered_at=None if ago is None else datetime.now(timezone.utc) - ago * MILLISECOND,
        referrer_code=given.get("referrerCode"),
        receipt=given.get("receipt"),
        slot=slot
        and Slot(
            expires_at=time.monotonic() + slot["expiresInMs"] / 1000,
            watched=slot["watched"],
            probe=slot["probe"],
        ),
    )


def send(courier: Courier, emulator: Emulator, sent: Delivery, answer: dict[str, Any]) -> tuple[Delivery, Verdict]:
    """Send it, the emulator answering as told; return it as its host would have it afterwards."""
    emulator.clear_faults()
    emulator.control("inject", **answer)
    [verdict] = courier.deliver([sent])
    attempts = sent.attempts + verdict.costs_attempt
    return dataclasses.replace(sent, progress=verdict.progress, attempts=attempts), verdict


def is_within(number: int | None, span: list[int] | None) -> bool:
    if number is None or span is None:
        return number is None and span is None
    return span[0] <= number <= span[1]


def is_receipt(got: dict[str, Any] | None, wanted: dict[str, Any] | None) -> bool:
    if got is None or wanted is None:
        return got is wanted is None
    same = (got["status"], got["reason"]) == (wanted["status"], wanted["reason"])
    return same and is_within(got["lateByMs"], wanted["lateByMs"])


@pytest.mark.parametrize("case", cases("deliveries"))
def test_deliveries(courier: Courier, emulator: Emulator, case: dict[str, Any]) -> None:
    row = delivery(case["input"])
    for call in case["calls"]:
        emulator.reset()
        row, verdict = send(courier, emulator, row, call["answer"])
        requests = emulator.requests()
        if call["request"] is None:
            assert requests == []
        else:
            [request] = requests
            path = request["path"].replace("/api/v4.0/integrations/", "")
            line = " ".join([request["method"], "?".join(filter(None, (path, request["query"])))])
            assert line == call["request"]
            assert call.get("carriesCode") in (None, "referrerCode" in request["body"])
        got = wire(verdict)
        got["event"] = verdict.ledger_event and json.loads(verdict.ledger_event)["event"]
        for field, wanted in {**UNTOLD, **call["verdict"]}.items():
            if field == "receipt":
                assert is_receipt(got[field], wanted), got
            elif field == "dueInMs":
                assert is_within(got[field], wanted), got
            else:
                assert got[field] == wanted, field
        assert {verdict.reason, verdict.receipt and verdict.receipt.reason} <= {None, *reasons()}


@pytest.mark.parametrize("case", cases("receipts"))
def test_receipts(courier: Courier, emulator: Emulator, case: dict[str, Any]) -> None:
    row = delivery(case["input"])
    *answers, last = case["answers"]
    for answer in answers:
        row, verdict = send(courier, emulator, row, answer)
        assert not verdict.settled
        assert verdict.receipt is None
    row, verdict = send(courier, emulator, row, last)
    assert verdict.settled
    assert is_receipt(wire(verdict.receipt), case["output"])


class Ledgers:
    """The functions of a ledger, called as a sender calls them. Each of a vector's credentials is a courier's here."""

    def __init__(self, case: dict[str, Any], monkeypatch: pytest.MonkeyPatch) -> None:
        self.ledger: str | None = None
        self.divisor: int = case["input"].get("limitWindowsDivisor", 1)
        self.couriers: dict[str, Courier] = {}
        self.patch = monkeypatch

    def courier(self, credentials: str) -> Courier:
        if credentials not in self.couriers:
            key = credentials.replace(" ", "-")
            self.couriers[credentials] = Courier(key, limit_windows_divisor=self.divisor)
        return self.couriers[credentials]

    def call(self, function: str, given: dict[str, Any]) -> Any:
        self.ledger = given.get("ledger", self.ledger)
        now = at(given["nowMs"])
        courier = self.courier(given.get("credentials", "keys"))
        if function == "plan":
            candidates = [self.candidate(each) for each in given["candidates"]]
            return self.kept(courier.plan(self.ledger, now, candidates, given["room"]))
        if function == "reserve":
            return self.kept(courier.reserve(self.ledger, now, given["wanted"]))
        if function == "record":
            self.patch.setattr(random, "random", lambda: float(given["jitter"]))
            self.ledger = courier.record(self.ledger, now, [self.verdict(event) for event in given["events"]])
            return {}
        if function == "status":
            shown = wire(courier.status(self.ledger, now))
            for hold in shown["holds"]:
                [hold["credentials"]] = [
                    name for name, each in self.couriers.items() if each.credentials == hold["credentials"]
                ]
            return shown
        return wire(courier.forecast(self.ledger, now, [at(deadline) for deadline in given["deadlinesMs"]]))

    def kept(self, granted: Any) -> Any:
        self.ledger = granted.ledger
        told = wire(granted)
        # The slot's end is by this machine's clock.
        told["slot"] = {
            "expiresInMs": round(granted.expires_in * 1000),
            "watched": granted.slot.watched,
            "probe": granted.slot.probe,
        }
        return told

    def candidate(self, given: dict[str, Any]) -> Candidate:
        given = {snake(name): value for name, value in given.items()}
        deadline, due = given.pop("deadline_at_ms", None), given.pop("due_at_ms")
        return Candidate(**given, due_at=at(due), deadline_at=None if deadline is None else at(deadline))

    def verdict(self, event: dict[str, Any]) -> Verdict:
        if "credentials" in event:
            event = {**event, "credentials": self.courier(event["credentials"]).credentials}
        nothing = dict.fromkeys(each.name for each in dataclasses.fields(Verdict))
        return Verdict(**{**nothing, "ledger_event": json.dumps(event)})  # type: ignore[arg-type]


@pytest.mark.parametrize("case", [*cases("ledger"), *cases("lanes")])
def test_ledger(case: dict[str, Any], monkeypatch: pytest.MonkeyPatch) -> None:
    ledgers = Ledgers(case, monkeypatch)
    for step in case["input"]["steps"]:
        told = ledgers.call(step["call"], step["input"])
        for field, wanted in step.get("output", {}).items():
            assert told[field] == wanted, (step, told)


def python_names(value: Any) -> Any:
    if isinstance(value, list):
        return [python_names(item) for item in value]
    if isinstance(value, dict):
        names = ("custom", "extra")
        return {snake(name): item if name in names else python_names(item) for name, item in value.items()}
    return value


@pytest.mark.parametrize("case", cases("prepare"))
def test_prepare(case: dict[str, Any]) -> None:
    given = case["input"]
    if case["call"] == "guestCustomerId":
        assert guest_customer_id(given["email"]) == case["output"]
        return
    if case["call"] == "keyEnvironment":
        assert key_environment(given["apiKey"]) == case["output"]
        return
    asked = {"referrer_code": given.get("referrerCode"), "orders": given.get("orders", "first")}
    if "referralWindowMs" in given:
        asked["referral_window"] = given["referralWindowMs"] / 1000
    arguments = python_names(given["arguments"])
    if "error" in case:
        with pytest.raises(GameballError) as raised:
            prepare(given["operation"], arguments, now=at(given["nowMs"]), **asked)
        assert (raised.value.kind, raised.value.field) == (case["error"]["kind"], snake(case["error"]["field"]))
    else:
        prepared = wire(prepare(given["operation"], arguments, now=at(given["nowMs"]), **asked))
        wanted = {**case["output"], "dropped": [snake(path) for path in case["output"]["dropped"]]}
        assert prepared == wanted


def record(kind: Any, given: dict[str, Any]) -> Any:
    """Make a record of a vector's object, whose times and lengths of time end in ``Ms``."""
    values: dict[str, Any] = {}
    for name, value in given.items():
        if name == "lateByMs":
            values["late_by"] = value * MILLISECOND
        elif name.endswith("Ms"):
            values[snake(name[:-2])] = at(value)
        elif name == "history":
            values["history"] = [record(CallRecord, {"operation": "", **call}) for call in value]
        else:
            values[snake(name)] = value
    return kind(**values)


def queue(given: dict[str, Any]) -> QueueRecord:
    misses, first, blocked = (given.pop(name, None) for name in ("misses", "firstMissAtMs", "blocked"))
    forecast = Forecast(misses, 0, None if first is None else at(first), None, blocked) if misses else None
    return record(QueueRecord, {**given, "forecast": forecast})  # type: ignore[no-any-return]


def tells(got: Any, wanted: Any) -> bool:
    """Whether it is what a vector says: a text by its English, anything else by the fields that are there."""
    if isinstance(got, Text) and isinstance(wanted, str):
        return got.english == wanted == str(got)
    if isinstance(got, timedelta):
        return bool(wanted == {"as": "span", "ms": got // MILLISECOND})
    if isinstance(got, Moment):
        return bool(wanted == {"as": got.style, "ms": (got.at - EPOCH) // MILLISECOND})
    if isinstance(wanted, dict):
        if wanted.get("as") == "clause":
            return isinstance(got, Clause) and tells(got.text, wanted["text"])
        if wanted.get("as") == "text":
            return isinstance(got, Text) and tells(got, wanted["text"])
        if isinstance(got, dict):
            return all(tells(got[name], part) for name, part in wanted.items())
        return all(tells(told_of(got, name), part) for name, part in wanted.items())
    if isinstance(wanted, list):
        return len(got) == len(wanted) and all(map(tells, got, wanted))
    return bool(got == wanted)


def told_of(got: Any, name: str) -> Any:
    if name == "link":
        return got.link and {"kind": got.link, "id": got.id}
    if name.endswith("Ms"):
        return wire(getattr(got, snake(name[:-2])))
    return getattr(got, snake(name))


@pytest.mark.parametrize("case", cases("evidence"))
def test_evidence(case: dict[str, Any]) -> None:
    given = case["input"]
    account, now, ahead = record(AccountRecord, given["account"]), at(given["nowMs"]), given.get("ahead")
    found: Any
    if case["call"] == "evidence":
        referral = given["referral"] and record(ReferralRecord, given["referral"])
        deliveries = [record(DeliveryRecord, each) for each in given["deliveries"]]
        found = evidence(referral, deliveries, account, now, ahead=ahead)
    elif case["call"] == "waiting":
        found = waiting(record(DeliveryRecord, given["delivery"]), account, now, ahead=ahead)
    else:
        found = alerts(account, now, queue(given["backlog"]) if "backlog" in given else None)
    assert tells(found, case["output"]), found


def test_words_of_every_reason() -> None:
    told = words()
    assert set(told["reasons"]) == {*reasons(), "cancelled"}
    assert {template.key for template in told["templates"]} >= {
        reason["why"].key for reason in told["reasons"].values()
    }
