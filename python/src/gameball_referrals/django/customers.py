"""What Gameball is told of a new customer, and of a user as the shop's adapter has it."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Any, TypeVar

from django.db import DatabaseError

from gameball_referrals import GameballError

from . import conf, outbox
from .models import Delivery, Referral

if TYPE_CHECKING:
    from .adapter import DefaultAdapter
    from .capture import CurrentClaim

T = TypeVar("T")

logger = logging.getLogger(__name__)


def creation(
    user: Any, adapter: DefaultAdapter, *, account: str, code: str | None = None, now: datetime | None = None
) -> Delivery:
    """Return the delivery that creates a user at Gameball, unsaved.

    Raises:
        InvalidArgumentError: the adapter's id of the user cannot be sent.
        Exception: whatever the adapter's ``get_customer_id`` raises.

    """
    return outbox.prepare("createCustomer", arguments(user, adapter), account=account, referrer_code=code, now=now)


def registration(
    arguments: Mapping[str, Any], *, account: str, claim: CurrentClaim | None, now: datetime
) -> tuple[Delivery, Referral | None]:
    """Return what is written of a customer who registers, unsaved: their creation's delivery, and the frozen claim.

    Args:
        arguments: those of ``createCustomer``.
        account: whose customer.
        claim: the claim that brought them.
        now: when they registered.

    Raises:
        InvalidArgumentError: the customer's id cannot be sent.

    """
    code = claim.code if claim else None
    delivery = outbox.prepare("createCustomer", arguments, account=account, referrer_code=code, now=now)
    return delivery, referral(account, delivery.customer_id, claim, now) if claim else None


def referral(account: str, customer_id: str, claim: CurrentClaim, now: datetime, *, guest: bool = False) -> Referral:
    """Freeze a claim, unsaved."""
    return Referral(
        account_id=account,
        customer_id=customer_id,
        referrer_code=claim.code,
        source=claim.source,
        claimed_at=claim.claimed_at,
        registered_at=now,
        deadline_at=now + conf.get().REFERRAL_WINDOW,
        guest=guest,
    )


def arguments(user: Any, adapter: DefaultAdapter) -> dict[str, Any]:
    """Return the arguments of ``createCustomer`` for a user.

    What the adapter fails to tell is left out, but for the id: a customer without a name is better than none.
    """
    attributes: Mapping[str, Any] = _or_nothing(adapter.get_attributes, user) or {}
    told = {
        "email": _or_nothing(adapter.get_email, user),
        "mobile": _or_nothing(adapter.get_mobile, user),
        "attributes": {name: value for name, value in attributes.items() if value is not None} or None,
    }
    return {
        "customer_id": adapter.get_customer_id(user),
        **{name: value for name, value in told.items() if value is not None},
    }


def in_short(error: BaseException) -> str:
    """Describe an error without its message, which may quote personal data: our own errors never do."""
    if isinstance(error, GameballError):
        return str(error)
    trace = error.__traceback__
    while trace is not None and trace.tb_next is not None:
        trace = trace.tb_next
    place = f" at {trace.tb_frame.f_code.co_filename}:{trace.tb_lineno}" if trace else ""
    return type(error).__name__ + place


def _or_nothing(ask: Callable[[Any], T], user: Any) -> T | None:
    try:
        return ask(user)
    except DatabaseError:
        raise  # the transaction is lost; hiding that would only make the next statement fail
    except Exception as error:  # noqa: BLE001
        logger.error("The adapter's %s failed, and was left out: %s", getattr(ask, "__name__", "?"), in_short(error))
        return None
