"""What a Saleor order tells Gameball: the mapping that a shop of one's own would write into ``ORDERS``."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from operator import itemgetter
from typing import Any, Final

from django.contrib.auth import get_user_model
from django.db import DatabaseError
from gameball_referrals.django.customers import in_short

from .database import writer
from .ids import global_id

logger = logging.getLogger(__name__)

FULLY_PAID: Final = ("full", "overcharged")
"""Saleor's charge statuses in which nothing is left to pay."""
ORDER: Final = "_gameball_order"
"""The attribute by which a user, as read from an order, knows that order."""
LINE_VALUES: Final = ("product_id", "sku", "title", "quantity", "price")


def mapping() -> Mapping[str, Any]:
    """Return the mapping of Saleor's orders."""
    return {
        "model": "order.Order",
        "id": lambda order: global_id("Order", order.pk),
        "customer": customer,
        "email": "user_email",
        "date": "created_at",
        "paid": {"charge_status": FULLY_PAID},
        "total_paid": "total_charged_amount",
        "total_price": "undiscounted_total_gross_amount",
        "total_shipping": "shipping_price_gross_amount",
        "total_tax": lambda order: order.total_gross_amount - order.total_net_amount,
        "cart_id": lambda order: global_id("Checkout", order.checkout_token) if order.checkout_token else None,
        "extra": extra,
        "line_items": {"items": lines, **{name: itemgetter(name) for name in LINE_VALUES}},
    }


def customer(order: Any) -> Any:
    """Return the order's user, from the primary: a replica may not know them yet."""
    if order.user_id is None:
        return None
    user = order._state.fields_cache.get("user")
    if user is None:
        model: Any = get_user_model()
        user = model._default_manager.using(writer()).get(pk=order.user_id)
    setattr(user, ORDER, order)
    return user


def extra(order: Any) -> dict[str, str]:
    """Return what the app tells besides, by the same names."""
    told = {"number": str(order.number), "channel": order.channel.slug, "currency": order.currency}
    return {name: value for name, value in told.items() if value}


def lines(order: Any) -> list[dict[str, Any]]:
    """Return an order's line items."""
    try:
        return [_item(line) for line in order.lines.using(writer()).all()]
    except DatabaseError:
        raise
    except Exception as error:  # noqa: BLE001
        # They adorn the order; without them it counts all the same.
        logger.error("The lines of an order could not be read; it is sent without them: %s", in_short(error))
        return []


def _item(line: Any) -> dict[str, Any]:
    title = " / ".join(name for name in (line.product_name, line.variant_name) if name)
    return {
        # A variant need not have an SKU.
        "product_id": line.product_sku or global_id("OrderLine", line.pk),
        "sku": line.product_sku or None,
        "title": title or None,
        "quantity": line.quantity,
        "price": line.unit_price_gross_amount,
    }
