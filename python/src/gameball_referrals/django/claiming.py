"""Takes deliveries to be sent: leases rows and reserves slots, in one short transaction.

What may leave is found out without a lock. It is leased and stored together with the ledger's next version, if the
ledger still has the version that was read: for then nobody has claimed anything meanwhile. So two senders never take
the same row, nor two rows of one customer, nor a slot twice; and who finds nothing disturbs nobody.
"""

from __future__ import annotations

import secrets
import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any, Final

from django.db import connections, transaction

from gameball_referrals import courier as couriers

from . import conf, failpoints
from .database import Clock, persistently, read_ledger, save_ledger
from .models import Delivery, Ledger, Referral

BUCKETS: Final = ("createCustomer", "getCustomer", "trackOrder", "other")
REFERRED: Final = 0
"""The priority of referred registrations."""
LEAD: Final = timedelta(milliseconds=20)
"""How long before a slot is free to begin to look for whom it is."""
SHALLOW: Final = 256
"""How deep to look, usually."""
DEEP: Final = 100_000
"""How deep to look now and then, for what waits behind very many that cannot go."""


@dataclass(frozen=True)
class Wanted:
    """What a sender looks for."""

    account: str
    room: int
    """Deliveries at most."""
    freed: Sequence[str] = ()
    """Customers of whom a delivery was settled lately: their next one may go."""
    depth: int = SHALLOW
    """How many of the most urgent deliveries to look at, of which all but the first of each customer's have to wait."""


@dataclass
class Claim:
    """What may be sent now, and when to look again."""

    rows: list[Delivery] = field(default_factory=list)
    """Leased to us until ``lease_until``, the most urgent first."""
    deliveries: list[couriers.Delivery] = field(default_factory=list)
    """The same for the courier."""
    look_again_at: float | None = None
    """By ``time.monotonic()``; None: when something happens."""
    limited: bool = False
    """Whether a rate limit is used up for now."""
    still_free: set[str] = field(default_factory=set)
    """Customers of ``freed`` whose next delivery had to wait."""


def next_due(using: str, account: str, after: datetime | None = None) -> datetime | None:
    """Return when the first waiting delivery is (or was) due, or the first after a time; one step in an index."""
    waiting = Delivery.objects.using(using).filter(account_id=account, state=Delivery.State.PENDING)
    if after is not None:
        waiting = waiting.filter(due_at__gt=after)
    return waiting.order_by("due_at").values_list("due_at", flat=True).first()


def take_over(using: str, account: str, clock: Clock) -> int:
    """Have deliveries of senders that died wait again, and return how many there were.

    Nobody sends them any more: a call ends before its lease does (``conf.py`` sees to it).
    """
    abandoned = Delivery.objects.using(using).filter(
        account_id=account, state=Delivery.State.IN_FLIGHT, lease_until__lt=clock(using)
    )
    if not abandoned.exists():
        return 0
    # The token goes with the lease: whoever comes back from the dead settles nothing.
    return persistently(using, lambda: abandoned.update(state=Delivery.State.PENDING, lease_token="", lease_until=None))


def claim(using: str, courier: couriers.Courier, wanted: Wanted, clock: Clock) -> Claim:
    """Lease deliveries whose calls may leave now."""
    while True:
        try:
            return persistently(using, lambda: _claim(using, courier, wanted, clock))
        except _OutrunError:
            pass


class _OutrunError(Exception):
    """Another sender has claimed since the ledger was read."""


