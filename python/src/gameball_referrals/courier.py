"""Sends deliveries: the outgoing calls that a shop has recorded in its own database.

The core decides, the host stores. A sender's round is:

1. read the account's ledger and the waiting deliveries, and :meth:`Courier.plan` what may be sent now;
2. store the ledger that comes back and mark what was taken as in flight, in the same transaction;
3. :meth:`Courier.submit` what was taken, each with the plan's slot;
4. wait for :meth:`Courier.verdicts`, settle each delivery by its verdict, and :meth:`Courier.record` in the
   ledger those that say so.

Exactly one request leaves per delivery handed over, and none without a slot that is still good.
"""

from __future__ import annotations

import json
import os
import random
import time
from collections.abc import Iterable, Mapping
from dataclasses import fields, is_dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any, Literal

from . import _defaults, _delivery_text, _gevent, _native
from ._base import BaseClient
from ._calls import arguments
from ._desk import Desk
from .deliveries import (
    Answer,
    Blocked,
    BreakerStatus,
    Bucket,
    BucketStatus,
    CallReport,
    Candidate,
    ConnectionCheck,
    Delivery,
    Forecast,
    Hold,
    LedgerStatus,
    Operation,
    Outcome,
    Plan,
    Prepared,
    Receipt,
    ReceiptStatus,
    Reservation,
    Slot,
    Verdict,
)
from .evidence import (
    AccountRecord,
    Alert,
    CallRecord,
    DeliveryRecord,
    Evidence,
    QueueRecord,
    ReferralRecord,
    Waiting,
    alerts,
    evidence,
    waiting,
    words,
)

if TYPE_CHECKING:
    from types import TracebackType

__all__ = [
    "AccountRecord",
    "Alert",
    "Answer",
    "Blocked",
    "BreakerStatus",
    "Bucket",
    "BucketStatus",
    "CallRecord",
    "CallReport",
    "Candidate",
    "ConnectionCheck",
    "Courier",
    "Delivery",
    "DeliveryRecord",
    "Evidence",
    "Forecast",
    "Hold",
    "LedgerStatus",
    "Operation",
    "Outcome",
    "Plan",
    "Prepared",
    "QueueRecord",
    "Receipt",
    "ReceiptStatus",
    "ReferralRecord",
    "Reservation",
    "Slot",
    "Verdict",
    "Waiting",
    "alerts",
    "evidence",
    "forecast",
    "guest_customer_id",
    "key_environment",
    "prepare",
    "reasons",
    "status",
    "waiting",
    "words",
]


