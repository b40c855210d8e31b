"""Stores what came of deliveries: their rows, their referrals' receipts, profiles and tallies, then the signals."""

from __future__ import annotations

import copy
import logging
import secrets
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta, timezone
from typing import Any, Final

from django.db import connections, transaction
from django.db.models import F, Model
from django.dispatch import Signal

from gameball_referrals import courier as couriers

from . import failpoints, signals
from .database import Clock, persistently, read_ledger, save_ledger
from .models import Account, Delivery, Profile, Receipt, Referral, Tally

logger = logging.getLogger(__name__)

BETTER: Final = (
    Receipt.PENDING,
    Receipt.UNVERIFIED,
    Receipt.LOST,
    Receipt.REJECTED,
    Receipt.ALREADY_REFERRED,
    Receipt.LINKED,
)
"""Receipts, the better the later. A receipt is only ever replaced by a better one."""

LONGEST_HISTORY: Final = 20

Entry = tuple[date, str]
"""A tally's day and what it counts."""


@dataclass
class Settled:
    """What a transaction has stored, for those who listen."""

    deliveries: list[Delivery] = field(default_factory=list)
    referrals: list[Referral] = field(default_factory=list)


def record(
    using: str, account: Account, courier: couriers.Courier, verdicts: Sequence[couriers.Verdict], clock: Clock
) -> None:
    """Tell the ledger of failures, before anything else is sent."""
    news = [verdict for verdict in verdicts if verdict.needs_record]
    if not news:
        return

    def work() -> list[couriers.Hold]:
        while True:
            ledger = read_ledger(using, account.pk)
            now = clock(using)
            before, state = ledger.state, courier.record(ledger.state, now, news)
            if state == before:
                return []
            with transaction.atomic(using=using, durable=True):
                if not save_ledger(using, ledger, state, now):
                    continue
                failpoints.reached("record.saved")
            held = {(hold.bucket, hold.since) for hold in courier.status(before, now).holds}
            return [hold for hold in courier.status(state, now).holds if (hold.bucket, hold.since) not in held]

    holds = persistently(using, work)
    failpoints.reached("record.committed")
    for hold in holds:
        logger.warning(
            "Gameball refuses %s calls of the account %r (%s). Deliveries wait; what to do is on the dashboard.",
            hold.bucket,
            account.pk,
            hold.reason,
        )
        _send(signals.account_held, Account, account=account, hold=hold)


def settle(
    using: str,
    account: str,
    verdicts: Iterable[tuple[Delivery, couriers.Verdict]],
    clock: Clock,
) -> Settled:
    """Store what came of deliveries that were leased to us.

    Whoever has lost a lease changes nothing.
    """
    batch = sorted(verdicts, key=lambda entry: entry[0].pk)
    failpoints.reached("settle.begin")
    settled = persistently(using, lambda: _settle(using, account, batch, clock))
    failpoints.reached("settle.committed")
    for delivery in settled.deliveries:
        _send(signals.delivery_settled, Delivery, delivery=delivery)
    for referral in settled.referrals:
        _send(signals.referral_settled, Referral, referral=referral)
    return settled


def give_back(using: str, rows: Iterable[Delivery], clock: Clock, wait: timedelta, *, attempts: int = 0) -> None:
    """Have deliveries wait again that were leased to us, where a defect of this package left them without a verdict."""
    now = clock(using)
    for row in rows:
        leased = Delivery.objects.using(using).filter(
            pk=row.pk, lease_token=row.lease_token, state=Delivery.State.IN_FLIGHT
        )
        leased.update(
            state=Delivery.State.PENDING,
            lease_token="",
            lease_until=None,
            due_at=now + wait,
            attempts=F("attempts") + attempts,
            error_kind="internal",
            error_message="An error of this package; the sender's log tells more.",
        )


def _settle(
    using: str,
    account: str,
    batch: Sequence[tuple[Delivery, couriers.Verdict]],
    clock: Clock,
) -> Settled:
    tallies: Counter[Entry] = Counter()
    with transaction.atomic(using=using, durable=True):
        now = clock(using)
        ours = _store(using, batch, now)
        failpoints.reached("settle.updated")
        settled = Settled()
        for row, verdict in ours:
            if verdict.settled and row.operation != "getCustomer":
                tallies[day(now), verdict.outcome] += 1
                settled.deliveries.append(row)
        settled.referrals = _store_receipts(using, account, ours, now, tallies)
        _store_profiles(using, account, ours, now)
        count(using, account, tallies)
        failpoints.reached("settle.stored")
    return settled


