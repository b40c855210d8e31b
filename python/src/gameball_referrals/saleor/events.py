"""What each of Saleor's events writes: customers and orders into the outbox, an app's state into its instance."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from django.utils import timezone
from django.utils.dateparse import parse_datetime

from gameball_referrals import InvalidArgumentError
from gameball_referrals.courier import guest_customer_id
from gameball_referrals.django import conf, customers, operations, orders, outbox
from gameball_referrals.django.capture import CurrentClaim
from gameball_referrals.django.failpoints import reached
from gameball_referrals.django.mapped_orders import is_from_before
from gameball_referrals.django.models import Account, Delivery

from . import claims
from .models import Event, Instance

logger = logging.getLogger(__name__)

CUSTOMER_CREATED: Final = "CUSTOMER_CREATED"


class MalformedError(InvalidArgumentError):
    """The payload lacks what it must have; the message names the field, and no value."""

    def __init__(self, field: str) -> None:
        super().__init__("is missing in Saleor's payload", field=field)


class UnsendableError(Exception):
    """What it tells can never be sent to Gameball; the note of it is written."""


@dataclass(frozen=True)
class Payload:
    """A verified payload of an instance's."""

    instance: Instance
    data: Mapping[str, Any]

    def object(self, name: str) -> dict[str, Any]:
        """Return the object that the event is about."""
        found = self.data.get(name)
        if not isinstance(found, dict):
            raise MalformedError(name)
        return found

    @property
    def issued_at(self) -> datetime | None:
        """When Saleor made it, if it says so."""
        return _moment(self.data.get("issuedAt"))


# --- Customers ------------------------------------------------------------------------------------------------


def customer_created(payload: Payload) -> bool:
    """Write down a new customer; where they have to confirm their e-mail address first, their claim alone."""
    user = payload.object("user")
    value = claims.value_in(user.get("metadata"))
    waits = conf.get().SALEOR_REGISTER_ON == "confirmed" and user.get("isConfirmed") is not True
    if not _is_new(payload.instance, CUSTOMER_CREATED, _id(user, "user"), claim=value if waits else ""):
        return False
    if not waits:
        _register(payload.instance, user, value, _moment(user.get("dateJoined")))
    return True


def account_confirmed(payload: Payload) -> bool:
    """Write down a customer who has confirmed their e-mail address.

    Where nobody waits for that, they are known already, and this makes up for an event that got lost.
    """
    user = payload.object("user")
    if not _is_new(payload.instance, "ACCOUNT_CONFIRMED", _id(user, "user")):
        return False
    waited = conf.get().SALEOR_REGISTER_ON == "confirmed"
    at = payload.issued_at if waited else _moment(user.get("dateJoined"))
    _register(payload.instance, user, claims.value_in(user.get("metadata")), at)
    return True


def _register(instance: Instance, user: Mapping[str, Any], value: str, at: datetime | None) -> None:
    if not conf.get().ENABLED:
        return
    account = instance.account_id
    claim = claims.read(value)
    email = _text(user.get("email"))
    if claim is not None and email and orders.has_ordered(account, guest_customer_id(email)):
        # Nobody is new who has ordered as a guest before: their code counted then, or never will.
        claim = None
    name = " ".join(filter(None, (_text(user.get("firstName")), _text(user.get("lastName")))))
    delivery, referral = customers.registration(
        _customer(_id(user, "user"), email, name), account=account, claim=claim, now=_at_most_now(at)
    )
    outbox.write([delivery], referral=referral)


def _customer(customer_id: str, email: str | None, name: str = "") -> dict[str, Any]:
    attributes = {key: value for key, value in (("display_name", name), ("email", email)) if value}
    told = {"customer_id": customer_id, "email": email, "attributes": attributes or None}
    return {key: value for key, value in told.items() if value is not None}


# --- Orders ---------------------------------------------------------------------------------------------------


def order_fully_paid(payload: Payload) -> bool:
    """Write down a paid order: of a customer with their registration before it, or of a guest."""
    order = payload.object("order")
    order_id = _id(order, "order")
    instance = payload.instance
    if not _is_new(instance, "ORDER_FULLY_PAID", order_id):
        return False
    placed_at = _moment(order.get("created"))
    if not conf.get().ENABLED or is_from_before(instance.account_id, placed_at):
        return True
    try:
        told = _told(instance, order, order_id, placed_at)
    except InvalidArgumentError as error:
        note = orders.unsendable(order_id, account=instance.account_id, key=f"x:saleor:{order_id}"[:200], error=error)
        outbox.write([note])
        raise UnsendableError(str(error)) from None
    if told is not None:
        outbox.write(told.deliveries, referral=told.referral)
    return True


def _told(
    instance: Instance, order: Mapping[str, Any], order_id: str, placed_at: datetime | None
) -> orders.Told | None:
    account = instance.account_id
    email = _text(order.get("userEmail"))
    channel, gross = _part(order, "channel"), _part(_part(order, "total"), "gross")
    charged = _part(order, "totalCharged").get("amount")
    extra = {
        "number": _text(order.get("number")),
        "channel": _text(channel.get("slug")),
        "currency": _text(gross.get("currency")),
    }
    given = {
        "order_id": order_id,
        "order_date": placed_at,
        "total_paid": gross.get("amount") if charged is None else charged,
        "cart_id": _text(order.get("checkoutId")),
        "line_items": _lines(order.get("lines")),
        "extra": {name: value for name, value in extra.items() if value} or None,
    }
    arguments = {name: value for name, value in given.items() if value is not None}
    claim = claims.read(claims.value_in(order.get("metadata")))
    user = order.get("user")
    if isinstance(user, dict):
        return _of_customer(account, arguments, user, email, claim, _waiting_claim(instance, user))
    if email is None:
        raise MalformedError("userEmail")
    arguments.update(customer_id=guest_customer_id(email), guest=True, email=email)
    return orders.paid(arguments, account=account, claim=claim)


