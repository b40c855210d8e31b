"""What a shop may decide for itself: who is a customer, their id, and what Gameball is told of them."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from typing import TYPE_CHECKING, Any, ClassVar

from django.core.exceptions import ImproperlyConfigured
from django.core.signals import setting_changed
from django.utils.module_loading import import_string
from django.utils.translation import get_language

from . import conf, context
from .models import DEFAULT_ACCOUNT

if TYPE_CHECKING:
    from django.contrib.auth.base_user import AbstractBaseUser
    from django.http import HttpRequest

    from .capture import CurrentClaim


class DefaultAdapter:
    """What is done unless a shop says otherwise: subclass it, and name the subclass in the setting ``ADAPTER``.

    Its methods run inside the transaction that creates the user or the order: they have to be quick, should ask the
    database for nothing, and must not call other services. What they raise is logged without personal data and breaks
    neither a sign-up nor an order; ``gameball_reconcile`` makes up for it once the adapter is mended. A database error
    is the exception: it makes the whole transaction fail, as it does anywhere in Django.
    """

    joined_field: ClassVar[str | None] = "date_joined"
    """The user model's field that tells when somebody joined: how the reconcile and the sync of existing customers tell
    customers from before the installation. None where there is none; then only hooks create customers."""

    def is_customer(self, user: AbstractBaseUser) -> bool:
        """Tell whether a user is a customer of the shop: whoever is neither staff nor a superuser.

        A user who becomes a customer later is told of with their first order, or by ``gameball_reconcile``.
        """
        return not (getattr(user, "is_staff", False) or getattr(user, "is_superuser", False))

    def get_customer_id(self, user: AbstractBaseUser) -> str:
        """Return the id under which Gameball knows a user: the primary key.

        It must never change in a customer's life, and never be somebody else's: no e-mail address, no user name.
        """
        return str(user.pk)

    def get_account(self, user: AbstractBaseUser | None) -> str:
        """Return the name of the account (in the admin) to which a user belongs; ``user`` is None for guests."""
        return DEFAULT_ACCOUNT

    def get_email(self, user: AbstractBaseUser) -> str | None:
        """Return the e-mail address that Gameball may know: the user's. Gameball's own e-mails need it.

        Return None to keep addresses in the shop; Gameball's e-mails then reach nobody.
        """
        return getattr(user, user.get_email_field_name(), None) or None

    def get_mobile(self, user: AbstractBaseUser) -> str | None:
        """Return the phone number that Gameball may know: none. Gameball's text messages need one."""
        return None

    def get_language(self, user: AbstractBaseUser) -> str | None:
        """Return the customer's language, such as ``en`` or ``pt-BR``: that of the request in which they signed up.

        None outside of a request, where nobody knows.
        """
        if context.current_request() is None:
            return None
        tag, _, region = (get_language() or "").partition("-")
        return (f"{tag}-{region.upper()}" if len(region) == 2 else tag) or None

    def get_attributes(self, user: AbstractBaseUser) -> Mapping[str, Any]:
        """Return what else Gameball is told of a customer: display name, e-mail address and language, where known.

        The display name is the user's full name, never the user name. Gameball shows it to whoever referred them. Keys
        are those of :class:`gameball_referrals.models.CustomerAttributes`; what is None is left out, and what turns out
        to be malformed is left out, too, and named in the delivery. Whatever a subclass adds is personal data that
        leaves the shop.
        """
        full_name = getattr(user, "get_full_name", None)
        return {
            "display_name": (full_name().strip() or None) if callable(full_name) else None,
            "email": self.get_email(user),
            "preferred_language": self.get_language(user),
        }

    def get_claim(self, user: AbstractBaseUser | None, request: HttpRequest | None) -> CurrentClaim | None:
        """Return the claim with which a customer registers, or a guest (``user`` is None) orders for the first time.

        It is a typed code, else the visitor's own. None where somebody who is signed in creates the user or the order
        (an administrator, a call centre) and typed none: the browser's claim is not the new customer's then.
        """
        claim = context.current_claim()
        if claim is None or request is None or claim.source == "field":
            return claim
        session = getattr(request, "session", None)
        return None if session is not None and "_auth_user_id" in session else claim

    def get_order(self, order: Any, arguments: dict[str, Any]) -> Mapping[str, Any] | None:
        """Have the last word on an order of the mapping in the setting ``ORDERS``; ``order`` is the shop's own.

        Args:
            order: the instance of the mapped model; it is paid.
            arguments: what the mapping read: the arguments of ``track_order``.

        Returns:
            the arguments as they shall be; None: this order is none of Gameball's business.

        """
        return arguments


@lru_cache(maxsize=1)
def get_adapter() -> DefaultAdapter:
    """Return the shop's adapter.

    Raises:
        ImproperlyConfigured: the setting ``ADAPTER`` names no adapter class.

    """
    path = conf.get().ADAPTER
    try:
        adapter = import_string(path)()
    except Exception as error:
        raise ImproperlyConfigured(f"{conf.NAME}['ADAPTER']: {path!r} cannot be used: {error}") from error
    if not isinstance(adapter, DefaultAdapter):
        raise ImproperlyConfigured(f"{conf.NAME}['ADAPTER']: {path!r} is no subclass of DefaultAdapter.")
    return adapter


def _forget(*, setting: str, **_: Any) -> None:
    if setting == conf.NAME:
        get_adapter.cache_clear()


setting_changed.connect(_forget, dispatch_uid="gameball_referrals.adapter")
