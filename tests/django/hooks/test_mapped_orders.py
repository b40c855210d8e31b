"""Order models that the settings map: when an order is told of, what of it, and what happens to one that cannot be."""

from __future__ import annotations

import threading
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.db import connection, transaction
from django.db.models import F
from django.utils import timezone
from gameball_referrals.courier import guest_customer_id
from gameball_referrals.django import context, operations, reconcile
from gameball_referrals.django.adapter import DefaultAdapter
from gameball_referrals.django.models import Account, Delivery, OrderClaim, Referral
from gameball_referrals.django.testing import deliver_now
from gameball_referrals.testing import Emulator
from hooks.shapes.models import ExpressPurchase, Line, Profile, Purchase
from hooks.support import CODE, arguments, installed, known, queries, told, visit
from shop.models import Order

pytestmark = pytest.mark.django_db(transaction=True)

SHOP = {
    "model": "shop.Order",
    "id": "number",
    "customer": "customer",
    "email": "email",
    "date": "placed_at",
    "total_paid": "total",
    "paid": "paid_at",
}
SHAPES = {
    "model": "shapes.Purchase",
    "id": "reference",
    "customer": "profile.user",
    "email": "email",
    "mobile": "profile.phone",
    "date": "created_at",
    "total_paid": "grand_total",
    "total_price": "total",
    "total_shipping": "shipping",
    "channel": "web",
    "paid": {"status": ["paid", "shipped"]},
    "line_items": {"items": "lines", "sku": "sku", "quantity": "quantity", "price": "price"},
}


@pytest.fixture(autouse=True)
def mapped(settings: Any, db: None) -> None:
    settings.GAMEBALL_REFERRALS = {**settings.GAMEBALL_REFERRALS, "ORDERS": [SHOP, SHAPES]}


@pytest.fixture
def bo() -> User:
    return User.objects.create_user("bo", "bo@example.com")


@pytest.fixture
def profile(bo: User) -> Profile:
    return Profile.objects.create(user=bo, phone="+390612345678")


def shop_order(**values: Any) -> Order:
    return Order.objects.create(**{"number": "A-1", "total": Decimal("9.90"), **values})


def sent() -> list[str]:
    return list(Delivery.objects.filter(operation="trackOrder").order_by("pk").values_list("order_id", flat=True))


def test_through_the_shops_own_views(client: Any) -> None:
    form = {"username": "bo", "email": "bo@example.com", "password1": "sd8f7s6d5f", "password2": "sd8f7s6d5f"}
    client.post("/sign-up/", form)
    client.post("/orders/", {"number": "A-1", "total": "9.90"})
    assert sent() == []
    client.post("/orders/A-1/pay/")
    user, paid = User.objects.get(), Order.objects.get()
    delivery = Delivery.objects.get(operation="trackOrder")
    assert delivery.customer_id == str(user.pk)
    body = arguments(delivery)
    assert (body["orderId"], body["totalPaid"]) == ("A-1", 9.9)
    assert datetime.fromisoformat(body["orderDate"].replace("Z", "+00:00")) == paid.placed_at
    assert "email" not in body


def test_a_payment_costs_one_insert_in_its_own_transaction(bo: User) -> None:
    order = shop_order(customer=bo)
    shop_order(number="warm", customer=User.objects.create_user("li"), paid_at=timezone.now())
    order.paid_at = timezone.now()
    with queries() as captured:
        order.save()
    assert captured.statements == ["BEGIN", "UPDATE shop_order", "INSERT gameball_delivery", "COMMIT"]
    with transaction.atomic(), queries() as captured:
        order.save()
    assert captured.statements == ["UPDATE shop_order", "INSERT gameball_delivery"]
    assert sent() == ["warm", "A-1"]


def test_a_rollback_takes_both(bo: User) -> None:
    with pytest.raises(ZeroDivisionError), transaction.atomic():
        shop_order(customer=bo, paid_at=timezone.now())
        raise ZeroDivisionError
    assert sent() == []


def test_a_save_of_other_fields_costs_nothing(bo: User) -> None:
    order = shop_order(customer=bo, paid_at=timezone.now())
    with queries() as captured:
        order.save(update_fields=["email"])
    assert captured.statements == ["UPDATE shop_order"]
    Delivery.objects.all().delete()
    order.save(update_fields=["paid_at"])
    assert sent() == ["A-1"]


def test_an_order_that_is_not_paid_any_more(bo: User) -> None:
    order = shop_order(customer=bo)
    order.paid_at = None
    order.save()
    assert sent() == []


