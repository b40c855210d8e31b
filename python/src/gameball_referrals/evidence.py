"""Why a friend did, or did not, count; why a delivery waits; what an account's operator has to do. No network.

The shop hands over its own rows (:class:`ReferralRecord`, :class:`DeliveryRecord`, :class:`AccountRecord`), the core
answers in sentences. A :class:`Text` is English as it is; an application in other languages translates its template
and fills in the parts.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Literal, Union

from . import _native
from ._delivery_text import from_millis, from_optional_millis, millis
from .deliveries import Blocked, Bucket, Forecast, ReceiptStatus

Tone = Literal["good", "bad", "warn", "wait", "quiet"]
"""What a step, a verdict or an alert means."""

DeliveryState = Literal["pending", "in_flight", "applied", "dead", "cancelled"]
"""Where a delivery stands: it waits, is being sent, is delivered, failed for good, or was cancelled by somebody."""

About = Literal["off", "keys_sealed", "keys_missing", "breaker", "hold", "paused", "misses", "no_sender", "failed"]
"""What an alert is about."""


# --- What the shop tells --------------------------------------------------------------------------------------


@dataclass(frozen=True)
class AccountRecord:
    """An account, and what its calls meet."""

    id: str = ""
    """Its name; an advice that is followed on its page has it."""
    enabled: bool = True
    keys: Literal["present", "missing", "sealed"] = "present"
    """``sealed``: there are keys, and they cannot be opened."""
    credentials: str | None = None
    """:attr:`Courier.credentials`: holds of other credentials hold nothing."""
    ledger: str | None = field(default=None, repr=False)
    sender_seen_at: datetime | None = None
    """When a sender last wrote the ledger, or was seen otherwise."""
    limit_windows_divisor: int = 1
    """For tests only, as at :class:`Courier`."""


@dataclass(frozen=True)
class ReferralRecord:
    """A friend's referral."""

    referrer_code: str = field(repr=False)
    registered_at: datetime
    deadline_at: datetime
    """Until when Gameball links it."""
    source: str = ""
    """How the code came: ``visit``, ``field``, ``state``; anything else: the shop gave it."""
    claimed_at: datetime | None = None
    guest: bool = False
    receipt: ReceiptStatus | str | None = None
    """None: it is on its way."""
    reason: str | None = None
    late_by: timedelta | None = None
    acknowledged_at: datetime | None = None
    """When Gameball took the registration."""
    settled_at: datetime | None = None


@dataclass(frozen=True)
class CallRecord:
    """One call that was made for a delivery: of :attr:`Verdict.call`, and when."""

    operation: str
    at: datetime | None = None
    """None: nobody knows any more."""
    outcome: str | None = None
    status: int | None = None
    gameball_code: int | None = None
    request_id: str | None = None
    kind: str | None = None
    """The error's; None: all went well."""


@dataclass(frozen=True)
class DeliveryRecord:
    """A delivery, as the shop has it."""

    id: int | str
    operation: str
    state: DeliveryState | str
    created_at: datetime
    due_at: datetime
    bucket: Bucket | str | None = None
    """:attr:`Verdict.next_bucket`; None: the operation's."""
    lease_until: datetime | None = None
    settled_at: datetime | None = None
    order_id: str | None = None
    error_kind: str | None = None
    """Of its last failure."""
    gameball_code: int | None = None
    request_id: str | None = None
    history: Iterable[CallRecord] = ()
    """Oldest first."""


@dataclass(frozen=True)
class QueueRecord:
    """What waits and what has failed."""

    forecast: Forecast | None = None
    """Of the referred registrations that wait; None: there are none."""
    due_since: datetime | None = None
    """Since when the first of those that wait has been due."""
    failed: int = 0
    failed_and_more: bool = False
    """Whether there are more of them than were counted."""


# --- What the core answers ------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Moment:
    """A time within a text."""

    at: datetime
    style: Literal["relative", "clock"]
    """``relative``: as seen from now ("in 20 seconds"); ``clock``: to the second, with the day where it isn't today."""


@dataclass(frozen=True)
class Clause:
    """A sentence within a text, to be said without its full stop."""

    text: Text


@dataclass(frozen=True)
class Template:
    """What a text is made of."""

    key: str
    """Stable."""
    template: str
    """English, with parts such as ``{code}``; where there is a ``plural``, for a ``{count}`` of one."""
    plural: str | None = None


@dataclass(frozen=True)
class Text(Template):
    """A sentence. As a string it is English, its times of the day in UTC."""

    parts: Mapping[str, Part] = field(default_factory=dict)
    """What goes into the template."""
    english: str = ""

    def __str__(self) -> str:
        return self.english


