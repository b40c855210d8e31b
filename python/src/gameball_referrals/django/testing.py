"""A test kit for shops: a local Gameball behind the shop's own settings, and what to expect of it.

With pytest and pytest-django, the fixture ``gameball_shop`` does it all::

    @pytest.mark.django_db
    def test_a_friend_counts(client, gameball_shop):
        gameball_shop.add_referrer("ANNA1")
        client.get("/?ref=ANNA1")
        client.post("/sign-up/", {...})
        gameball_shop.deliver_now()
        assert_referral_linked(User.objects.get())

Without, ``with gameball_shop() as shop:`` does the same in any test.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from django.conf import settings as django_settings
from django.contrib.auth import get_user_model
from django.test.utils import override_settings

from gameball_referrals.courier import guest_customer_id, reasons
from gameball_referrals.testing import Emulator

from . import conf
from .adapter import get_adapter
from .models import Delivery, Receipt, Referral

__all__ = [
    "GameballShop",
    "assert_no_referral",
    "assert_order_tracked",
    "assert_referral_linked",
    "deliver_now",
    "gameball_shop",
]


class GameballShop:
    """A shop whose Gameball is an emulator.

    Args:
        emulator: the emulator.

    """

    def __init__(self, emulator: Emulator) -> None:
        self.emulator = emulator

    def add_referrer(self, code: str, customer_id: str = "referrer") -> None:
        """Make Gameball know somebody with a referral code, to be used in links."""
        self.emulator.add_customer(customer_id, referral_code=code)

    def deliver_now(self) -> int:
        """See :func:`deliver_now`."""
        return deliver_now()


@contextmanager
def gameball_shop(settings: Mapping[str, Any] | None = None, **emulator_options: Any) -> Iterator[GameballShop]:
    """Run an emulator, and point the shop's settings to it; nothing is delivered before :func:`deliver_now`.

    Args:
        settings: what else to change in ``GAMEBALL_REFERRALS``.
        emulator_options: see :class:`gameball_referrals.testing.Emulator`; without any, there are no rate limits.

    """
    options = {"limits": False, "processing_ms": 0, **emulator_options}
    with Emulator(**options) as emulator:
        changed = {
            **getattr(django_settings, conf.NAME, {}),
            "API_KEY": emulator.api_key,
            "SECRET_KEY": emulator.secret_key,
            "BASE_URL": emulator.url,
            "SENDER": "worker",
            **(settings or {}),
        }
        with override_settings(**{conf.NAME: changed}):
            yield GameballShop(emulator)


def deliver_now(seconds: float = 30.0) -> int:
    """Deliver all that is due, in this thread and transaction, and return how many calls it took.

    Args:
        seconds: how long at most.

    """
    from .sender import Sender

    return Sender().drain(seconds)


def assert_referral_linked(customer: Any, *, code: str | None = None) -> Referral:
    """Assert that Gameball counts a customer as referred, and return the referral.

    Args:
        customer: the user, the id by which Gameball knows them, or a guest's e-mail address.
        code: whose code it has to be.

    Raises:
        AssertionError: it doesn't; the message says why.

    """
    account, customer_id = _named(customer)
    referral: Referral | None = Referral.objects.filter(account_id=account, customer_id=customer_id).first()
    if referral is None:
        creation = _delivery(account, customer_id, "createCustomer", "trackOrder")
        if creation is None:
            raise AssertionError(
                "Gameball was told nothing of this customer: was the user made by create_user or save(), and is it no "
                "staff? Users made by bulk_create are found by `gameball_reconcile` only."
            )
        raise AssertionError(
            "The customer registered without a referrer code: did the visit to ?ref=CODE, or the typed code, come "
            "before, with the same client, and is ReferralCaptureMiddleware in MIDDLEWARE?"
        )
    if referral.receipt == Receipt.PENDING:
        raise AssertionError(f"The referral is still on its way: {_waiting(account, customer_id)}")
    if referral.receipt != Receipt.LINKED:
        why = reasons().get(referral.reason, referral.reason)
        raise AssertionError(f"The referral is {referral.receipt}, not linked: {why}")
    if code is not None and referral.referrer_code != code:
        raise AssertionError(f"The referral is linked by the code {referral.referrer_code!r}, not {code!r}.")
    return referral


def assert_no_referral(customer: Any) -> None:
    """Assert that a customer came without a referrer code; see :func:`assert_referral_linked` for how to name them."""
    account, customer_id = _named(customer)
    referral = Referral.objects.filter(account_id=account, customer_id=customer_id).first()
    if referral is not None:
        raise AssertionError(
            f"There is a referral by the code {referral.referrer_code!r}, {referral.receipt or 'pending'}."
        )


def assert_order_tracked(order_id: str | int, *, account: str | None = None) -> Delivery:
    """Assert that Gameball has an order, and return its delivery.

    Raises:
        AssertionError: it hasn't; the message says why.

    """
    rows = Delivery.objects.filter(operation="trackOrder", order_id=str(order_id))
    if account is not None:
        rows = rows.filter(account_id=account)
    delivery: Delivery | None = rows.order_by("-pk").first()
    if delivery is None:
        first = " Only a customer's first order is sent (SEND_ORDERS)." if conf.get().SEND_ORDERS == "first" else ""
        raise AssertionError(
            f"Nothing was written down of the order {order_id!r}: was it paid, and does the mapping in ORDERS or a "
            f"call of track_order tell of it?{first}"
        )
    if delivery.state == Delivery.State.DEAD:
        raise AssertionError(f"The order {order_id!r} cannot be sent: {delivery.error_message}")
    if delivery.state != Delivery.State.APPLIED:
        raise AssertionError(
            f"The order {order_id!r} is not delivered: {_waiting(str(delivery.account_id), delivery.customer_id)}"
        )
    return delivery


def _named(customer: Any) -> tuple[str, str]:
    adapter = get_adapter()
    if isinstance(customer, get_user_model()):
        return adapter.get_account(customer), adapter.get_customer_id(customer)
    name = str(customer)
    return adapter.get_account(None), guest_customer_id(name) if "@" in name else name


def _delivery(account: str, customer_id: str, *operations: str) -> Delivery | None:
    rows = Delivery.objects.filter(account_id=account, customer_id=customer_id, operation__in=operations)
    first: Delivery | None = rows.order_by("pk").first()
    return first


def _waiting(account: str, customer_id: str) -> str:
    rows = Delivery.objects.filter(account_id=account, customer_id=customer_id).exclude(state=Delivery.State.APPLIED)
    delivery = rows.order_by("pk").first()
    if delivery is None:
        return "no delivery is left that could tell."
    if delivery.attempts or delivery.error_message:
        return (
            f"{delivery.operation} is {delivery.state} after {delivery.attempts} attempt(s): {delivery.error_message}"
        )
    return f"{delivery.operation} is {delivery.state}; call deliver_now()."