def test_every_kind_of_value(profile: Profile) -> None:
    purchase = Purchase.objects.create(
        reference="P-1", profile=profile, total=Decimal("40.00"), shipping=Decimal("4.90")
    )
    Line.objects.create(purchase=purchase, sku="cup", quantity=2, price=Decimal("20.00"))
    assert sent() == []
    purchase.status = "shipped"
    purchase.save()
    body = arguments(Delivery.objects.get(operation="trackOrder"))
    body.pop("orderDate")
    assert body == {
        "customerId": str(profile.user.pk), "orderId": "P-1", "totalPaid": 44.9, "totalPrice": 40, "totalShipping": 4.9,
        "channel": "web", "mobile": "+390612345678", "lineItems": [{"sku": "cup", "quantity": 2, "price": 20}],
    }  # fmt: skip


def test_what_only_the_database_knows(profile: Profile) -> None:
    purchase = Purchase.objects.create(reference="P-1", profile=profile, total=Decimal("40.00"))
    purchase.total = F("total") + 2
    purchase.status = "paid"
    purchase.save()
    assert arguments(Delivery.objects.get(operation="trackOrder"))["totalPrice"] == 42


def test_a_child_table(profile: Profile) -> None:
    with queries() as captured:
        ExpressPurchase.objects.create(reference="P-1", profile=profile, total=Decimal("40.00"), status="paid")
    assert captured.statements[0] == "BEGIN"
    assert captured.statements[-2:] == ["INSERT gameball_delivery", "COMMIT"]
    assert sent() == ["P-1"]


def test_a_day_without_a_time(bo: User, settings: Any) -> None:
    settings.GAMEBALL_REFERRALS = {
        "SENDER": "worker",
        "ORDERS": {**SHOP, "date": lambda order: timezone.localdate(order.placed_at)},
    }
    installed(days=2)
    shop_order(customer=bo, paid_at=timezone.now())
    body = arguments(Delivery.objects.get(operation="trackOrder"))
    day = datetime.fromisoformat(body["orderDate"].replace("Z", "+00:00")).astimezone(timezone.get_default_timezone())
    assert (day.hour, day.minute, day.date()) == (0, 0, timezone.localdate())


@pytest.mark.parametrize(
    "paid", ["hooks.shapes.models.is_paid", lambda purchase: purchase.status == "paid", {"status": "paid"}]
)
def test_ways_to_tell_that_an_order_is_paid(profile: Profile, settings: Any, paid: Any) -> None:
    settings.GAMEBALL_REFERRALS = {"SENDER": "worker", "ORDERS": {**SHAPES, "paid": paid}}
    purchase = Purchase.objects.create(reference="P-1", profile=profile, total=Decimal("40.00"))
    assert sent() == []
    purchase.status = "paid"
    purchase.save(update_fields=["status"])
    assert sent() == ["P-1"]


def test_staffs_orders_are_not_sent() -> None:
    shop_order(customer=User.objects.create_user("clerk", is_staff=True), paid_at=timezone.now())
    assert told() == []


def test_orders_from_before_the_installation_are_no_news(bo: User) -> None:
    order = shop_order(customer=bo, placed_at=timezone.now() - timedelta(days=3), paid_at=timezone.now())
    order.save()
    assert sent() == []
    installed(days=4)
    order.save()
    assert sent() == ["A-1"]


def test_orders_older_than_what_is_kept_are_no_news(bo: User) -> None:
    installed(days=1000)
    shop_order(customer=bo, placed_at=timezone.now() - timedelta(days=366), paid_at=timezone.now())
    assert sent() == []


def test_a_guest() -> None:
    shop_order(email="Bo@example.com", paid_at=timezone.now())
    delivery = Delivery.objects.get()
    assert delivery.customer_id == guest_customer_id("bo@example.com")
    assert arguments(delivery)["guest"] is True


def test_guests_whose_address_the_mapping_does_not_know(settings: Any) -> None:
    settings.GAMEBALL_REFERRALS = {
        "SENDER": "worker",
        "ORDERS": {name: value for name, value in SHOP.items() if name != "email"},
    }
    shop_order(email="bo@example.com", paid_at=timezone.now())
    assert not Delivery.objects.exists()


def test_a_guests_claim_waits_for_a_payment_without_a_browser() -> None:
    with visit():
        order = shop_order(email="bo@example.com")
    pay(order)
    referral = Referral.objects.get()
    assert (referral.customer_id, referral.referrer_code) == (guest_customer_id("bo@example.com"), CODE)
    assert sent() == ["A-1"]


