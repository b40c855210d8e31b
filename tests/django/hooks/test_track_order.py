"""``track_order``: what is written of an order, for whom, and that it never overtakes its customer."""

from __future__ import annotations

import threading
from datetime import datetime, timezone
from decimal import Decimal
from typing import Any

import pytest
from django.contrib.auth.models import AnonymousUser, User
from django.db import connection, transaction
from django.utils.functional import SimpleLazyObject
from gameball_referrals import InvalidArgumentError
from gameball_referrals.courier import guest_customer_id
from gameball_referrals.django import track_order
from gameball_referrals.django.models import Delivery, Referral
from hooks.support import CODE, arguments, queries, told, visit

pytestmark = pytest.mark.django_db(transaction=True)

AT = datetime(2026, 5, 4, 12, tzinfo=timezone.utc)


def order(number: Any = "A-1", **changes: Any) -> None:
    track_order(number, **{"order_date": AT, "total_paid": Decimal("49.90"), **changes})


def test_a_users_order() -> None:
    user = User.objects.create_user("bo", "bo@example.com")
    line = {"product_id": "p1", "quantity": 2, "price": Decimal("20.00"), "title": "Cup"}
    with queries() as captured:
        order(
            customer=user, total_price=Decimal("45.00"), total_discount="0.10", total_shipping=5,
            total_tax=Decimal("7.97"), line_items=[line], channel="web", cart_id="c-1", extra={"gift_wrap": True},
        )  # fmt: skip
    assert captured.statements == ["BEGIN", "INSERT gameball_delivery", "COMMIT"]
    assert told() == [("createCustomer", str(user.pk)), ("trackOrder", str(user.pk))]
    delivery = Delivery.objects.get(operation="trackOrder")
    assert delivery.order_id == "A-1"
    assert arguments(delivery) == {
        "customerId": str(user.pk), "orderId": "A-1", "orderDate": "2026-05-04T12:00:00Z", "totalPaid": 49.90,
        "totalPrice": 45.00, "totalDiscount": 0.10, "totalShipping": 5, "totalTax": 7.97, "channel": "web",
        "cartId": "c-1", "extra": {"gift_wrap": True},
        "lineItems": [{"productId": "p1", "quantity": 2, "price": 20.00, "title": "Cup"}],
    }  # fmt: skip
    assert '"totalPaid":49.90' in delivery.arguments.replace(" ", "")


def test_in_the_callers_transaction() -> None:
    user = User.objects.create_user("bo")
    with pytest.raises(ZeroDivisionError), transaction.atomic(), queries() as captured:
        order(customer=user)
        raise ZeroDivisionError
    assert captured.statements == ["INSERT gameball_delivery"]
    assert told("trackOrder") == []


def test_only_the_first_order_is_sent() -> None:
    user = User.objects.create_user("bo")
    order(1, customer=user)
    order(2, customer=user)
    order(1, customer=user)
    assert list(Delivery.objects.filter(operation="trackOrder").values_list("order_id", flat=True)) == ["1"]


def test_all_orders_are_sent_once_each(settings: Any) -> None:
    settings.GAMEBALL_REFERRALS = {"SENDER": "worker", "SEND_ORDERS": "all"}
    user = User.objects.create_user("bo")
    for number in (1, 2, 1):
        order(number, customer=user)
    assert list(Delivery.objects.filter(operation="trackOrder").values_list("order_id", flat=True)) == ["1", "2"]


def test_an_order_never_overtakes_a_customer_of_whom_nobody_told() -> None:
    (user,) = User.objects.bulk_create([User(username="bo", email="bo@example.com")])
    user = User.objects.get()
    with queries() as captured:
        order(customer=user)
    assert captured.statements == ["BEGIN", "INSERT gameball_delivery", "COMMIT"]
    assert told() == [("createCustomer", str(user.pk)), ("trackOrder", str(user.pk))]
    assert arguments(Delivery.objects.get(operation="createCustomer"))["email"] == "bo@example.com"


def test_staff_who_become_customers_later() -> None:
    user = User.objects.create_user("clerk", is_staff=True)
    order(1, customer=user)
    assert told() == []
    user.is_staff = False
    user.save()
    order(2, customer=user)
    assert told() == [("createCustomer", str(user.pk)), ("trackOrder", str(user.pk))]


def test_request_user(rf: Any) -> None:
    user = User.objects.create_user("bo")
    order(customer=SimpleLazyObject(lambda: user))
    assert told("trackOrder") == [("trackOrder", str(user.pk))]