class Courier(BaseClient):
    """Sends deliveries, and keeps an account's ledger.

    Cheap to use, not to build: make one an account and process, and share it between threads. It survives a fork: a
    child has nothing in flight. Nothing is opened before the first delivery. The options are those of
    :class:`~gameball_referrals.Client`, but for ``max_retries``: it is the delivery that is repeated.

    Args:
        api_key: the account's public key.
        secret_key: the private key ("transaction key"); orders and erasure need it, v4.1 always.
        base_url: where Gameball's API is.
        api_version: ``"v4.0"`` or ``"v4.1"``.
        high_security: whether the account's High Security Mode is on.
        timeout: seconds one call may take.
        allow_plain_http: whether the keys may travel unencrypted to other machines.
        concurrency: how many calls are under way at most; 1 to 1000.
        referral_window: seconds after a registration in which Gameball links a referral; at most a day.
        max_attempts: how many attempts make a delivery ``dead``; 1 to 1000.
        limit_windows_divisor: for tests only: shortens the limits' windows as the emulator's option of that name does.

    Raises:
        ConfigurationError: an option cannot work; ``field`` names it.

    """

    _native_class = _native.Courier

    def __init__(
        self,
        api_key: str,
        secret_key: str | None = None,
        *,
        base_url: str = _defaults.BASE_URL,
        api_version: str = _defaults.API_VERSION,
        high_security: bool = False,
        timeout: float = _defaults.TIMEOUT,
        allow_plain_http: bool = False,
        concurrency: int = _defaults.CONCURRENCY,
        referral_window: float = _defaults.REFERRAL_WINDOW,
        max_attempts: int = _defaults.MAX_ATTEMPTS,
        limit_windows_divisor: int = 1,
    ) -> None:
        try:
            self._native: Any = self._native_class(arguments(locals()))
        finally:
            # A traceback may be shown with its frames' variables; a URL may hold a password.
            del api_key, secret_key, base_url
        self._divisor = limit_windows_divisor
        self._concurrency = concurrency
        self._desks = {os.getpid(): Desk()}

    @property
    def credentials(self) -> str:
        """A fingerprint of keys, address and version; no secret."""
        return str(self._native.credentials)

    @property
    def concurrency(self) -> int:
        """How many calls are under way at most."""
        return self._concurrency

    @property
    def in_flight(self) -> int:
        """How many deliveries were submitted whose verdicts :meth:`verdicts` has not returned yet."""
        return self._here().in_flight

    def deliver(self, deliveries: Iterable[Delivery]) -> list[Verdict]:
        """Send deliveries and wait for all verdicts, which keep their order. No delivery makes it raise.

        Raises:
            ClosedError: the courier was closed.

        """
        text = _delivery_text.deliveries(deliveries)
        if _gevent.in_greenlet():
            answer = _gevent.wait(self._native.submit_deliver, text)
        else:
            answer = self._native.deliver(text)
        return [_delivery_text.verdict(verdict) for verdict in json.loads(answer)]

    def submit(self, deliveries: Iterable[Delivery]) -> None:
        """Start to send deliveries, and return at once; :meth:`verdicts` has what comes of each.

        Raises:
            ClosedError: the courier was closed.

        """
        text = _delivery_text.deliveries(deliveries)
        self._here().submit(self._native, text)

    def verdicts(self, timeout: float | None) -> list[Verdict]:
        """Wait for verdicts of submitted deliveries and return all that are there.

        Under gevent only the greenlet waits.

        Args:
            timeout: seconds to wait at most; None: until there are some, or until :meth:`wake`.

        Returns:
            The verdicts; none on a timeout or :meth:`wake`.

        """
        return self._here().wait(timeout)

    def wake(self) -> None:
        """Make :meth:`verdicts` return, now or when it is next called; from any thread, or a signal handler."""
        self._here().wake()

    def plan(self, ledger: str | None, now: datetime, candidates: Iterable[Candidate], room: int) -> Plan:
        """Decide which deliveries to send now, and reserve a slot for each.

        Args:
            ledger: the account's ledger as stored; empty or None at first.
            now: the present. Several machines must mean one clock by it: take the database's.
            candidates: what waits and what is in flight; for each lane at least its oldest unsettled delivery, due or
                not.
            room: how many may be taken at most.

        """
        slot_began = time.monotonic()
        plan = _delivery_text.pure(
            "plan",
            ledger,
            now,
            self._divisor,
            candidates=[_delivery_text.candidate(candidate) for candidate in candidates],
            room=max(room, 0),
            credentials=self.credentials,
        )
        return Plan(
            ledger=plan["ledger"],
            take=plan["take"],
            slot=_delivery_text.slot(plan["slot"], slot_began),
            expires_in=plan["slot"]["expiresInMs"] / 1000,
            next_at=_delivery_text.from_optional_millis(plan["nextAtMs"]),
            blocked=plan["blocked"],
        )

    def reserve(self, ledger: str | None, now: datetime, wanted: Mapping[str, int]) -> Reservation:
        """Reserve slots for calls that are no deliveries: as many of the wanted ones, by bucket, as may leave now."""
        slot_began = time.monotonic()
        reservation = _delivery_text.pure(
            "reserve", ledger, now, self._divisor, wanted=dict(wanted), credentials=self.credentials
        )
        return Reservation(
            ledger=reservation["ledger"],
            granted=reservation["granted"],
            slot=_delivery_text.slot(reservation["slot"], slot_began),
            expires_in=reservation["slot"]["expiresInMs"] / 1000,
            next_at=_delivery_text.from_optional_millis(reservation["nextAtMs"]),
            blocked=reservation["blocked"],
        )

    def record(self, ledger: str | None, now: datetime, verdicts: Iterable[Verdict]) -> str:
        """Tell the ledger what came of calls. Returns the ledger to store: the same text if nothing has changed."""
        events = [verdict.ledger_event for verdict in verdicts if verdict.ledger_event is not None]
        if not events and ledger:
            return ledger
        asked = {
            "ledger": ledger,
            "nowMs": _delivery_text.millis(now, "now"),
            "limitWindowsDivisor": self._divisor,
            "events": [json.loads(event) for event in events],
            "jitter": random.random(),  # noqa: S311 (nobody gains by guessing it)
        }
        return _native.delivery("record", json.dumps(asked))

    def status(self, ledger: str | None, now: datetime) -> LedgerStatus:
        """See :func:`status`."""
        return status(ledger, now, self._divisor)

    def forecast(self, ledger: str | None, now: datetime, deadlines: Iterable[datetime]) -> Forecast:
        """See :func:`forecast`."""
        return forecast(ledger, now, deadlines, self._divisor)

    def check(self) -> ConnectionCheck:
        """Find out with one or two calls whether the keys work. Nothing that Gameball answers makes it raise.

        Raises:
            ClosedError: the courier was closed.

        """
        answer = _gevent.wait(self._native.submit_check) if _gevent.in_greenlet() else self._native.check()
        found = json.loads(answer)
        return ConnectionCheck(
            ok=found["ok"],
            api_key=found["apiKey"],
            secret_key=found["secretKey"],
            reason=found["reason"],
            message=found["message"],
        )

    def close(self) -> None:
        """Refuse every later delivery. What is in flight may finish, and :meth:`verdicts` still has it."""
        self._native.close()

    def __enter__(self) -> Courier:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.close()

    def _here(self) -> Desk:
        pid = os.getpid()
        desk = self._desks.get(pid)
        if desk is None:
            # A forked child shares the socket with its parent, whose verdicts those are. Whichever thread comes first:
            # all get one desk, and no lock is needed, which might be inherited locked.
            desk = self._desks.setdefault(pid, Desk())
            for parent in [each for each in self._desks if each != pid]:
                self._desks.pop(parent, None)
        return desk