def test_a_guests_claim_at_once() -> None:
    with visit(), queries() as captured:
        shop_order(email="bo@example.com", paid_at=timezone.now())
    assert [each for each in captured.statements if each.startswith("INSERT")] == [
        "INSERT shop_order", "INSERT gameball_referral", "INSERT gameball_delivery",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("changes", "values", "said"),
    [
        ({"total_paid": lambda order: 9.9}, {}, "total_paid"),
        ({"total_paid": lambda order: None}, {}, "total_paid"),
        ({"total_paid": "hooks.test_mapped_orders.fail"}, {}, "ZeroDivisionError"),
        ({"customer": "pk", "date": lambda order: "soon"}, {}, "order_date"),
        ({}, {"customer": None, "email": ""}, "email"),
    ],
)
def test_an_order_that_cannot_be_sent_is_kept_with_its_reason(
    bo: User, settings: Any, caplog: pytest.LogCaptureFixture, changes: Any, values: Any, said: str
) -> None:
    settings.GAMEBALL_REFERRALS = {"SENDER": "worker", "ORDERS": {**SHOP, **changes}}
    shop_order(**{"customer": bo, "paid_at": timezone.now(), **values})
    note = Delivery.objects.get(operation="trackOrder")
    assert (note.state, note.order_id) == ("dead", "A-1")
    assert said in note.error_message
    assert said in caplog.text
    assert "bo@example.com" not in caplog.text + note.error_message
    # It is in nobody's way.
    settings.GAMEBALL_REFERRALS = {"SENDER": "worker", "ORDERS": SHOP}
    Order.objects.get().save()
    if not values:
        assert Delivery.objects.filter(operation="trackOrder", state="pending", order_id="A-1").count() == 1


def fail(order: Any) -> Decimal:
    raise ZeroDivisionError(order.email)


class Choosy(DefaultAdapter):
    def get_order(self, order: Any, arguments: dict[str, Any]) -> Any:
        if order.number.startswith("TEST"):
            return None
        return {**arguments, "extra": {"seen": True}, "account": "second"}


def test_the_adapter_has_the_last_word(bo: User, settings: Any) -> None:
    settings.GAMEBALL_REFERRALS = {"SENDER": "worker", "ORDERS": SHOP, "ADAPTER": "hooks.test_mapped_orders.Choosy"}
    shop_order(number="TEST-1", customer=bo, paid_at=timezone.now())
    shop_order(number="A-1", customer=bo, paid_at=timezone.now())
    delivery = Delivery.objects.get(operation="trackOrder")
    assert (delivery.order_id, delivery.account_id) == ("A-1", "second")
    assert arguments(delivery)["extra"] == {"seen": True}


def test_switched_off(bo: User, settings: Any) -> None:
    settings.GAMEBALL_REFERRALS = {"SENDER": "worker", "ORDERS": SHOP, "ENABLED": False}
    shop_order(customer=bo, paid_at=timezone.now())
    assert sent() == []


def test_a_mapping_that_was_taken_back(bo: User, settings: Any) -> None:
    settings.GAMEBALL_REFERRALS = {"SENDER": "worker"}
    shop_order(customer=bo, paid_at=timezone.now())
    assert sent() == []


def test_somebody_elses_unpaid_order_takes_no_referral_away(gameball: Emulator) -> None:
    gameball.add_customer("mallory", referral_code="MALLORY")
    with visit("MALLORY"):
        shop_order(number="never-paid", email="bo@example.com")
    assert not Referral.objects.exists(), "an order that is not paid counts for nobody"
    with visit():
        order = shop_order(number="A-1", email="bo@example.com")
    pay(order)
    assert Referral.objects.get().referrer_code == CODE
    deliver_now()
    assert known(gameball)[guest_customer_id("bo@example.com")]["referredBy"] == "anna"


def test_who_came_by_nobodys_link_was_sent_by_nobody() -> None:
    with visit("MALLORY"):
        shop_order(number="never-paid", email="bo@example.com")
    shop_order(email="bo@example.com", paid_at=timezone.now())
    assert sent() == ["A-1"]
    assert not Referral.objects.exists()


def test_an_abandoned_order_does_not_decide_who_sent_a_guest() -> None:
    with visit("FIRST"):
        shop_order(number="abandoned", email="bo@example.com")
    with visit("LAST"):
        shop_order(email="bo@example.com", paid_at=timezone.now())
    assert Referral.objects.get().referrer_code == "LAST"


def test_a_referral_stays_once_its_order_is_paid() -> None:
    with visit("FIRST"):
        shop_order(number="A-1", email="bo@example.com", paid_at=timezone.now())
    with visit("SECOND"):
        second = shop_order(number="A-2", email="bo@example.com")
    pay(second)
    assert Referral.objects.get().referrer_code == "FIRST"
    assert sent() == ["A-1"]