def _of_customer(
    account: str,
    arguments: dict[str, Any],
    user: Mapping[str, Any],
    order_email: str | None,
    claim: CurrentClaim | None,
    waiting: CurrentClaim | None,
) -> orders.Told | None:
    customer_id = arguments["customer_id"] = _id(user, "order.user")
    email = _text(user.get("email")) or order_email
    was_guest = email is not None and orders.has_ordered(account, guest_customer_id(email))
    known = Delivery.objects.filter(account_id=account, customer_id=customer_id, operation="createCustomer").exists()
    # How many orders Saleor counts is right but racy: asked only of those of whom nothing else is known.
    is_old = not known and _count(user) > 1
    claim = None if was_guest or is_old else waiting or claim
    # Does nothing where it was written with the registration, and is first where it wasn't.
    creation, _ = customers.registration(
        _customer(customer_id, email), account=account, claim=None if known else claim, now=timezone.now()
    )
    if was_guest and conf.get().SEND_ORDERS == "first":
        # Their first order was the guest's.
        return orders.Told([creation], None, None)
    return orders.paid(arguments, account=account, claim=claim, creation=[creation])


def _waiting_claim(instance: Instance, user: Mapping[str, Any]) -> CurrentClaim | None:
    """Return the claim of a customer who pays before they have confirmed their e-mail address."""
    if conf.get().SALEOR_REGISTER_ON != "confirmed":
        return None
    rows = Event.objects.filter(instance=instance, event=CUSTOMER_CREATED, object_id=_id(user, "order.user"))
    return claims.read(rows.values_list("claim", flat=True).first() or "")


def _count(user: Mapping[str, Any]) -> int:
    count = _part(user, "orders").get("totalCount")
    return count if isinstance(count, int) else 0


def _lines(lines: Any) -> list[dict[str, Any]] | None:
    items = []
    for line in lines if isinstance(lines, list) else ():
        if isinstance(line, dict) and isinstance(line.get("quantity"), int):
            sku = _text(line.get("productSku"))
            # A variant need not have an SKU.
            item = {"product_id": sku or _text(line.get("id")), "sku": sku, "quantity": line["quantity"]}
            items.append({name: value for name, value in item.items() if value is not None})
    return items or None


# --- The app itself -------------------------------------------------------------------------------------------


def app_deleted(payload: Payload) -> bool:
    """Forget an instance's keys, and give up what waits to be sent for it: it asked for nothing more."""
    instance = payload.instance
    if _id(payload.object("app"), "app") != instance.app_id:
        return False
    now = timezone.now()
    rows = Instance.objects.filter(pk=instance.pk, app_id=instance.app_id, removed_at=None)
    if not rows.update(removed_at=now, active=False, jwks={}, app_id=""):
        return False
    account = instance.account
    Account.objects.filter(pk=account.pk).update(
        enabled=False, api_key_sealed="", api_key_fingerprint="", secret_key_sealed="", secret_key_fingerprint="",
        environment="", last_check=None,
    )  # fmt: skip
    waiting = Delivery.objects.filter(account_id=account.pk, state__in=(Delivery.State.PENDING, Delivery.State.DEAD))
    operations.cancel(waiting.values_list("pk", flat=True))
    return True


def app_status_changed(payload: Payload) -> bool:
    """Switch an instance's account off or on, as its staff have switched the app."""
    instance = payload.instance
    app = payload.object("app")
    active, at = app.get("isActive"), payload.issued_at
    if _id(app, "app") != instance.app_id or not isinstance(active, bool) or at is None:
        return False
    if instance.status_at is not None and at <= instance.status_at:
        return False  # late, or sent again by whom it was meant for or by somebody else
    Instance.objects.filter(pk=instance.pk).update(active=active, status_at=at)
    Account.objects.filter(pk=instance.account_id).update(enabled=active)
    if active:
        outbox.wake()
    return True


HANDLERS: Final[Mapping[str, tuple[str, Callable[[Payload], bool]]]] = {
    "customer-created": ("CustomerCreated", customer_created),
    "account-confirmed": ("AccountConfirmed", account_confirmed),
    "order-fully-paid": ("OrderFullyPaid", order_fully_paid),
    "app-deleted": ("AppDeleted", app_deleted),
    "app-status-changed": ("AppStatusChanged", app_status_changed),
}
"""By the webhook's name in the URL: the payload's type, and what takes it and tells whether it was news."""


# --- Reading ----------------------------------------------------------------------------------------------------


def _is_new(instance: Instance, event: str, object_id: str, *, claim: str = "") -> bool:
    _, new = Event.objects.get_or_create(instance=instance, event=event, object_id=object_id, defaults={"claim": claim})
    if new:
        reached("webhook.recorded")
    return new


def _id(found: Mapping[str, Any], field: str) -> str:
    value = _text(found.get("id"))
    if value is None or len(value) > 255:
        raise MalformedError(f"{field}.id")
    return value


def _part(found: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    value = found.get(name)
    return value if isinstance(value, dict) else {}


def _text(value: Any) -> str | None:
    return value.strip() or None if isinstance(value, str) else None


def _moment(value: Any) -> datetime | None:
    try:
        moment = parse_datetime(value) if isinstance(value, str) else None
    except ValueError:
        return None
    return moment if moment is not None and moment.tzinfo else None


def _at_most_now(at: datetime | None) -> datetime:
    now = timezone.now()
    return min(at, now) if at else now
