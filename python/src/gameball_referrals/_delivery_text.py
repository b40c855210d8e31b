"""Deliveries, ledgers and verdicts as the JSON text in which they cross to the native module, and back."""

from __future__ import annotations

import json
import time
from collections.abc import Iterable
from datetime import datetime, timedelta, timezone
from typing import Any

from . import _native
from .deliveries import (
    Answer,
    BreakerStatus,
    BucketStatus,
    CallReport,
    Candidate,
    Delivery,
    Hold,
    LedgerStatus,
    Receipt,
    Slot,
    Verdict,
)
from .exceptions import InvalidArgumentError

_EPOCH = datetime(1970, 1, 1, tzinfo=timezone.utc)
_MILLISECOND = timedelta(milliseconds=1)


def pure(function: str, ledger: str | None, now: datetime, divisor: int, **asked: Any) -> Any:
    """Call one of the core's functions of a ledger, and return what it says."""
    given = {"ledger": ledger, "nowMs": millis(now, "now"), "limitWindowsDivisor": divisor, **asked}
    return json.loads(_native.delivery(function, json.dumps(given)))


def millis(at: object, field: str) -> int:
    """Return a time as Unix milliseconds; ``field`` names it in a refusal."""
    if not isinstance(at, datetime) or at.utcoffset() is None:
        raise InvalidArgumentError("must be a datetime with a time zone", field=field)
    return (at - _EPOCH) // _MILLISECOND


def from_millis(at: int) -> datetime:
    """Return the time in UTC."""
    return _EPOCH + at * _MILLISECOND


def from_optional_millis(at: int | None) -> datetime | None:
    """Return the time in UTC, if there is one."""
    return None if at is None else from_millis(at)


def slot(data: dict[str, Any], began: float) -> Slot:
    """Make the slot that was granted at ``began``, by ``time.monotonic()``."""
    return Slot(expires_at=began + data["expiresInMs"] / 1000, watched=data["watched"], probe=data["probe"])


def candidate(given: Candidate) -> dict[str, Any]:
    """Write out a candidate."""
    deadline_at = given.deadline_at
    return {
        "id": given.id,
        "lane": given.lane,
        "operation": given.operation,
        "progress": given.progress,
        "referred": given.referred,
        "deadlineAtMs": None if deadline_at is None else millis(deadline_at, "candidates.deadline_at"),
        "dueAtMs": millis(given.due_at, "candidates.due_at"),
        "inFlight": given.in_flight,
    }


def deliveries(given: Iterable[Delivery]) -> str:
    """Write out deliveries that are handed over right now."""
    now = time.monotonic()
    return json.dumps([_delivery(delivery, now) for delivery in given])


def _delivery(given: Delivery, now: float) -> dict[str, Any]:
    registered_at = given.registered_at
    return {
        "id": given.id,
        "operation": given.operation,
        "arguments": given.arguments,
        "progress": given.progress,
        "attempts": given.attempts,
        "registeredAtMs": None if registered_at is None else millis(registered_at, "deliveries.registered_at"),
        "referrerCode": given.referrer_code,
        "receipt": given.receipt,
        "slot": None if given.slot is None else _slot_left(given.slot, now),
    }


def _slot_left(given: Slot, now: float) -> dict[str, Any]:
    return {"expiresInMs": int((given.expires_at - now) * 1000), "watched": given.watched, "probe": given.probe}


def verdict(data: dict[str, Any]) -> Verdict:
    """Read a verdict."""
    return Verdict(
        id=data["id"],
        outcome=data["outcome"],
        reason=data["reason"],
        progress=data["progress"],
        next_bucket=data["nextBucket"],
        due_in=data["dueInMs"] * _MILLISECOND,
        costs_attempt=data["costsAttempt"],
        acknowledged=data["acknowledged"],
        receipt=data["receipt"] and _receipt(data["receipt"]),
        call=data["call"] and _call(data["call"]),
        answer=data["answer"] and _answer(data["answer"]),
        ledger_event=data["ledgerEvent"] and json.dumps(data["ledgerEvent"]),
        needs_record=data["needsRecord"],
    )


def _receipt(data: dict[str, Any]) -> Receipt:
    late_by = data["lateByMs"]
    return Receipt(
        status=data["status"],
        reason=data["reason"],
        late_by=None if late_by is None else late_by * _MILLISECOND,
    )


def _call(data: dict[str, Any]) -> CallReport:
    return CallReport(
        operation=data["operation"],
        bucket=data["bucket"],
        duration=data["durationMs"] * _MILLISECOND,
        status=data["status"],
        gameball_code=data["gameballCode"],
        request_id=data["requestId"],
        kind=data["kind"],
        message=data["message"],
    )


def _answer(data: dict[str, Any]) -> Answer:
    return Answer(
        gameball_id=data["gameballId"],
        referral_code=data["referralCode"],
        referral_link=data["referralLink"],
    )


def ledger_status(data: dict[str, Any]) -> LedgerStatus:
    """Read what a ledger shows."""
    breaker = data["breaker"]
    return LedgerStatus(
        buckets={name: _bucket_status(used) for name, used in data["buckets"].items()},
        breaker=BreakerStatus(
            state=breaker["state"], until=from_optional_millis(breaker["untilMs"]), failures=breaker["failures"]
        ),
        holds=[_hold(hold) for hold in data["holds"]],
    )


def _bucket_status(data: dict[str, Any]) -> BucketStatus:
    return BucketStatus(
        used_short=data["usedShort"],
        limit_short=data["limitShort"],
        used_long=data["usedLong"],
        limit_long=data["limitLong"],
        free_at=from_millis(data["freeAtMs"]),
        paused_until=from_optional_millis(data["pausedUntilMs"]),
    )


def _hold(data: dict[str, Any]) -> Hold:
    return Hold(
        bucket=data["bucket"],
        kind=data["kind"],
        reason=data["reason"],
        status=data["status"],
        gameball_code=data["gameballCode"],
        since=from_millis(data["sinceMs"]),
        probe_at=from_millis(data["probeAtMs"]),
        credentials=data["credentials"],
    )
