"""Who is a customer of a Saleor shop, and what Gameball is told of them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from django.contrib.auth import get_user_model
from django.db.models import Q
from gameball_referrals.courier import guest_customer_id
from gameball_referrals.django import conf
from gameball_referrals.django.adapter import DefaultAdapter
from gameball_referrals.django.mapped_orders import UNSENDABLE
from gameball_referrals.django.models import DEFAULT_ACCOUNT, Delivery, Referral
from gameball_referrals.saleor import claims

from . import orders, switches
from .database import writer
from .ids import global_id

if TYPE_CHECKING:
    from django.contrib.auth.base_user import AbstractBaseUser
    from django.http import HttpRequest
    from gameball_referrals.django.capture import CurrentClaim

NO_SALES = ("bulk_create", "reissue")
"""Origins of orders that nobody has just placed: imports, and replacements of what was sent back."""


class SaleorAdapter(DefaultAdapter):
    """Saleor's users and orders.

    A shop with wishes of its own subclasses it, and names the subclass in ``GAMEBALL_REFERRALS["ADAPTER"]``.
    """

    def is_customer(self, user: AbstractBaseUser) -> bool:
        """Tell whether a user is a customer: no staff, and confirmed where the plugin is to wait for that.

        Whoever has paid needs no confirmation.
        """
        if not super().is_customer(user):
            return False
        if getattr(user, "is_confirmed", True) or hasattr(user, orders.ORDER):
            return True
        return not switches.waits_for_confirmation()

    def get_customer_id(self, user: AbstractBaseUser) -> str:
        """Return the user's id in Saleor's API."""
        return global_id("User", user.pk)

    def get_language(self, user: AbstractBaseUser) -> str | None:
        """Return the language that Saleor knows of the customer."""
        return getattr(user, "language_code", None) or None

    def get_attributes(self, user: AbstractBaseUser) -> Mapping[str, Any]:
        """Return the display name, the e-mail address and the language, where known.

        Not ``get_full_name()``: where there is no name, Saleor's answers with the e-mail address, and Gameball shows a
        display name to whoever referred the customer.
        """
        names = (getattr(user, "first_name", ""), getattr(user, "last_name", ""))
        return {
            "display_name": " ".join(name for name in names if name).strip() or None,
            "email": self.get_email(user),
            "preferred_language": self.get_language(user),
        }

    def get_claim(self, user: AbstractBaseUser | None, request: HttpRequest | None) -> CurrentClaim | None:
        """Return the claim in the user's metadata, or in those of the order by which they become known.

        None for whoever has ordered as a guest before.
        """
        claim = _claim_in(getattr(user, "metadata", None))
        if claim is None and hasattr(user, orders.ORDER):
            claim = _claim_in(getattr(user, orders.ORDER).metadata)
        if claim is None or user is None or _was_guest(self.get_email(user)):
            return None
        return claim

    def get_order(self, order: Any, arguments: dict[str, Any]) -> Mapping[str, Any] | None:
        """Return what Gameball is told of an order, with the claim in its metadata, if that can still count.

        None for orders that are none of Gameball's business: imported ones and replacements, and those of which it was
        told already: Saleor hands a guest's orders over to the customer who registers later.
        """
        if getattr(order, "origin", None) in NO_SALES:
            return None
        told = Delivery.objects.using(writer()).filter(
            account_id=DEFAULT_ACCOUNT, operation="trackOrder", order_id=arguments["id"]
        )
        if told.exclude(dedupe_key__startswith=f"{UNSENDABLE}:").exists():
            return None
        user = arguments.get("customer")
        if user is not None and conf.get().SEND_ORDERS == "first" and _was_guest(self.get_email(user)):
            # Their first order was the guest's.
            return None
        claim = self._claim_of_order(order, arguments)
        return arguments if claim is None else {**arguments, "referrer_code": claim}

    def _claim_of_order(self, order: Any, arguments: Mapping[str, Any]) -> CurrentClaim | None:
        claim = _claim_in(order.metadata)
        user = arguments.get("customer")
        if user is None:
            if claim is not None and _is_customers(arguments.get("email")):
                return None
            return claim
        if claim is None or _was_guest(self.get_email(user)):
            return None
        frozen = Referral.objects.using(writer()).filter(
            account_id=DEFAULT_ACCOUNT, customer_id=self.get_customer_id(user)
        )
        return None if frozen.exists() else claim


def _claim_in(metadata: Any) -> CurrentClaim | None:
    """Return the claim in an object's public metadata, which anybody may have written."""
    value = metadata.get(claims.KEY) if isinstance(metadata, Mapping) else None
    return claims.read(claims.value_in([{"key": claims.KEY, "value": value}]))


def _was_guest(email: str | None) -> bool:
    """Tell whether Gameball knows the address as a guest's: then its owner is nobody's new friend any more."""
    if not email:
        return False
    theirs = Q(account_id=DEFAULT_ACCOUNT, customer_id=guest_customer_id(email))
    using = writer()
    return (
        Referral.objects.using(using).filter(theirs).exists() or Delivery.objects.using(using).filter(theirs).exists()
    )


def _is_customers(email: str | None) -> bool:
    """Tell whether an address that a guest gave is a registered customer's."""
    model: Any = get_user_model()
    return bool(email) and model._default_manager.using(writer()).filter(email__iexact=email).exists()
