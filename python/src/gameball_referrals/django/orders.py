"""Telling Gameball of paid orders."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any, Final
from uuid import UUID

from django.contrib.auth import get_user_model
from django.db import DatabaseError
from django.utils import timezone

from gameball_referrals import InvalidArgumentError
from gameball_referrals.courier import guest_customer_id

from . import conf, context, customers, outbox
from .adapter import DefaultAdapter, get_adapter
from .capture import FIELD, CurrentClaim
from .models import Delivery, Referral

if TYPE_CHECKING:
    from django.contrib.auth.base_user import AbstractBaseUser

    from gameball_referrals.models import Amount, Channel, LineItem, LineItemDict

logger = logging.getLogger(__name__)

API: Final = "api"
"""A referral's source where the shop's own code named the referrer code."""


def track_order(
    order_id: str | int,
    *,
    customer: AbstractBaseUser | str | int | None = None,
    order_date: datetime,
    total_paid: Amount,
    total_price: Amount | None = None,
    total_discount: Amount | None = None,
    total_shipping: Amount | None = None,
    total_tax: Amount | None = None,
    line_items: Sequence[LineItem | LineItemDict | Mapping[str, Any]] | None = None,
    guest: bool = False,
    email: str | None = None,
    mobile: str | None = None,
    channel: Channel | None = None,
    cart_id: str | None = None,
    extra: Mapping[str, Any] | None = None,
    referrer_code: str | None = None,
    account: str | None = None,
) -> None:
    """Write down a paid order for Gameball: call it where an order becomes paid, in the transaction that says so.

    No network, and no query but for one or two inserts; where a code comes with the order (a guest's visit, or
    ``referrer_code``), one short query more finds out whether they have ordered before. Called again for the same order
    it changes nothing. With
    ``SEND_ORDERS`` at its default only a customer's first order is sent. A user's order carries the code with which
    they registered, and never overtakes their registration.

    Args:
        order_id: the shop's id of the order: case-sensitive, never reused.
        customer: the user, or the id by which Gameball knows the customer. None for guests. Nothing is written for a
            user who is no customer, such as staff.
        order_date: when it was placed; aware.
        total_paid: what the customer really paid: an exact amount, no float.
        total_price: the price before discounts, shipping and taxes.
        total_discount: the discount.
        total_shipping: the shipping costs.
        total_tax: the taxes.
        line_items: what was bought; see :class:`gameball_referrals.models.LineItem`.
        guest: whether the customer has no account. Gameball then knows them by a digest of the e-mail address.
        email: the customer's e-mail address; guests need one, a user's is known.
        mobile: the customer's phone number.
        channel: where the order came from.
        cart_id: the shop's id of the cart.
        extra: the shop's own facts; its keys pass untouched.
        referrer_code: the code that brought somebody who hasn't registered with one, such as one typed at the checkout.
            A guest's visit is remembered without. It counts with their first order only.
        account: the name of the account in the admin; by default the adapter's choice.

    Raises:
        InvalidArgumentError: it cannot be sent like this; ``field`` names the argument, and nothing is written.

    """
    if not conf.get().ENABLED:
        return
    given = {
        "order_date": order_date,
        "total_paid": total_paid,
        "total_price": total_price,
        "total_discount": total_discount,
        "total_shipping": total_shipping,
        "total_tax": total_tax,
        "line_items": line_items,
        "guest": guest or None,
        "email": email,
        "mobile": mobile,
        "channel": channel,
        "cart_id": cart_id,
        "extra": extra,
    }
    told = tell(order_id, customer, given, referrer_code=referrer_code, account=account)
    if told is not None:
        outbox.write(told.deliveries, referral=told.referral, within=told.within)


@dataclass(frozen=True)
class Told:
    """What is written of an order; unsaved."""

    deliveries: list[Delivery]
    """The customer's creation, if it is a user's order, and the order."""
    referral: Referral | None
    within: str | None
    """The alias of the customer's database."""


def tell(
    order_id: str | int,
    customer: Any,
    arguments: Mapping[str, Any],
    *,
    referrer_code: str | CurrentClaim | None = None,
    account: str | None = None,
    live: bool = True,
    kept: Callable[[], CurrentClaim | None] | None = None,
) -> Told | None:
    """Return what :func:`track_order` writes; None for users who are no customers.

    Args:
        order_id: as there, as are the others.
        customer: a user, an id, an anonymous user or None.
        arguments: the others, by their names; what is None is left out.
        referrer_code: as there; or a claim, which knows more.
        account: as there.
        live: whether it happens right now, so that the visitor's claim is a guest's.
        kept: what finds the claim that was kept with a guest's order.

    Raises:
        InvalidArgumentError: as there.

    """
    named = {name: value for name, value in arguments.items() if value is not None}
    named["order_id"] = str(order_id)
    claim = CurrentClaim(referrer_code, None, API) if isinstance(referrer_code, str) and referrer_code else None
    if isinstance(referrer_code, CurrentClaim):
        claim = referrer_code
    adapter = get_adapter()
    creation: list[Delivery] = []
    within = None
    if isinstance(customer, get_user_model()):
        if customer.pk is None:
            raise InvalidArgumentError("is no saved user; for guests pass guest=True and an email", field="customer")
        if not adapter.is_customer(customer):
            return None
        account = account or adapter.get_account(customer)
        named["customer_id"] = adapter.get_customer_id(customer)
        within = customer._state.db
        creation = _creation(customer, adapter, account)
    else:
        account = account or adapter.get_account(None)
        named["customer_id"] = _customer_id(customer, named)
        if claim is None and named.get("guest"):
            claim = _claim_of_guest(claim_of_guest() if live else None, kept)
    return paid(named, account=account, claim=claim, creation=creation, within=within)


