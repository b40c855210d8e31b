"""The orders of the setting ``ORDERS``: from a row that says *paid* to what is written for Gameball."""

from __future__ import annotations

import logging
from collections.abc import Collection
from datetime import datetime
from functools import partial
from typing import Any, Final

from django.contrib.auth import get_user_model
from django.db import DatabaseError, router
from django.db.models.signals import post_migrate, post_save
from django.utils import timezone

from . import conf, context, customers, order_claims, orders, outbox
from .adapter import get_adapter
from .mapping import OrderMapping, mappings, start_of_day
from .models import DEFAULT_ACCOUNT, Account, Delivery

logger = logging.getLogger(__name__)

UNSENDABLE: Final = "x"
"""What the dedupe keys of orders that cannot be sent begin with."""


def order_saved(order: Any, using: str, is_new: bool, update_fields: Collection[str] | None = None) -> None:
    """Write down an order that is paid now, in the transaction that says so."""
    if not conf.get().ENABLED:
        return
    for each in mappings():
        if not isinstance(order, each.model):
            continue
        _keep_claim(each, order, using)
        if each.may_be_paid_by(update_fields):
            told = of_order(each, order, is_new=is_new)
            if told is not None:
                outbox.write(told.deliveries, referral=told.referral, within=using)


def may_be_paid_by(order: Any, update_fields: Collection[str] | None) -> bool:
    """Tell whether a save of these fields can have made an order paid."""
    return any(isinstance(order, each.model) and each.may_be_paid_by(update_fields) for each in mappings())


def of_order(
    each: OrderMapping, order: Any, *, live: bool = True, is_new: bool = False, with_claim: bool = True
) -> orders.Told | None:
    """Return what is written of an order: what there is to send, or that it cannot be sent, and why.

    None if nothing is: it is not paid, from before the installation, or none of Gameball's business. ``live``: it
    happens right now, so that the visitor's claim is a guest's, and a failure is news. ``is_new``: no claim can have
    been kept with it. ``with_claim``: a guest's claim is wanted, which costs a query or two.
    """
    account = DEFAULT_ACCOUNT
    try:
        if not each.is_paid(order):
            return None
    except DatabaseError:
        raise
    except Exception as error:  # noqa: BLE001
        # Nothing says that it is paid: no note, which would take it for an order that is missing.
        log = logger.error if live else logger.debug  # once, and not with each sweep
        log(
            "Whether an order (%s) is paid cannot be told, and counts as no: %s",
            each.model._meta.label,
            customers.in_short(error),
        )
        return None
    try:
        if each.is_of_unknown_guest(order):
            return None
        adapter = get_adapter()
        read = each.read(order)
        if live and is_new and each.items is not None and not read.get("line_items"):
            logger.warning(
                "An order (%s) was paid when it was inserted, before its lines were, and is told of without line items."
                " Save it unpaid, then its lines, then that it is paid.",
                each.model._meta.label,
            )
        arguments = adapter.get_order(order, read)
        if arguments is None:
            return None
        given = dict(arguments)
        order_id, customer = given.pop("id", ""), given.pop("customer", None)
        user = customer if isinstance(customer, get_user_model()) else None
        account = given.pop("account", None) or adapter.get_account(user)
        if is_from_before(account, given.get("order_date"), by_day=each.is_dated_by_day(order)):
            return None
        code = given.pop("referrer_code", None)
        kept = partial(order_claims.of, label(each, order)) if with_claim and not is_new else None
        return orders.tell(order_id, customer, given, referrer_code=code, account=account, live=live, kept=kept)
    except DatabaseError:
        raise
    except Exception as error:  # noqa: BLE001
        if live:
            why = customers.in_short(error)
            logger.error("A paid order (%s) cannot be sent to Gameball: %s", each.model._meta.label, why)
        return orders.Told([_unsendable(each, order, account, error)], None, None)