def _claim(using: str, courier: couriers.Courier, wanted: Wanted, clock: Clock) -> Claim:
    ledger = read_ledger(using, wanted.account)
    read_at = time.monotonic()
    now = clock(using)
    limits = courier.status(ledger.state, now).buckets
    free = [bucket for bucket in BUCKETS if limits[bucket].free_at <= now + LEAD]
    found = heads(using, wanted, free, now)
    referrals = _referrals(using, wanted.account, found.values())
    plan = courier.plan(ledger.state, now, map(_candidate, found.values()), wanted.room)
    if not plan.take and plan.blocked == "limit" and plan.next_at is not None and plan.next_at <= now + LEAD:
        # Who goes next is known, and may go in a moment.
        time.sleep(max((plan.next_at - now).total_seconds() - (time.monotonic() - read_at), 0.0))
        present = now + timedelta(seconds=time.monotonic() - read_at)
        plan = courier.plan(ledger.state, present, map(_candidate, found.values()), wanted.room)
    wake_at = [limits[bucket].free_at for bucket in BUCKETS if bucket not in free]
    if plan.next_at is not None:
        wake_at.append(plan.next_at)
    claimed = Claim(limited=len(free) < len(BUCKETS) or plan.blocked == "limit")
    if plan.take:
        _take(using, claimed, [found[pk] for pk in plan.take], referrals, ledger, courier, now, read_at)
        if len(claimed.rows) < len(plan.take):
            # Somebody else holds those, for as long as a transaction takes.
            wake_at.append(now + timedelta(milliseconds=50))
    taken = {row.pk for row in claimed.rows}
    claimed.still_free = {row.customer_id for row in found.values() if row.pk not in taken}.intersection(wanted.freed)
    if wake_at:
        claimed.look_again_at = read_at + max((min(wake_at) - now - LEAD).total_seconds(), 0.001)
    return claimed


def _take(
    using: str,
    claimed: Claim,
    chosen: list[Delivery],
    referrals: dict[str, Referral],
    ledger: Ledger,
    courier: couriers.Courier,
    now: datetime,
    read_at: float,
) -> None:
    """Lease rows and store the ledger, both or none."""
    failpoints.reached("claim.begin")
    # Durable: what is sent must be known as sent, whoever's transaction this is called in.
    with transaction.atomic(using=using, durable=True):
        rows = _lease(using, chosen, now)
        if not rows:
            return
        # A slot is good for a moment. So it is taken last, when there is nothing more to do but to store it.
        began = time.monotonic()
        now += timedelta(seconds=began - read_at)
        plan = courier.plan(ledger.state, now, map(_candidate, rows), len(rows))
        rows = _keep(using, rows, plan.take)
        if not save_ledger(using, ledger, plan.ledger, now):
            raise _OutrunError
        failpoints.reached("claim.leased")
    failpoints.reached("claim.committed")
    slot = replace(plan.slot, expires_at=began + plan.expires_in)
    claimed.rows = rows
    claimed.deliveries = [_for_courier(row, referrals.get(row.customer_id), slot) for row in rows]


# Statistics are old or missing just when much is waiting, and must not matter: what is most urgent is walked to along
# an index, before anything else is asked of it, and a customer's rows are not looked for by their state (IS TRUE).
_HEADS: Final = """
SELECT * FROM (
    SELECT d.* FROM (
        SELECT * FROM {table} WHERE account_id = %s AND {condition} AND due_at <= %s
        ORDER BY {order} LIMIT %s
    ) d
    WHERE (
        SELECT o.id FROM {table} o
        WHERE o.account_id = d.account_id AND o.customer_id = d.customer_id AND (o.state = 'in_flight') IS TRUE
        LIMIT 1
    ) IS NULL
    AND (
        SELECT o.id FROM {table} o
        WHERE o.account_id = d.account_id AND o.customer_id = d.customer_id AND (o.state = 'pending') IS TRUE
        AND o.id < d.id LIMIT 1
    ) IS NULL
    ORDER BY {order} LIMIT %s
) {alias}
"""


def heads(using: str, wanted: Wanted, buckets: Iterable[str], now: datetime) -> dict[int, Delivery]:
    """Find what is due and most urgent: the first deliveries of customers of whom nothing is in flight.

    It is one statement, and costs the same however many deliveries are settled.
    """
    statement, parameters = heads_statement(using, wanted, buckets, now)
    if not statement:
        return {}
    return {row.pk: row for row in Delivery.objects.using(using).raw(statement, parameters)}