def test_an_id() -> None:
    order(customer=7, email="bo@example.com")
    assert told() == [("trackOrder", "7")]
    assert arguments(Delivery.objects.get())["email"] == "bo@example.com"


@pytest.mark.parametrize("customer", [None, AnonymousUser()])
def test_a_guest(customer: Any) -> None:
    order(customer=customer, guest=True, email=" Bo@Example.com ")
    delivery = Delivery.objects.get()
    assert delivery.customer_id == guest_customer_id("bo@example.com")
    assert arguments(delivery)["guest"] is True
    assert not Referral.objects.exists()


def test_a_guest_with_a_claim() -> None:
    with visit():
        order(guest=True, email="bo@example.com")
    referral = Referral.objects.get()
    assert (referral.customer_id, referral.referrer_code, referral.source, referral.guest) == (
        guest_customer_id("bo@example.com"), CODE, "visit", True,
    )  # fmt: skip


def test_a_guest_who_ordered_before_is_nobody_new() -> None:
    order(1, guest=True, email="bo@example.com")
    with visit():
        order(2, guest=True, email="bo@example.com")
    assert not Referral.objects.exists()


def test_a_claim_of_a_clerk_who_enters_a_guests_order_is_none() -> None:
    clerk = User.objects.create_user("clerk", is_staff=True)
    with visit(signed_in_as=clerk):
        order(guest=True, email="bo@example.com")
    assert not Referral.objects.exists()


def test_a_code_typed_at_the_checkout() -> None:
    user = User.objects.create_user("bo")
    order(customer=user, referrer_code="ANNA1")
    referral = Referral.objects.get()
    assert (referral.customer_id, referral.referrer_code, referral.source, referral.guest) == (
        str(user.pk), "ANNA1", "api", False,
    )  # fmt: skip


def test_the_code_of_the_registration_stays() -> None:
    with visit("FIRST"):
        user = User.objects.create_user("bo")
    order(customer=user, referrer_code="SECOND")
    assert Referral.objects.get().referrer_code == "FIRST"


def test_a_registered_customers_visit_is_no_claim() -> None:
    user = User.objects.create_user("bo")
    with visit():
        order(customer=user)
    assert not Referral.objects.exists()


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"customer": 7, "total_paid": 49.9}, "total_paid"),
        ({"customer": 7, "total_paid": None}, "total_paid"),
        ({"customer": 7, "order_date": datetime(2026, 5, 4)}, "order_date"),
        ({"customer": 7, "line_items": [{"price": 1.5}]}, "line_items[0].price"),
        ({"customer": None}, "customer"),
        ({"customer": User(username="unsaved")}, "customer"),
        ({"customer": object()}, "customer"),
        ({"guest": True}, "email"),
    ],
)
def test_what_cannot_be_sent_is_refused_by_name(changes: dict[str, Any], field: str) -> None:
    with pytest.raises(InvalidArgumentError) as caught:
        order(**changes)
    assert caught.value.field == field
    assert not Delivery.objects.exists()
    assert not Referral.objects.exists()


def test_switched_off(settings: Any) -> None:
    settings.GAMEBALL_REFERRALS = {"SENDER": "worker", "ENABLED": False}
    with queries() as captured:
        order(customer=7)
    assert captured.statements == []


def test_two_first_orders_at_once_are_one() -> None:
    user = User.objects.create_user("bo")
    first_is_in = threading.Event()

    def second() -> None:
        try:
            first_is_in.wait(10)
            order("second", customer=user)
        finally:
            connection.close()

    thread = threading.Thread(target=second)
    thread.start()
    with transaction.atomic():
        order("first", customer=user)
        first_is_in.set()
        # Held up by the first one's row, of which nobody knows yet whether it stays.
        while connection.vendor == "postgresql" and not _somebody_waits():
            assert thread.is_alive()
        assert thread.is_alive()
    thread.join(10)
    assert not thread.is_alive()
    assert list(Delivery.objects.filter(operation="trackOrder").values_list("order_id", flat=True)) == ["first"]


def _somebody_waits() -> bool:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_stat_clear_snapshot()")
        cursor.execute("SELECT 1 FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'")
        return cursor.fetchone() is not None


def test_a_code_that_cannot_be_one_does_not_cost_the_order() -> None:
    now = datetime.now(timezone.utc)
    track_order("A-77", customer=7, order_date=now, total_paid=Decimal(5), referrer_code="two words")
    row = Delivery.objects.get(order_id="A-77")
    assert row.dropped == ["referrer_code"]
    assert "two words" not in row.arguments
    assert not Referral.objects.exists()
