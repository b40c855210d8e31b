"""What an operator does to deliveries: try again now, replay, cancel.

Each is a conditional update: it does nothing to a delivery that is being sent, or that has come to another state
meanwhile. The order of a customer's deliveries stays with whoever sends: a replayed one is the head of its lane again,
and waits for what is in flight there.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from datetime import datetime
from functools import partial
from typing import Any

from django.db import router, transaction
from django.utils import timezone

from . import mapped_orders, outbox, settling, signals
from .listening import notify
from .models import Delivery, Receipt, Referral

State = Delivery.State
_AT_ONCE = 500


def retry_now(ids: Iterable[int]) -> int:
    """Have waiting deliveries tried at once instead of when they are due, and return how many.

    What keeps back all deliveries goes on: the rate limit, a pause, a hold.
    """
    return _send(ids, State.PENDING, due_at=timezone.now())


def replay(ids: Iterable[int]) -> int:
    """Have failed deliveries sent again from where they had come to, with all their attempts, and return how many.

    Only failed ones still know what they would send. Orders that the mapping could not read are read anew.
    """
    ids = set(ids)
    using = router.db_for_write(Delivery)
    read = 0
    with transaction.atomic(using=using):
        for some in _parts(ids):
            notes = Delivery.objects.using(using).filter(
                pk__in=some, state=State.DEAD, dedupe_key__startswith=f"{mapped_orders.UNSENDABLE}:"
            )
            # Updated before they are read, as below.
            if notes.update(settled_at=timezone.now()):
                for note in notes.order_by("pk"):
                    ids.discard(note.pk)
                    read += mapped_orders.read_again(note)
        sent = _send(ids, State.DEAD, state=State.PENDING, due_at=timezone.now(), attempts=0, settled_at=None)
    return read + sent


def cancel(ids: Iterable[int]) -> int:
    """Give up deliveries that wait or have failed, and return how many.

    The referral of a registration that is given up is lost for the reason ``cancelled``, unless it has a receipt.
    """
    using = router.db_for_write(Delivery)
    now = timezone.now()
    cancelled: list[Delivery] = []
    referrals: list[Referral] = []
    with transaction.atomic(using=using):
        for some in _parts(ids):
            # Updated before they are read: so nobody else does it, and SQLite may wait for its turn.
            rows = Delivery.objects.using(using).filter(pk__in=some)
            rows.filter(state__in=(State.PENDING, State.DEAD)).update(
                state=State.CANCELLED, settled_at=now, arguments="", progress="", lease_token=""
            )
            cancelled.extend(rows.filter(state=State.CANCELLED, settled_at=now))
        for row in cancelled:
            if row.operation == "createCustomer":
                referrals.extend(_lose(using, row, now))
        # By account, and each account's at once: see there.
        for account in sorted({str(referral.account_id) for referral in referrals}):
            tallies: Counter[settling.Entry] = Counter()
            for referral in referrals:
                if referral.account_id == account:
                    registered_on = settling.day(referral.registered_at)
                    tallies.update({(registered_on, "registered"): 1, (registered_on, str(Receipt.LOST)): 1})
            settling.count(using, account, tallies)
        transaction.on_commit(partial(_tell, cancelled, referrals), using=using, robust=True)
    return len(cancelled)


def _send(ids: Iterable[int], before: str, **changes: Any) -> int:
    using = router.db_for_write(Delivery)
    changed = 0
    with transaction.atomic(using=using):
        for some in _parts(ids):
            changed += Delivery.objects.using(using).filter(pk__in=some, state=before).update(**changes)
        if changed:
            notify(using)
            transaction.on_commit(outbox.wake, using=using, robust=True)
    return changed


def _parts(ids: Iterable[int]) -> Iterable[list[int]]:
    every = sorted(set(ids))
    return (every[first : first + _AT_ONCE] for first in range(0, len(every), _AT_ONCE))


def _lose(using: str, row: Delivery, now: datetime) -> Iterable[Referral]:
    """Give a registration's referral its receipt, if it has none."""
    without = Referral.objects.using(using).filter(
        account_id=row.account_id, customer_id=row.customer_id, receipt=Receipt.PENDING
    )
    for referral in without:
        changes = {"receipt": Receipt.LOST, "reason": "cancelled", "settled_at": now}
        if without.filter(pk=referral.pk).update(**changes):
            for name, value in changes.items():
                setattr(referral, name, value)
            yield referral


def _tell(cancelled: Iterable[Delivery], referrals: Iterable[Referral]) -> None:
    for delivery in cancelled:
        signals.delivery_settled.send_robust(Delivery, delivery=delivery)
    for referral in referrals:
        signals.referral_settled.send_robust(Referral, referral=referral)