def heads_statement(using: str, wanted: Wanted, buckets: Iterable[str], now: datetime) -> tuple[str, list[Any]]:
    """Return the statement of :func:`heads`, and its parameters."""
    operations = connections[using].ops
    table = operations.quote_name(Delivery._meta.db_table)
    present = operations.adapt_datetimefield_value(now)
    parts: list[str] = []
    parameters: list[Any] = []

    def add(condition: str, *conditioned: Any, order: str = "priority, deadline_at") -> None:
        parts.append(_HEADS.format(table=table, condition=condition, order=order, alias=f"part{len(parts)}"))
        parameters.extend([wanted.account, *conditioned, present, wanted.depth, wanted.room])

    for bucket in buckets:
        if bucket == "createCustomer":
            # Referrals that can still be linked come before those that are late, however many these are.
            in_time = f"state = 'pending' AND bucket = %s AND priority = {REFERRED} AND deadline_at > %s"
            add(in_time, bucket, present, order="deadline_at")
        add("state = 'pending' AND bucket = %s", bucket)
    if wanted.freed:
        names = ", ".join(["%s"] * len(wanted.freed))
        add(f"customer_id IN ({names}) AND (state = 'pending') IS TRUE", *wanted.freed)
    return "UNION ALL".join(parts), parameters


def _candidate(row: Delivery) -> couriers.Candidate:
    referred = row.priority == REFERRED
    return couriers.Candidate(
        id=row.pk,
        lane=row.customer_id,
        operation=row.operation,
        due_at=row.due_at,
        progress=row.progress or None,
        referred=referred,
        deadline_at=row.deadline_at,
    )


def _lease(using: str, rows: list[Delivery], now: datetime) -> list[Delivery]:
    """Mark rows as ours, and return those that are."""
    if not rows:
        return []
    lease: dict[str, Any] = {
        "state": Delivery.State.IN_FLIGHT,
        "lease_token": secrets.token_hex(16),
        "lease_until": now + timedelta(seconds=conf.get().LEASE),
    }
    deliveries = Delivery.objects.using(using)
    waiting = deliveries.filter(pk__in=[row.pk for row in rows], state=Delivery.State.PENDING)
    features = connections[using].features
    if features.has_select_for_update:
        # Who looks at a row in a long transaction of their own must not hold up everybody's deliveries.
        locked = waiting.select_for_update(skip_locked=features.has_select_for_update_skip_locked)
        ours = set(locked.values_list("pk", flat=True))
        if ours:
            deliveries.filter(pk__in=ours).update(**lease)
    else:
        # SQLite: a writer may wait for its turn, a reader who becomes a writer may not. So it writes first.
        waiting.update(**lease)
        ours = set(deliveries.filter(pk__in=[row.pk for row in rows], **lease).values_list("pk", flat=True))
    rows = [row for row in rows if row.pk in ours]
    for row in rows:
        for name, value in lease.items():
            setattr(row, name, value)
    return rows


def _keep(using: str, rows: list[Delivery], ids: list[int]) -> list[Delivery]:
    """Undo those leases of this transaction that got no slot."""
    if len(ids) == len(rows):
        return rows
    without = [row.pk for row in rows if row.pk not in ids]
    Delivery.objects.using(using).filter(pk__in=without).update(
        state=Delivery.State.PENDING, lease_token="", lease_until=None
    )
    return [row for row in rows if row.pk in ids]


def _referrals(using: str, account: str, rows: Iterable[Delivery]) -> dict[str, Referral]:
    """Return the referrals that registrations and orders are about, by customer."""
    customers = {row.customer_id for row in rows if row.operation in ("createCustomer", "trackOrder")}
    if not customers:
        return {}
    mine = Referral.objects.using(using).filter(account_id=account, customer_id__in=customers)
    return {referral.customer_id: referral for referral in mine}


def _for_courier(row: Delivery, referral: Referral | None, slot: couriers.Slot) -> couriers.Delivery:
    return couriers.Delivery(
        id=row.pk,
        operation=row.operation,
        arguments=row.arguments,
        progress=row.progress or None,
        attempts=row.attempts,
        registered_at=referral.registered_at if referral else None,
        referrer_code=referral.referrer_code if referral else None,
        receipt=(referral.receipt or None) if referral else None,
        slot=slot,
    )
