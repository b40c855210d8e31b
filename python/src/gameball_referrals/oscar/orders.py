"""What an Oscar order tells Gameball: the mapping that a shop of one's own would write into ``ORDERS``."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from decimal import Decimal
from operator import itemgetter
from typing import Any

from gameball_referrals.django import conf

logger = logging.getLogger(__name__)

MODEL = "order.Order"
"""Oscar's, or the shop's fork of it."""
LINE_VALUES = ("product_id", "sku", "title", "quantity", "price", "taxes", "discount")

CENT = Decimal("0.01")
"""Oscar's columns for money have two decimals, whatever the currency."""


def mapping() -> Mapping[str, Any]:
    """Return the mapping of Oscar's orders."""
    statuses = conf.get().OSCAR_PAID_STATUSES
    return {
        "model": MODEL,
        # The number that the customer knows; unique, and never used again.
        "id": "number",
        "customer": "user",
        "email": "guest_email",
        "date": "date_placed",
        # Oscar's checkout takes the payment before it places the order.
        "paid": "date_placed" if statuses is None else {"status": list(statuses)},
        "total_paid": paid,
        "total_discount": discount,
        "total_shipping": shipping,
        "total_tax": tax,
        "line_items": {"items": lines, **{name: itemgetter(name) for name in LINE_VALUES}},
    }


def lines(order: Any) -> list[dict[str, Any]]:
    """Return an order's line items.

    Oscar saves an order before its lines. An order that is just being placed therefore tells the lines of its basket,
    from which Oscar is about to copy them; it costs no query, since the checkout has loaded them.
    """
    try:
        basket = order._state.fields_cache.get("basket")
        # A basket without a strategy knows no prices: it was loaded with an old order, not handed over by a checkout.
        if basket is not None and basket.has_strategy:
            return [_of_basket(line) for line in basket.all_lines()]
        return [_of_order(line) for line in order.lines.all()]
    except Exception:
        # They adorn the order; without them it counts all the same.
        logger.exception("The lines of order %s could not be read; it is sent without them.", order.number)
        return []


def paid(order: Any) -> Decimal:
    """Return what the customer paid: with tax, shipping and surcharges, after discounts."""
    return _money(order.total_incl_tax)


def shipping(order: Any) -> Decimal:
    """Return the shipping charge, with tax."""
    return _money(order.shipping_incl_tax)


def tax(order: Any) -> Decimal:
    """Return the tax in what was paid."""
    return _money(order.total_incl_tax) - _money(order.total_excl_tax)


def discount(order: Any) -> Decimal:
    """Return what offers and vouchers took off the lines, with tax."""
    return sum((item["discount"] for item in lines(order)), Decimal(0))


def _of_basket(line: Any) -> dict[str, Any]:
    return _item(
        line,
        title=line.product.get_title(),
        sku=line.stockrecord.partner_sku if line.stockrecord else None,
        full=(line.line_price_excl_tax, line.line_price_incl_tax),
        reduced=(line.line_price_excl_tax_incl_discounts, line.line_price_incl_tax_incl_discounts),
    )


def _of_order(line: Any) -> dict[str, Any]:
    return _item(
        line,
        title=line.title,
        sku=line.partner_sku,
        full=(line.line_price_before_discounts_excl_tax, line.line_price_before_discounts_incl_tax),
        reduced=(line.line_price_excl_tax, line.line_price_incl_tax),
    )


def _item(line: Any, *, title: str, sku: str | None, full: tuple[Any, Any], reduced: tuple[Any, Any]) -> dict[str, Any]:
    # Each pair is (without tax, with tax), for the whole line.
    return {
        "product_id": str(line.product_id) if line.product_id is not None else sku,
        "sku": sku or None,
        "title": title,
        "quantity": line.quantity,
        "price": None if line.unit_price_excl_tax is None else _money(line.unit_price_excl_tax),
        "taxes": _money(reduced[1]) - _money(reduced[0]),
        "discount": _money(full[1]) - _money(reduced[1]),
    }


def _money(value: Any) -> Decimal:
    """Round as the database does when it stores the amount, which may have been computed a moment ago."""
    return Decimal(str(value)).quantize(CENT)