def paid(
    arguments: Mapping[str, Any],
    *,
    account: str,
    claim: CurrentClaim | None = None,
    creation: Sequence[Delivery] = (),
    within: str | None = None,
) -> Told:
    """Return what is written of a paid order, whoever the shop's customers are; unsaved.

    Args:
        arguments: those of ``trackOrder``, with the customer's id.
        account: whose order.
        claim: the claim that came with the order; it counts with a customer's first.
        creation: what creates the customer at Gameball, should nothing else have done so.
        within: the alias of the customer's database.

    Raises:
        InvalidArgumentError: it cannot be sent like this.

    """
    now = timezone.now()
    referral = _referral(account, arguments, claim, now) if claim else None
    code = referral.referrer_code if referral else None
    order = outbox.prepare("trackOrder", arguments, account=account, referrer_code=code, now=now)
    if "referrer_code" in order.dropped:
        referral = None
    return Told([*creation, order], referral, within)


def unsendable(order_id: str, *, account: str, key: str, error: Exception) -> Delivery:
    """Return the note, unsaved, that a paid order cannot be sent, and why: operators find it among what has failed.

    Args:
        order_id: the shop's id of the order.
        account: whose order.
        key: the note's dedupe key.
        error: what is wrong with it.

    """
    now = timezone.now()
    return Delivery(
        account_id=account,
        operation="trackOrder",
        order_id=order_id[:255],
        dedupe_key=key,
        state=Delivery.State.DEAD,
        error_kind=getattr(error, "kind", "mapping"),
        error_message=customers.in_short(error),
        deadline_at=now,
        settled_at=now,
    )


def has_ordered(account: str, customer_id: str) -> bool:
    """Tell whether an order of a customer was written down before."""
    orders = Delivery.objects.filter(account_id=account, customer_id=customer_id, operation="trackOrder")
    return bool(orders.exists())


def _creation(user: AbstractBaseUser, adapter: DefaultAdapter, account: str) -> list[Delivery]:
    try:
        # Does nothing where it was written with the registration, and is first where it wasn't.
        return [customers.creation(user, adapter, account=account)]
    except DatabaseError:
        raise
    except Exception as error:  # noqa: BLE001
        logger.error("An order's customer could not be written down for Gameball: %s", customers.in_short(error))
        return []


def _customer_id(customer: Any, arguments: Mapping[str, Any]) -> str:
    if customer is None or customer == "" or getattr(customer, "is_anonymous", False):
        if not arguments.get("guest"):
            raise InvalidArgumentError("is missing; for guests pass guest=True and an email", field="customer")
        email = arguments.get("email")
        if not email:
            raise InvalidArgumentError("is missing; Gameball knows guests by their e-mail address", field="email")
        return guest_customer_id(email)
    if isinstance(customer, bool) or not isinstance(customer, (str, int, UUID)):
        raise InvalidArgumentError(f"must be a user or an id, not a {type(customer).__name__}", field="customer")
    return str(customer)


def _referral(account: str, arguments: Mapping[str, Any], claim: CurrentClaim, now: datetime) -> Referral | None:
    customer_id = arguments["customer_id"]
    if has_ordered(account, customer_id):
        # Nobody is new who has ordered before: a referral of theirs would wait for its receipt for ever.
        return None
    return customers.referral(account, customer_id, claim, now, guest=bool(arguments.get("guest")))


def _claim_of_guest(own: CurrentClaim | None, kept: Callable[[], CurrentClaim | None] | None) -> CurrentClaim | None:
    """Return which claim counts: a typed code wins, then comes who pays themselves, then who has ordered."""
    if kept is None or (own is not None and own.source == FIELD):
        return own
    found = kept()
    return found if own is None or (found is not None and found.source == FIELD) else own


def claim_of_guest() -> CurrentClaim | None:
    """Return the claim of whoever places an order without an account."""
    try:
        return get_adapter().get_claim(None, context.current_request())
    except DatabaseError:
        raise
    except Exception as error:  # noqa: BLE001
        logger.error("A guest's claim could not be read, and counts as none: %s", customers.in_short(error))
        return None
