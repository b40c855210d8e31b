"""What goes into a courier and what comes back, typed. Import it from :mod:`gameball_referrals.courier`."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Literal

Operation = Literal["createCustomer", "trackOrder", "deleteCustomer", "getCustomer"]
"""What a delivery does; Gameball's ``operationId``. ``getCustomer`` fetches a profile, for the verdict's answer."""

Bucket = Literal["createCustomer", "getCustomer", "trackOrder", "other"]
"""The calls that share one limit."""

Outcome = Literal["applied", "continue", "retry", "hold", "dead", "unsent"]
"""What came of sending a delivery.

- ``applied``: its goal is reached; it is settled.
- ``continue``: this call did its part, and another one is due (store ``progress``).
- ``retry``: due again after ``due_in``.
- ``hold``: nothing of this account can succeed until its operator acts; the ledger knows, the delivery stays due.
- ``dead``: can never succeed as it stands; keep it, show it, let it be replayed.
- ``unsent``: nothing was sent, since the slot had expired; due at once, free.
"""

ReceiptStatus = Literal["linked", "already_referred", "rejected", "lost", "unverified"]
"""What became of a referral."""

Blocked = Literal["limit", "paused", "breaker", "hold"]
"""Why nothing may be sent: the limit is used up, Gameball asks to wait (429), is down, or refuses the account."""


@dataclass(frozen=True)
class Slot:
    """Leave to send, from :meth:`Courier.plan` or :meth:`Courier.reserve`: for a moment, in the process that got it."""

    expires_at: float
    """When it ends, by ``time.monotonic()``."""
    watched: bool = True
    """Whether the ledger wants to hear of a success, too."""
    probe: bool = False
    """Whether this call finds out if Gameball is back: its failure costs no attempt."""


@dataclass(frozen=True)
class Delivery:
    """One outgoing call, as the host has it in its database. The ``repr`` shows nothing personal."""

    id: int
    operation: Operation | str
    arguments: str = field(repr=False)
    """The canonical JSON of :attr:`Prepared.arguments`."""
    progress: str | None = field(default=None, repr=False)
    """What the latest verdict said to store."""
    attempts: int = 0
    """How many verdicts before cost an attempt."""
    registered_at: datetime | None = None
    """When the referred customer registered; with the referral window it makes the deadline."""
    referrer_code: str | None = field(default=None, repr=False)
    """The referral's code, if the delivery is about a referred customer."""
    receipt: ReceiptStatus | str | None = None
    """The referral's receipt so far, for orders: it tells whether the code still has to ride along."""
    slot: Slot | None = None
    """The plan's slot. Without one the delivery is sent at once."""


@dataclass(frozen=True)
class Receipt:
    """Proof of a referral, given with the verdict that settles its delivery."""

    status: ReceiptStatus
    reason: str
    """A key of :func:`reasons`."""
    late_by: timedelta | None
    """How long after the referral window Gameball took the registration, for ``late``."""


@dataclass(frozen=True)
class CallReport:
    """The one call that was made."""

    operation: str
    bucket: Bucket
    duration: timedelta
    status: int | None
    """HTTP status, if an answer came."""
    gameball_code: int | None
    request_id: str | None
    """Gameball's id of a request that it refused."""
    kind: str | None
    """The error's kind (:attr:`GameballError.kind`), None if all went well."""
    message: str | None
    """What failed and what to do; without keys and personal data."""


@dataclass(frozen=True)
class Answer:
    """What Gameball told of the customer."""

    gameball_id: int | None
    referral_code: str | None
    """The customer's own code."""
    referral_link: str | None


@dataclass(frozen=True)
class Verdict:
    """What came of sending a delivery."""

    id: int
    outcome: Outcome
    reason: str | None
    """Why, as a key of :func:`reasons`; None where the outcome says it all."""
    progress: str | None = field(repr=False)
    """To be stored and given back with the next try; opaque. None: forget what was stored."""
    next_bucket: Bucket | None
    """The limit to which the delivery's next call counts; None once it is settled."""
    due_in: timedelta
    """For ``continue``, ``retry``, ``hold`` and ``unsent``: when it is due again."""
    costs_attempt: bool
    """Whether to count an attempt."""
    acknowledged: bool
    """Whether the customer (or the order) is known to exist at Gameball from this call on."""
    receipt: Receipt | None
    """The referral's receipt; only with ``applied`` and ``dead``. None: it stays as it is."""
    call: CallReport | None
    answer: Answer | None = field(repr=False)
    ledger_event: str | None = field(repr=False)
    """For :meth:`Courier.record`; opaque."""
    needs_record: bool
    """Whether the ledger has to hear of it. A plain success need not be recorded."""

    @property
    def settled(self) -> bool:
        """Whether the delivery is over."""
        return self.outcome in ("applied", "dead")