def read_again(note: Delivery) -> bool:
    """Read an order anew that could not be sent; tell whether it goes out now.

    The note itself never does: it says what became of it, or for what reason the order still cannot be sent.
    """
    label, _, pk = note.dedupe_key[len(UNSENDABLE) + 1 :].partition(":")
    each = next((mapped for mapped in mappings() if mapped.model._meta.label_lower == label), None)
    order = each.queryset().filter(pk=pk).first() if each else None
    told = of_order(each, order, live=False) if each and order is not None else None
    changes: dict[str, Any] = {"error_kind": "mapping"}
    goes_out = False
    if told is None:
        changes["error_message"] = "It is nothing to send (any more): no paid order of a mapped model is there."
    elif told.deliveries[-1].state == Delivery.State.DEAD:
        changes["error_kind"] = told.deliveries[-1].error_kind
        changes["error_message"] = told.deliveries[-1].error_message
    else:
        outbox.write(told.deliveries, referral=told.referral)
        read = told.deliveries[-1]
        rows = Delivery.objects.using(router.db_for_write(Delivery))
        there = rows.filter(account_id=read.account_id, dedupe_key=read.dedupe_key)
        goes_out = there.filter(order_id=read.order_id).exists()
        changes["state"] = Delivery.State.CANCELLED
        changes["error_message"] = (
            "It can be read now, and is a delivery of its own."
            if goes_out
            else "It can be read now, but is not the first order of its customer."
        )
    Delivery.objects.using(router.db_for_write(Delivery)).filter(pk=note.pk).update(**changes)
    return goes_out


def unsendable_key(each: OrderMapping, order: Any) -> str:
    """Return the dedupe key of the note that an order cannot be sent."""
    return f"{UNSENDABLE}:{label(each, order)}"


def label(each: OrderMapping, order: Any) -> str:
    """Return what tells an order from those of all models."""
    return f"{each.model._meta.label_lower}:{order.pk}"


def _unsendable(each: OrderMapping, order: Any, account: str, error: Exception) -> Delivery:
    try:
        order_id = str(each.values["id"](order))
    except DatabaseError:
        raise
    except Exception:  # noqa: BLE001
        order_id = str(order.pk)
    return orders.unsendable(order_id, account=account, key=unsendable_key(each, order), error=error)


def _keep_claim(each: OrderMapping, order: Any, using: str) -> None:
    """Keep the claim of a guest who orders now and pays later; whoever they will turn out to be."""
    if "email" not in each.values or context.current_request() is None:
        return
    try:
        if each.is_paid(order) or not each.is_of_guest(order):
            return
        claim = orders.claim_of_guest()
        if claim is None:
            return
    except DatabaseError:
        raise
    except Exception as error:  # noqa: BLE001
        logger.error("A guest's claim could not be kept: %s", customers.in_short(error))
        return
    order_claims.keep(label(each, order), claim, within=using)


def is_from_before(account: str, order_date: Any, *, by_day: bool = False) -> bool:
    """Tell whether an order was placed before the installation, or longer ago than deliveries are kept.

    Args:
        account: whose order.
        order_date: when it was placed.
        by_day: whether only the day is known.

    """
    # Any save of an old order must not make news of it.
    if not isinstance(order_date, datetime):
        return False
    installed_at = _installed_at(account)
    if installed_at is not None and by_day:
        installed_at = start_of_day(installed_at)  # the day of the installation belongs to the hooks
    if installed_at is not None and order_date < installed_at:
        return True
    # What was delivered that long ago has been cleared away, so that nothing would tell that it was.
    retention = conf.get().RETENTION
    return retention is not None and order_date < timezone.now() - retention


_watermarks: dict[str, datetime] = {}


def _installed_at(account: str) -> datetime | None:
    found = _watermarks.get(account)
    if found is None:
        found = Account.objects.filter(pk=account).values_list("installed_at", flat=True).first()
        if found is not None:
            _watermarks[account] = found
    return found


def _forget(**_: Any) -> None:
    _watermarks.clear()


post_migrate.connect(_forget, dispatch_uid="gameball_referrals.watermarks")
post_save.connect(_forget, sender=Account, dispatch_uid="gameball_referrals.watermarks")