Part = Union[str, int, timedelta, Moment, Text, Clause]
"""What goes into a text: said as it is; a count; a length of time; a time; another text; another sentence."""


@dataclass(frozen=True)
class Advice:
    """What one can do."""

    text: Text
    link: Literal["account", "delivery"] | None = None
    """The page on which: the account's, or a delivery's."""
    id: int | str | None = None
    """Whose page: the record's ``id``."""


@dataclass(frozen=True)
class Step:
    """One dated fact."""

    at: datetime | None
    title: Text
    detail: Text | None
    tone: Tone
    request_id: str | None
    now: bool
    """The present state, rather than something that happened."""


@dataclass(frozen=True)
class Evidence:
    """The answer to *why did this friend (not) count?*."""

    verdict: Text
    why: Text
    tone: Tone
    steps: list[Step]
    advice: list[Advice]


@dataclass(frozen=True)
class Waiting:
    """What a delivery waits for."""

    title: Text
    """In a few words, which may stand within a sentence."""
    why: Text
    tone: Tone
    advice: list[Advice]


@dataclass(frozen=True)
class Alert:
    """What an account's operator has to know."""

    about: About
    title: Text
    briefly: Text
    """In a few words, for a badge."""
    why: Text
    tone: Tone
    advice: list[Advice]


def evidence(
    referral: ReferralRecord | None,
    deliveries: Iterable[DeliveryRecord],
    account: AccountRecord,
    now: datetime,
    *,
    ahead: int | None = None,
) -> Evidence:
    """Answer *why did this friend (not) count?* for one customer.

    Args:
        referral: the customer's, if there is one.
        deliveries: all of the customer's, oldest first.
        account: the customer's.
        now: the present.
        ahead: how many deliveries are sent before this customer's first waiting one, if that is known.

    """
    told = _ask(
        "evidence",
        account,
        now,
        referral=None if referral is None else _referral(referral),
        deliveries=[_delivery(one) for one in deliveries],
        ahead=ahead,
    )
    return Evidence(
        verdict=_text(told["verdict"]),
        why=_text(told["why"]),
        tone=told["tone"],
        steps=[_step(step) for step in told["steps"]],
        advice=_advice(told["advice"]),
    )


def waiting(
    delivery: DeliveryRecord, account: AccountRecord, now: datetime, *, ahead: int | None = None
) -> Waiting | None:
    """Tell what an unsettled delivery waits for, the first that applies; None if it is settled.

    Args:
        delivery: which.
        account: its.
        now: the present.
        ahead: how many deliveries are sent before it, if that is known.

    """
    told = _ask("waiting", account, now, delivery=_delivery(delivery), ahead=ahead)
    if told is None:
        return None
    return Waiting(_text(told["title"]), _text(told["why"]), told["tone"], _advice(told["advice"]))


def alerts(account: AccountRecord, now: datetime, queue: QueueRecord | None = None) -> list[Alert]:
    """Tell what an account's operator has to know and do, the gravest first.

    Args:
        account: which.
        now: the present.
        queue: its queue; without it only what stops calls is told.

    """
    told = _ask("alerts", account, now, backlog={} if queue is None else _backlog(queue))
    return [
        Alert(
            about=one["about"],
            title=_text(one["title"]),
            briefly=_text(one["briefly"]),
            why=_text(one["why"]),
            tone=one["tone"],
            advice=_advice(one["advice"]),
        )
        for one in told
    ]


def words() -> dict[str, Any]:
    """Return the core's words by its codes, for lists and filters, and every template, for translations.

    ``reasons`` (``why``, ``briefly``, ``advice``), ``receipts`` and ``states`` (``name``, ``tone``), ``errors``,
    ``codes``, ``operations``, ``calls``, ``buckets``, ``sources``; ``templates``, a list. Each word is a
    :class:`Template`; in ``advice`` a pair of it and whether it is followed on the account's page.
    """
    told = json.loads(_native.delivery("words", ""))
    reasons = {
        code: {
            "why": Template(**reason["why"]),
            "briefly": reason["briefly"] and Template(**reason["briefly"]),
            "advice": [(Template(**one["text"]), one["onAccount"]) for one in reason["advice"]],
        }
        for code, reason in told["reasons"].items()
    }
    named = {
        table: {
            code: {name: word if name == "tone" else Template(**word) for name, word in words.items()}
            for code, words in told[table].items()
        }
        for table in ("receipts", "states")
    }
    tables = ("errors", "codes", "operations", "calls", "buckets", "sources")
    plain = {table: {code: Template(**word) for code, word in told[table].items()} for table in tables}
    return {"reasons": reasons, **named, **plain, "templates": [Template(**one) for one in told["templates"]]}


