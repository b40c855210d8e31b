"""What a hook does: one short write to the outbox, that can neither raise nor break what Saleor is doing."""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import Any

from django.db import transaction
from gameball_referrals.django import hooks, mapped_orders, mapping, outbox
from gameball_referrals.django.adapter import get_adapter
from gameball_referrals.django.customers import in_short
from gameball_referrals.django.models import DEFAULT_ACCOUNT, Delivery

from . import orders
from .database import allow_writer, writer

logger = logging.getLogger(__name__)


def quietly(what: str, work: Callable[[], None]) -> None:
    """Do a hook's work in a transaction of its own, or behind a savepoint within Saleor's.

    Whatever goes wrong is logged without personal data, and undone; the reconcile makes up for it.
    """
    try:
        with allow_writer(), transaction.atomic(using=writer()):
            work()
    except Exception as error:  # noqa: BLE001 (an order must never fail because of a referral)
        logger.error(
            "%s could not be written down for Gameball; `manage.py gameball_reconcile` will find it: %s",
            what,
            in_short(error),
        )


def customer(user: Any) -> None:
    """Write down that somebody is a customer now, with the claim in their metadata; again, it changes nothing."""
    quietly("A new customer", lambda: _customer(user))


def order(placed: Any) -> None:
    """Write down an order that is fully paid; of others, and again, it writes nothing."""
    quietly("A paid order", lambda: _order(placed))


def _order(placed: Any) -> None:
    for each in mapping.mappings():
        if isinstance(placed, each.model) and each.is_paid(placed):
            user = orders.customer(placed)
            if user is not None:
                # First, so that a code goes with the creation: somebody may be known by their order only.
                _customer(user)
            told = mapped_orders.of_order(each, placed)
            if told is not None:
                outbox.write(told.deliveries, referral=told.referral)


def _customer(user: Any) -> None:
    known = Delivery.objects.using(writer()).filter(
        account_id=DEFAULT_ACCOUNT, customer_id=get_adapter().get_customer_id(user), operation="createCustomer"
    )
    # What somebody's metadata say later changes nothing.
    if not known.exists():
        hooks.user_saved(user, user._state.db or writer(), True)