COLUMNS: Final = (
    "state",
    "lease_token",
    "lease_until",
    "progress",
    "bucket",
    "attempts",
    "due_at",
    "arguments",
    "acknowledged_at",
    "settled_at",
    "status",
    "gameball_code",
    "request_id",
    "error_kind",
    "error_message",
    "history",
)
"""What a verdict may change."""


def _store(
    using: str, batch: Sequence[tuple[Delivery, couriers.Verdict]], now: datetime
) -> list[tuple[Delivery, couriers.Verdict]]:
    """Store verdicts in their deliveries, and return those whose lease was still ours, as they are now."""
    # What is stored under this mark was ours: so one statement for all, and one to ask.
    mark = secrets.token_hex(16)
    stored: dict[int, tuple[Delivery, couriers.Verdict]] = {}
    parameters = []
    columns: list[Any] = [Delivery._meta.get_field(name) for name in COLUMNS]
    connection = connections[using]
    quoted = connection.ops.quote_name
    ours: list[tuple[Delivery, couriers.Verdict]] = []
    for row, verdict in batch:
        if row.operation == "getCustomer" and verdict.settled:
            # It has nothing to tell; the profile has.
            leased = Delivery.objects.using(using).filter(pk=row.pk, lease_token=row.lease_token, state=row.state)
            if leased.delete()[0]:
                ours.append((row, verdict))
            continue
        changed = copy.copy(row)
        for name, value in _changes(row, verdict, now).items():
            setattr(changed, name, value)
        changed.lease_token = mark
        stored[row.pk] = changed, verdict
        values = [column.get_db_prep_save(getattr(changed, column.attname), connection) for column in columns]
        parameters.append([*values, row.pk, row.lease_token, Delivery.State.IN_FLIGHT.value])
    if parameters:
        assignments = ", ".join(f"{quoted(column.column)} = %s" for column in columns)
        table = quoted(Delivery._meta.db_table)
        with connection.cursor() as cursor:
            cursor.executemany(
                f"UPDATE {table} SET {assignments} WHERE id = %s AND lease_token = %s AND state = %s",  # noqa: S608
                parameters,
            )
        marked = Delivery.objects.using(using).filter(pk__in=stored, lease_token=mark).values_list("pk", flat=True)
        ours.extend(stored[pk] for pk in marked)
    if len(ours) < len(batch):
        logger.info("%d leases were lost; their verdicts are void.", len(batch) - len(ours))
    return ours


def _changes(row: Delivery, verdict: couriers.Verdict, now: datetime) -> dict[str, Any]:
    changes: dict[str, Any] = {
        "lease_until": None,
        "progress": verdict.progress or "",
        "attempts": row.attempts + verdict.costs_attempt,
    }
    if verdict.outcome == "applied":
        changes.update(state=Delivery.State.APPLIED, settled_at=now, arguments="")
    elif verdict.outcome == "dead":
        changes.update(state=Delivery.State.DEAD, settled_at=now)
    else:
        changes.update(
            state=Delivery.State.PENDING,
            due_at=now + verdict.due_in,
            bucket=verdict.next_bucket or row.bucket,
        )
    if verdict.acknowledged and row.acknowledged_at is None:
        changes["acknowledged_at"] = now
    call = verdict.call
    if call is not None:
        entry = {
            "at": now.isoformat(timespec="milliseconds"),
            "operation": call.operation,
            "outcome": verdict.outcome,
            "reason": verdict.reason,
            "status": call.status,
            "gameball_code": call.gameball_code,
            "request_id": call.request_id,
            "kind": call.kind,
        }
        changes.update(
            status=call.status,
            gameball_code=call.gameball_code,
            request_id=_fitting("request_id", call.request_id),
            error_kind=_fitting("error_kind", call.kind),
            error_message=call.message or "",
            history=[*row.history, entry][-LONGEST_HISTORY:],
        )
    return changes


def _fitting(column: str, text: str | None) -> str:
    field: Any = Delivery._meta.get_field(column)
    return (text or "")[: field.max_length]