# --- As JSON text ---------------------------------------------------------------------------------------------


def _ask(function: str, account: AccountRecord, now: datetime, **asked: Any) -> Any:
    given = {"account": _account(account), "nowMs": millis(now, "now"), **asked}
    return json.loads(_native.delivery(function, json.dumps(given)))


def _millis(at: datetime | None, name: str) -> int | None:
    return None if at is None else millis(at, name)


def _account(given: AccountRecord) -> dict[str, Any]:
    return {
        "id": given.id,
        "enabled": given.enabled,
        "keys": given.keys,
        "credentials": given.credentials,
        "ledger": given.ledger,
        "senderSeenAtMs": _millis(given.sender_seen_at, "account.sender_seen_at"),
        "limitWindowsDivisor": given.limit_windows_divisor,
    }


def _referral(given: ReferralRecord) -> dict[str, Any]:
    return {
        "referrerCode": given.referrer_code,
        "source": given.source,
        "claimedAtMs": _millis(given.claimed_at, "referral.claimed_at"),
        "registeredAtMs": millis(given.registered_at, "referral.registered_at"),
        "deadlineAtMs": millis(given.deadline_at, "referral.deadline_at"),
        "guest": given.guest,
        "receipt": given.receipt,
        "reason": given.reason,
        "lateByMs": None if given.late_by is None else given.late_by // timedelta(milliseconds=1),
        "acknowledgedAtMs": _millis(given.acknowledged_at, "referral.acknowledged_at"),
        "settledAtMs": _millis(given.settled_at, "referral.settled_at"),
    }


def _delivery(given: DeliveryRecord) -> dict[str, Any]:
    return {
        "id": given.id,
        "operation": given.operation,
        "state": given.state,
        "bucket": given.bucket,
        "createdAtMs": millis(given.created_at, "delivery.created_at"),
        "dueAtMs": millis(given.due_at, "delivery.due_at"),
        "leaseUntilMs": _millis(given.lease_until, "delivery.lease_until"),
        "settledAtMs": _millis(given.settled_at, "delivery.settled_at"),
        "orderId": given.order_id,
        "errorKind": given.error_kind,
        "gameballCode": given.gameball_code,
        "requestId": given.request_id,
        "history": [_call(call) for call in given.history],
    }


def _call(given: CallRecord) -> dict[str, Any]:
    return {
        "atMs": _millis(given.at, "delivery.history.at"),
        "operation": given.operation,
        "outcome": given.outcome,
        "status": given.status,
        "gameballCode": given.gameball_code,
        "requestId": given.request_id,
        "kind": given.kind,
    }


def _backlog(given: QueueRecord) -> dict[str, Any]:
    forecast = given.forecast
    blocked: Blocked | None = forecast.blocked if forecast else None
    return {
        "misses": forecast.misses if forecast else 0,
        "firstMissAtMs": _millis(forecast.first_miss_at, "queue.forecast.first_miss_at") if forecast else None,
        "blocked": blocked,
        "dueSinceMs": _millis(given.due_since, "queue.due_since"),
        "failed": given.failed,
        "failedAndMore": given.failed_and_more,
    }


def _step(told: dict[str, Any]) -> Step:
    return Step(
        at=from_optional_millis(told["atMs"]),
        title=_text(told["title"]),
        detail=told["detail"] and _text(told["detail"]),
        tone=told["tone"],
        request_id=told["requestId"],
        now=told["now"],
    )


def _advice(told: list[dict[str, Any]]) -> list[Advice]:
    return [
        Advice(_text(one["text"]), one["link"]["kind"], one["link"]["id"])
        if one["link"]
        else Advice(_text(one["text"]))
        for one in told
    ]


def _text(told: dict[str, Any]) -> Text:
    parts = {name: _part(part) for name, part in told.get("parts", {}).items()}
    return Text(told["key"], told["template"], told.get("plural"), parts, told["english"])


def _part(told: Any) -> Part:
    if not isinstance(told, dict):
        plain: str | int = told
        return plain
    if told["as"] == "span":
        return timedelta(milliseconds=told["ms"])
    if told["as"] in ("relative", "clock"):
        return Moment(from_millis(told["ms"]), told["as"])
    text = _text(told["text"])
    return Clause(text) if told["as"] == "clause" else text