def test_an_address_that_comes_in_a_later_step() -> None:
    with visit():
        order = shop_order(email="")
    with visit("LATER"):
        order.email = "bo@example.com"
        order.save()
    pay(order)
    assert (Referral.objects.get().customer_id, Referral.objects.get().referrer_code) == (
        guest_customer_id("bo@example.com"), CODE,
    )  # fmt: skip


def test_a_claim_that_comes_in_a_later_step() -> None:
    order = shop_order(email="bo@example.com")
    with visit():
        order.save(update_fields=["email"])
    pay(order)
    assert Referral.objects.get().referrer_code == CODE


def test_a_code_typed_in_an_earlier_step_wins() -> None:
    order = shop_order(email="bo@example.com")
    with visit():
        request = context.current_request()
        assert request is not None
        context.typed_code(request, "TYPED")
        order.save()
    with visit():
        pay(order)
    assert (Referral.objects.get().referrer_code, Referral.objects.get().source) == ("TYPED", "field")


def test_what_a_guests_claim_costs() -> None:
    with visit(), queries() as captured:
        order = shop_order(email="bo@example.com")
    assert captured.statements.count("INSERT gameball_orderclaim") == 1
    with queries() as captured:
        pay(order)
    assert [each for each in captured.statements if "gameball" in each and "account" not in each] == [
        "SELECT gameball_orderclaim", "SELECT gameball_delivery",
        "INSERT gameball_referral", "INSERT gameball_delivery",
    ]  # fmt: skip


def test_an_order_of_somebody_with_an_account_keeps_no_claim(bo: User) -> None:
    with visit():
        order = shop_order(customer=bo, email="bo@example.com")
    assert not OrderClaim.objects.exists()
    with queries() as captured:
        pay(order)
    assert "SELECT gameball_orderclaim" not in captured.statements


def test_a_save_in_a_request_does_not_load_whose_order_it_is(bo: User) -> None:
    order = Order.objects.get(pk=shop_order(customer=bo).pk)
    with visit(), queries() as captured:
        order.save(update_fields=["email"])
    assert captured.statements == ["UPDATE shop_order"]


def test_two_orders_of_one_guest_paid_at_once() -> None:
    """Whichever is first, Gameball is told of one order, and of one referral."""
    paid: list[Order] = []
    for number, code in (("A-1", "FIRST"), ("A-2", "SECOND")):
        with visit(code):
            paid.append(shop_order(number=number, email="bo@example.com"))
    start = threading.Barrier(2)

    def work(order: Order) -> None:
        try:
            start.wait(10)
            pay(order)
        finally:
            connection.close()

    threads = [threading.Thread(target=work, args=(order,)) for order in paid]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    codes = {"A-1": "FIRST", "A-2": "SECOND"}
    (first,) = sent()
    assert Referral.objects.get().referrer_code == codes[first]


def pay(order: Order) -> None:
    """Pay where no browser is, such as in a payment provider's webhook."""
    fresh = Order.objects.get(pk=order.pk)
    fresh.paid_at = timezone.now()
    fresh.save()


@pytest.mark.parametrize("by_hook", [True, False])
@pytest.mark.parametrize("at", ["Europe/Rome", "America/Los_Angeles", "Pacific/Auckland"])
def test_orders_of_the_installation_day_where_only_the_day_is_known(
    profile: Profile, settings: Any, by_hook: bool, at: str
) -> None:
    settings.TIME_ZONE = at
    settings.GAMEBALL_REFERRALS = {**settings.GAMEBALL_REFERRALS, "ORDERS": {**SHAPES, "date": "day"}}
    installed_at = timezone.now()
    installed(seconds=0)
    Account.objects.update(installed_at=installed_at)
    today = timezone.localdate(installed_at)
    values: dict[str, Any] = {"profile": profile, "total": Decimal(4), "status": "paid"}
    purchases = [
        Purchase(reference="yesterday", day=today - timedelta(days=1), **values),
        Purchase(reference="today", day=today, **values),
    ]
    if by_hook:
        for purchase in purchases:
            purchase.save()
    else:
        Purchase.objects.bulk_create(purchases)
        reconcile.reconcile()
    assert sent() == ["today"]