def status(
    ledger: str | None, now: datetime, limit_windows_divisor: int = 1, *, credentials: str | None = None
) -> LedgerStatus:
    """Show a ledger: the limits' use, the breaker, the holds.

    Args:
        ledger: as stored; empty or None is a new one.
        now: the present.
        limit_windows_divisor: for tests only, as at :class:`Courier`.
        credentials: :attr:`Courier.credentials`: holds of others, which these lift, are left out. None: all are shown.

    """
    told = _delivery_text.pure("status", ledger, now, limit_windows_divisor, credentials=credentials)
    return _delivery_text.ledger_status(told)


def forecast(
    ledger: str | None,
    now: datetime,
    deadlines: Iterable[datetime],
    limit_windows_divisor: int = 1,
    *,
    credentials: str | None = None,
) -> Forecast:
    """Tell what the allowed rate makes of the deadlines of the referred registrations that wait.

    Args:
        ledger: as stored; empty or None is a new one.
        now: the present.
        deadlines: of each referred registration that has not been sent.
        limit_windows_divisor: for tests only, as at :class:`Courier`.
        credentials: as at :func:`status`.

    """
    deadlines_ms = [_delivery_text.millis(deadline, "deadlines") for deadline in deadlines]
    seen = _delivery_text.pure(
        "forecast", ledger, now, limit_windows_divisor, deadlinesMs=deadlines_ms, credentials=credentials
    )
    return Forecast(
        misses=seen["misses"],
        late=seen["late"],
        first_miss_at=_delivery_text.from_optional_millis(seen["firstMissAtMs"]),
        clears_at=_delivery_text.from_optional_millis(seen["clearsAtMs"]),
        blocked=seen["blocked"],
    )


def prepare(
    operation: Operation,
    arguments: Mapping[str, Any],
    *,
    now: datetime,
    referrer_code: str | None = None,
    referral_window: float = _defaults.REFERRAL_WINDOW,
    orders: Literal["first", "all"] = "first",
) -> Prepared:
    """Check a call's arguments and make a delivery of them: in the request, without network, in microseconds.

    Optional arguments that are malformed (a bad phone number) are left out and named in ``dropped``, so that nothing is
    lost to them: all of a customer but the id; of an order what is no id, amount or date.

    Args:
        operation: what it does.
        arguments: those of :meth:`Client.create_customer`, :meth:`Client.track_order`, :meth:`Client.delete_customer`
            or :meth:`Client.get_customer`, by name.
        now: when it happens; with the referral window it makes the deadline.
        referrer_code: the code of whoever referred the customer.
        referral_window: seconds in which Gameball links a referral.
        orders: whether only a customer's first order is sent (the dedupe key decides which), or all.

    Raises:
        InvalidArgumentError: an id, an amount or a date is malformed; ``field`` names it.

    """
    given = dict(arguments)
    attributes = given.get("attributes")
    if is_dataclass(attributes):
        given["attributes"] = {each.name: getattr(attributes, each.name) for each in fields(attributes)}
    elif isinstance(attributes, Mapping):
        given["attributes"] = dict(attributes)
    made = json.loads(
        _native.prepare(
            operation, given, _delivery_text.millis(now, "now"), referrer_code, int(referral_window * 1000), orders
        )
    )
    return Prepared(
        operation=made["operation"],
        customer_id=made["customerId"],
        order_id=made["orderId"],
        arguments=made["arguments"],
        dedupe_key=made["dedupeKey"],
        priority=made["priority"],
        deadline_at=_delivery_text.from_optional_millis(made["deadlineAtMs"]),
        dropped=made["dropped"],
    )


def guest_customer_id(email: str) -> str:
    """Return the customer id of somebody who orders without an account: always the same for one e-mail address."""
    return str(json.loads(_native.delivery("guestCustomerId", json.dumps({"email": email}))))


def key_environment(api_key: str) -> Literal["test", "live", "unknown"]:
    """Tell from an API key's beginning whether it is for test or for live data."""
    environment: Literal["test", "live", "unknown"] = json.loads(
        _native.delivery("keyEnvironment", json.dumps({"apiKey": api_key}))
    )
    return environment


def reasons() -> dict[str, str]:
    """Return what each reason code means: an English sentence for support staff, by code."""
    sentences: dict[str, str] = json.loads(_native.delivery("reasons", ""))
    return sentences
