"""The orders of the setting ``ORDERS``: from a row that says *paid* to what is written for Gameball."""

from __future__ import annotations

import logging
from collections.abc import Collection
from datetime import datetime
from typing import Any, Final

from django.contrib.auth import get_user_model
from django.db import DatabaseError
from django.db.models.signals import post_migrate, post_save
from django.utils import timezone

from . import conf, customers, orders, outbox
from .adapter import get_adapter
from .mapping import OrderMapping, mappings
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
        if is_new:
            _freeze_guest(each, order, using)
        if each.may_be_paid_by(update_fields):
            told = of_order(each, order)
            if told is not None:
                outbox.write(told.deliveries, referral=told.referral, within=using)


def may_be_paid_by(order: Any, update_fields: Collection[str] | None) -> bool:
    """Tell whether a save of these fields can have made an order paid."""
    return any(isinstance(order, each.model) and each.may_be_paid_by(update_fields) for each in mappings())


def of_order(each: OrderMapping, order: Any, *, live: bool = True) -> orders.Told | None:
    """Return what is written of an order: what there is to send, or that it cannot be sent, and why.

    None if nothing is: it is not paid, from before the installation, or none of Gameball's business. ``live``: it
    happens right now, so that the visitor's claim is a guest's, and a failure is news.
    """
    account = DEFAULT_ACCOUNT
    try:
        if not each.is_paid(order) or each.is_of_unknown_guest(order):
            return None
        adapter = get_adapter()
        arguments = adapter.get_order(order, each.read(order))
        if arguments is None:
            return None
        given = dict(arguments)
        order_id, customer = given.pop("id", ""), given.pop("customer", None)
        user = customer if isinstance(customer, get_user_model()) else None
        account = given.pop("account", None) or adapter.get_account(user)
        if is_from_before(account, given.get("order_date")):
            return None
        code = given.pop("referrer_code", None)
        return orders.tell(order_id, customer, given, referrer_code=code, account=account, live=live)
    except DatabaseError:
        raise
    except Exception as error:  # noqa: BLE001
        if live:
            why = customers.in_short(error)
            logger.error("A paid order (%s) cannot be sent to Gameball: %s", each.model._meta.label, why)
        return orders.Told([_unsendable(each, order, account, error)], None, None)


def unsendable_key(each: OrderMapping, order: Any) -> str:
    """Return the dedupe key of the note that an order cannot be sent."""
    return f"{UNSENDABLE}:{each.model._meta.label_lower}:{order.pk}"


def _unsendable(each: OrderMapping, order: Any, account: str, error: Exception) -> Delivery:
    try:
        order_id = str(each.values["id"](order))
    except DatabaseError:
        raise
    except Exception:  # noqa: BLE001
        order_id = str(order.pk)
    return orders.unsendable(order_id, account=account, key=unsendable_key(each, order), error=error)


def _freeze_guest(each: OrderMapping, order: Any, using: str) -> None:
    """Keep the claim of a guest who orders now and pays later, perhaps where no browser is."""
    if "email" not in each.values:
        return
    try:
        claim = orders.claim_of_guest()
        if claim is None or each.is_paid(order):
            return
        arguments = each.read(order)
        if not arguments.get("guest") or not arguments.get("email"):
            return
        referral = orders.referral_of_guest(arguments["email"], claim)
    except DatabaseError:
        raise
    except Exception as error:  # noqa: BLE001
        logger.error("A guest's claim could not be kept: %s", customers.in_short(error))
        return
    if referral is not None:
        outbox.write([], referral=referral, within=using)


def is_from_before(account: str, order_date: Any) -> bool:
    """Tell whether an order was placed before the installation, or longer ago than deliveries are kept."""
    # Any save of an old order must not make news of it.
    if not isinstance(order_date, datetime):
        return False
    installed_at = _installed_at(account)
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