@dataclass(frozen=True)
class Candidate:
    """A delivery that waits or is in flight, as :meth:`Courier.plan` needs to know it."""

    id: int
    lane: str = field(repr=False)
    """The customer's id. One delivery of a lane is sent at a time, oldest first."""
    operation: Operation | str
    due_at: datetime
    progress: str | None = field(default=None, repr=False)
    referred: bool = False
    deadline_at: datetime | None = None
    in_flight: bool = False


@dataclass(frozen=True)
class Plan:
    """What may be sent now."""

    ledger: str = field(repr=False)
    """The ledger to store before anything is sent."""
    take: list[int]
    """Ids of the deliveries to send, most urgent first."""
    slot: Slot
    """Goes with each of them."""
    expires_in: float
    """Seconds for which the slot was good at ``now``."""
    next_at: datetime | None
    """When to plan again if nothing happens before; None: when there is something new."""
    blocked: Blocked | None
    """Why something that is due was left, the gravest reason first; None if nothing was, or only for lack of room."""


@dataclass(frozen=True)
class Reservation:
    """Slots for calls that are no deliveries, such as those of a batch."""

    ledger: str = field(repr=False)
    granted: dict[str, int]
    """Calls that may be made now, by bucket."""
    slot: Slot
    expires_in: float
    next_at: datetime | None
    """When more may be had of what was not granted."""
    blocked: Blocked | None


@dataclass(frozen=True)
class BucketStatus:
    """The use of one limit, by the ledger."""

    used_short: int
    """Calls in the last second."""
    limit_short: int
    used_long: int
    """Calls in the last 30 seconds."""
    limit_long: int
    free_at: datetime
    """When the next call may be made, as far as the limits go."""
    paused_until: datetime | None
    """Gameball said 429: others use the account, too."""


@dataclass(frozen=True)
class BreakerStatus:
    """Whether Gameball is taken for reachable."""

    state: Literal["closed", "open", "half_open"]
    until: datetime | None
    """Open: when the next probe goes out. Half open: until when the probe's outcome is waited for."""
    failures: int
    """Failures in a row."""


@dataclass(frozen=True)
class Hold:
    """Calls that Gameball refuses for a reason of the account's."""

    bucket: Bucket
    kind: str
    """The error's kind, such as ``authentication``."""
    reason: str
    """A key of :func:`reasons`: what is wrong, and what to do."""
    status: int | None
    gameball_code: int | None
    since: datetime
    probe_at: datetime
    """When one call will try again; at once with other credentials."""
    credentials: str
    """The fingerprint under which it was refused."""


@dataclass(frozen=True)
class LedgerStatus:
    """The ledger for people to look at."""

    buckets: dict[str, BucketStatus]
    breaker: BreakerStatus
    holds: list[Hold]


@dataclass(frozen=True)
class Forecast:
    """What the allowed rate makes of the referred registrations that wait."""

    misses: int
    """How many will be sent after their deadline, or never, as things are."""
    late: int
    """How many are past their deadline already; not among the misses."""
    first_miss_at: datetime | None
    """The first deadline that will pass."""
    clears_at: datetime | None
    """When the last of them is sent; None: never, as things are."""
    blocked: Blocked | None
    """What stands in the way right now."""


@dataclass(frozen=True)
class ConnectionCheck:
    """The answer of *Test connection*."""

    ok: bool
    """Whether everything will work that needs these keys."""
    api_key: Literal["accepted", "refused", "unknown"]
    secret_key: Literal["accepted", "refused", "missing", "unknown"]
    reason: str
    """A key of :func:`reasons`."""
    message: str
    """What it means and what to do, in a plain sentence."""


@dataclass(frozen=True)
class Prepared:
    """A delivery ready to be inserted. The ``repr`` shows nothing personal."""

    operation: Operation
    customer_id: str = field(repr=False)
    """Its lane."""
    order_id: str | None
    arguments: str = field(repr=False)
    """Canonical JSON: the request's body as it will be sent."""
    dedupe_key: str = field(repr=False)
    """At most 190 characters, case-sensitive. A unique index on account and key keeps repetitions out."""
    priority: int
    """0 referred registration, 2 other registration, 3 order, 4 the rest: for an index on priority and deadline."""
    deadline_at: datetime | None
    """Until when Gameball links the referral."""
    dropped: list[str]
    """Paths of optional arguments that were malformed, and were left out."""