def _store_receipts(
    using: str,
    account: str,
    ours: Sequence[tuple[Delivery, couriers.Verdict]],
    now: datetime,
    tallies: Counter[Entry],
) -> list[Referral]:
    """Store what verdicts say of their customers' referrals; return those with a new receipt."""
    news = {row.customer_id: verdict for row, verdict in ours if verdict.receipt or verdict.acknowledged}
    if not news:
        return []
    referrals = Referral.objects.using(using)
    rows = referrals.filter(account_id=account, customer_id__in=news).order_by("pk")
    if connections[using].features.has_select_for_update:
        rows = rows.select_for_update()
    acknowledged: list[int] = []
    better: dict[couriers.Receipt, list[Referral]] = {}
    for referral in rows:
        verdict = news[referral.customer_id]
        registered_on = day(referral.registered_at)
        if verdict.acknowledged and referral.acknowledged_at is None:
            referral.acknowledged_at = now
            acknowledged.append(referral.pk)
            if now > referral.deadline_at:
                tallies[registered_on, "late"] += 1
        receipt = verdict.receipt
        if receipt is not None and BETTER.index(Receipt(receipt.status)) > BETTER.index(Receipt(referral.receipt)):
            if referral.receipt == Receipt.PENDING:
                tallies[registered_on, "registered"] += 1
            else:
                tallies[registered_on, referral.receipt] -= 1
            tallies[registered_on, receipt.status] += 1
            better.setdefault(receipt, []).append(referral)
    if acknowledged:
        referrals.filter(pk__in=acknowledged).update(acknowledged_at=now)
    for receipt, group in better.items():
        changes = {
            "receipt": receipt.status,
            "reason": receipt.reason,
            "late_by": receipt.late_by,
            "settled_at": now,
        }
        referrals.filter(pk__in=[referral.pk for referral in group]).update(**changes)
        for referral in group:
            for name, value in changes.items():
                setattr(referral, name, value)
    return [referral for group in better.values() for referral in group]


def _store_profiles(using: str, account: str, ours: Sequence[tuple[Delivery, couriers.Verdict]], now: datetime) -> None:
    """Keep what Gameball told of customers."""
    # Rows that say the same fields go together; sorted, so that no two transactions wait for each other.
    told: dict[tuple[str, ...], dict[str, Profile]] = {}
    for row, verdict in sorted(ours, key=lambda entry: entry[0].customer_id):
        values = _profile(row, verdict, now)
        if values:
            profile = Profile(account_id=account, customer_id=row.customer_id, **values)
            told.setdefault(tuple(values), {})[row.customer_id] = profile
    connection = connections[using]
    target = ["account", "customer_id"] if connection.features.supports_update_conflicts_with_target else None
    for fields, profiles in told.items():
        Profile.objects.using(using).bulk_create(
            profiles.values(), update_conflicts=True, update_fields=fields, unique_fields=target
        )


def _profile(row: Delivery, verdict: couriers.Verdict, now: datetime) -> dict[str, Any]:
    """Return what is new about a delivery's customer, once the delivery is settled."""
    if verdict.outcome != "applied":
        return {}
    answer = verdict.answer
    told: dict[str, Any] = {}
    if answer is not None:
        told = {
            "gameball_id": answer.gameball_id,
            "referral_code": answer.referral_code,
            "referral_link": answer.referral_link,
        }
    values = {name: value for name, value in told.items() if value is not None}
    if row.operation == "getCustomer" or "referral_code" in values:
        values["fetched_at"] = now
    if verdict.receipt is not None and verdict.receipt.status == "linked":
        values["is_referred"] = True
    return values


def count(using: str, account: str, tallies: Counter[Entry]) -> None:
    """Add to an account's tallies, always in the same order, so that no two transactions wait for each other."""
    rows = Tally.objects.using(using)
    for (on, what), more in sorted(tallies.items()):
        if more == 0:
            continue
        tally = rows.filter(account_id=account, day=on, what=what)
        if more < 0:
            tally = tally.filter(count__gte=-more)
        if not tally.update(count=F("count") + more) and more > 0:
            rows.bulk_create([Tally(account_id=account, day=on, what=what)], ignore_conflicts=True)
            tally.update(count=F("count") + more)


def day(moment: datetime) -> date:
    """Return the day to which a tally counts what happened then."""
    return moment.astimezone(timezone.utc).date()


def _send(signal: Signal, sender: type[Model], **arguments: Any) -> None:
    """Tell whoever listens; what they raise is logged by Django."""
    signal.send_robust(sender, **arguments)
