"""Writing deliveries, in the transaction of what they tell, and waking the sender after it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from functools import partial
from typing import Any

from django.db import connections, router, transaction
from django.utils import timezone

from gameball_referrals import courier

from . import conf, failpoints
from .inserts import insert_or_ignore
from .models import DEFAULT_ACCOUNT, Account, Delivery, Referral

_wakers: list[Callable[[], object]] = []


def on_new_deliveries(waker: Callable[[], object]) -> None:
    """Have ``waker`` called after a commit that left deliveries; it must return at once and not raise."""
    if waker not in _wakers:
        _wakers.append(waker)


def wake() -> None:
    """Tell this process's sender that there is work."""
    for waker in _wakers:
        waker()


_accounts: set[tuple[str, str]] = set()


def _have_account(account: str, using: str) -> None:
    """Have an account that the adapter names for the first time in the admin: there it says that it has no keys yet."""
    known = (using, account)
    if account == DEFAULT_ACCOUNT or known in _accounts:
        return
    Account.objects.using(using).bulk_create([Account(key=account)], ignore_conflicts=True)
    transaction.on_commit(partial(_accounts.add, known), using=using)


def _committed() -> None:
    failpoints.reached("outbox.committed")
    wake()


def put(
    operation: courier.Operation | str,
    arguments: Mapping[str, Any],
    *,
    account: str = DEFAULT_ACCOUNT,
    referral: Referral | None = None,
    now: datetime | None = None,
    using: str | None = None,
) -> None:
    """Write a delivery: one insert, which does nothing where the same delivery stands already.

    Args:
        operation: Gameball's operationId.
        arguments: the call's, in the Python client's names.
        account: whose.
        referral: the customer's, to be written with it (a second insert); the customer keeps an earlier one.
        now: when the customer registered or the order was paid, if not now.
        using: the database's alias.

    Raises:
        InvalidArgumentError: what cannot be sent at all, such as an order without an amount.

    """
    code = referral.referrer_code if referral else None
    delivery = prepare(operation, arguments, account=account, referrer_code=code, now=now)
    write([delivery], referral=referral, using=using)


def prepare(
    operation: courier.Operation | str,
    arguments: Mapping[str, Any],
    *,
    account: str = DEFAULT_ACCOUNT,
    referrer_code: str | None = None,
    now: datetime | None = None,
) -> Delivery:
    """Return the delivery that :func:`put` would write, unsaved; arguments and errors are the same."""
    settings = conf.get()
    now = now or timezone.now()
    prepared = courier.prepare(
        operation,  # type: ignore[arg-type]
        arguments,
        now=now,
        referrer_code=referrer_code,
        referral_window=settings.REFERRAL_WINDOW.total_seconds(),
        orders=settings.SEND_ORDERS,
    )
    return Delivery(
        account_id=account,
        customer_id=prepared.customer_id,
        operation=operation,
        order_id=prepared.order_id or "",
        dedupe_key=prepared.dedupe_key,
        arguments=prepared.arguments,
        dropped=list(prepared.dropped),
        priority=prepared.priority,
        # What it begins with is a call of its own name; later ones, the sender knows.
        bucket=operation if operation in ("createCustomer", "trackOrder", "getCustomer") else "other",
        deadline_at=prepared.deadline_at or now,
    )


def write(
    deliveries: Sequence[Delivery],
    *,
    referral: Referral | None = None,
    using: str | None = None,
    within: str | None = None,
) -> None:
    """Write prepared deliveries, in their order, with one insert, and the referral with another.

    Args:
        deliveries: from :func:`prepare`.
        referral: see :func:`put`.
        using: the database's alias.
        within: the alias of the database whose transaction they are part of. If that is another one, they are written
            once it is committed: so they never tell of what was rolled back, and the reconcile finds what a death in
            between has lost.

    """
    using = using or router.db_for_write(Delivery)
    if within is not None and within != using and connections[within].in_atomic_block:
        later = partial(write, deliveries, referral=referral, using=using)
        transaction.on_commit(later, using=within, robust=True)
        return
    with transaction.atomic(using=using, savepoint=False):
        failpoints.reached("outbox.insert")
        for account in {str(delivery.account_id) for delivery in deliveries}:
            _have_account(account, using)
        if referral is not None:
            insert_or_ignore([referral], using=using)
            failpoints.reached("outbox.between")
        insert_or_ignore(deliveries, using=using)
        failpoints.reached("outbox.inserted")
    # `on_commit` runs at once where no transaction is open.
    transaction.on_commit(_committed, using=using, robust=True)