def test_a_relation_that_tells_what_is_paid(profile: Profile, settings: Any) -> None:
    other = Profile.objects.create(user=User.objects.create_user("li"), phone="1")
    paid = {"profile": str(profile.pk)}
    settings.GAMEBALL_REFERRALS = {**settings.GAMEBALL_REFERRALS, "ORDERS": {**SHAPES, "paid": paid}}
    Purchase.objects.create(reference="no", profile=other, total=Decimal(4))
    purchase = Purchase.objects.create(reference="P-1", total=Decimal(4))
    assert sent() == []
    purchase.profile = profile
    purchase.save(update_fields=["profile"])
    assert sent() == ["P-1"]
    Delivery.objects.all().delete()
    reconcile.reconcile()
    assert sent() == ["P-1"]


@pytest.mark.parametrize("path", ["meta__state", "meta.state"])
def test_a_value_in_a_json_field_that_tells_what_is_paid(profile: Profile, settings: Any, path: str) -> None:
    settings.GAMEBALL_REFERRALS = {**settings.GAMEBALL_REFERRALS, "ORDERS": {**SHAPES, "paid": {path: "paid"}}}
    Purchase.objects.create(reference="no", profile=profile, total=Decimal(4))
    purchase = Purchase.objects.create(reference="P-1", profile=profile, total=Decimal(4), meta={"state": "new"})
    assert not Delivery.objects.filter(operation="trackOrder").exists()
    purchase.meta = {"state": "paid"}
    purchase.save(update_fields=["meta"])
    assert sent() == ["P-1"]
    Delivery.objects.all().delete()
    reconcile.reconcile()
    assert sent() == ["P-1"]


def test_an_order_of_which_nobody_can_tell_whether_it_is_paid(
    profile: Profile, settings: Any, caplog: pytest.LogCaptureFixture
) -> None:
    settings.GAMEBALL_REFERRALS = {
        **settings.GAMEBALL_REFERRALS,
        "ORDERS": {**SHAPES, "paid": "hooks.test_mapped_orders.fail"},
    }
    Purchase.objects.create(reference="P-1", profile=profile, total=Decimal(4), email="bo@example.com")
    assert "Whether an order (shapes.Purchase) is paid cannot be told" in caplog.text
    assert "bo@example.com" not in caplog.text
    reconcile.reconcile()
    assert not Delivery.objects.filter(operation="trackOrder").exists()


def test_replay_reads_an_order_anew_that_could_not_be_sent(bo: User, gameball: Emulator) -> None:
    order = shop_order(customer=bo, total=Decimal(-5), paid_at=timezone.now())
    note = Delivery.objects.get(operation="trackOrder")
    reason = note.error_message
    assert operations.replay([note.pk]) == 0
    note.refresh_from_db()
    assert (note.state, note.error_message) == ("dead", reason)
    Order.objects.update(total=Decimal(7))
    assert operations.replay([note.pk]) == 1
    deliver_now()
    assert [(each["orderId"], each["totalPaid"]) for each in gameball.state()["orders"]] == [(order.number, "7.00")]
    note.refresh_from_db()
    assert (note.state, note.error_message) == ("cancelled", "It can be read now, and is a delivery of its own.")
    assert operations.replay([note.pk]) == 0


def test_replay_of_an_unreadable_order_whose_customer_has_another_first_one(bo: User) -> None:
    shop_order(number="A-1", customer=bo, total=Decimal(-5), paid_at=timezone.now())
    shop_order(number="A-2", customer=bo, paid_at=timezone.now())
    Order.objects.update(total=Decimal(7))
    note = Delivery.objects.get(order_id="A-1")
    assert operations.replay([note.pk]) == 0
    note.refresh_from_db()
    assert "not the first order" in note.error_message
    assert Delivery.objects.filter(operation="trackOrder", state="pending").count() == 1


def test_replay_of_an_unreadable_order_that_is_gone(bo: User) -> None:
    order = shop_order(customer=bo, total=Decimal(-5), paid_at=timezone.now())
    note = Delivery.objects.get(operation="trackOrder")
    order.delete()
    assert operations.replay([note.pk]) == 0
    note.refresh_from_db()
    assert note.state == "dead"
    assert "nothing to send" in note.error_message


def test_lines_that_are_saved_after_the_payment_are_missed_aloud(
    profile: Profile, caplog: pytest.LogCaptureFixture
) -> None:
    with transaction.atomic():
        purchase = Purchase.objects.create(reference="P-1", profile=profile, total=Decimal(4), status="paid")
        Line.objects.create(purchase=purchase, sku="cup", price=Decimal(4))
    assert "lineItems" not in arguments(Delivery.objects.get(operation="trackOrder"))
    assert "before its lines were" in caplog.text
    caplog.clear()
    purchase.save()
    shop_order(number="A-1", email="bo@example.com", paid_at=timezone.now())
    assert caplog.text == ""
