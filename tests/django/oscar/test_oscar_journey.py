"""A friend's way through Oscar's own pages, and what Gameball knows in the end."""

from __future__ import annotations

import json
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest
from django.core.management import call_command
from django.urls import reverse
from gameball_referrals.courier import guest_customer_id
from gameball_referrals.django.models import Delivery, Receipt, Referral
from gameball_referrals.testing import Emulator
from oscar.core.loading import get_class, get_model
from visitor import Visitor

pytestmark = pytest.mark.django_db(transaction=True)
Deliver = Callable[[], None]


def orders_at(gameball: Emulator) -> list[dict[str, Any]]:
    return [json.loads(request["body"], parse_float=Decimal) for request in gameball.requests("trackOrder")]


@pytest.mark.parametrize("way", ["register", "register_beside_login", "register_on_the_way"])
def test_a_friend_registers_and_orders(product: Any, gameball: Emulator, deliver: Deliver, way: str) -> None:
    ben = Visitor()
    ben.visit("/catalogue/?ref=ANN")
    if way == "register_on_the_way":
        ben.choose(product, 2)
        customer_id = ben.register_on_the_way("ben@shop.example")
    else:
        customer_id = getattr(ben, way)("ben@shop.example")
        ben.choose(product, 2)
    order = ben.check_out()
    assert str(order.user_id) == customer_id
    deliver()

    assert [(each["referrer"], each["friend"]) for each in gameball.state()["referrals"]] == [("ann", customer_id)]
    referral = Referral.objects.get()
    assert (referral.receipt, referral.reason) == (Receipt.LINKED, "by_registration")
    (sent,) = orders_at(gameball)
    assert (sent["orderId"], sent["customerId"]) == (order.number, customer_id)
    assert sent["totalPaid"] == order.total_incl_tax == Decimal("48.26")
    (line,) = sent["lineItems"]
    assert (line["productId"], line["sku"], line["title"]) == (str(product.pk), "MUG-30", "Stoneware mug")
    assert (line["quantity"], line["price"]) == (2, Decimal("24.13"))


def test_without_a_code_customer_and_order_come_all_the_same(
    product: Any, gameball: Emulator, deliver: Deliver
) -> None:
    carl = Visitor()
    customer_id = carl.register("carl@shop.example")
    carl.choose(product)
    carl.check_out()
    deliver()
    state = gameball.state()
    assert customer_id in {customer["customerId"] for customer in state["customers"]}
    assert not state["referrals"]
    assert len(orders_at(gameball)) == 1


def test_only_the_first_order_is_sent(product: Any, gameball: Emulator, deliver: Deliver) -> None:
    ben = Visitor()
    ben.register("ben@shop.example")
    for _ in range(2):
        ben.choose(product)
        ben.check_out()
    deliver()
    assert len(orders_at(gameball)) == 1


def test_a_guest_is_referred_by_the_order(product: Any, gameball: Emulator, deliver: Deliver) -> None:
    guest = Visitor()
    guest.visit("/?ref=ANN")
    guest.choose(product)
    order = guest.check_out(guest="Guest@Shop.example")
    deliver()

    customer_id = guest_customer_id("guest@shop.example")
    (sent,) = orders_at(gameball)
    assert (sent["customerId"], sent["orderId"], sent["guest"]) == (customer_id, order.number, True)
    assert sent["email"] == "Guest@shop.example"
    referral = Referral.objects.get()
    assert (referral.customer_id, referral.guest) == (customer_id, True)
    assert (referral.receipt, referral.reason) == (Receipt.LINKED, "by_order")


def test_no_network_in_oscars_requests(product: Any, gameball: Emulator) -> None:
    ben = Visitor()
    ben.visit("/?ref=ANN")
    ben.register("ben@shop.example")
    ben.choose(product)
    ben.check_out()
    assert gameball.requests() == []
    assert Delivery.objects.filter(state=Delivery.State.PENDING).count() == 2


def test_an_order_that_fails_leaves_nothing(product: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    def out_of_stock(*_: Any) -> None:
        raise RuntimeError("somebody else was faster")

    ben = Visitor()
    ben.register("ben@shop.example")
    ben.choose(product)
    monkeypatch.setattr(get_class("order.utils", "OrderCreator"), "update_stock_records", out_of_stock)
    with pytest.raises(AssertionError):
        ben.check_out()
    assert not get_model("order", "Order").objects.exists()
    assert not Delivery.objects.filter(operation="trackOrder").exists()


def test_amounts_are_those_of_the_database(
    product: Any, gameball: Emulator, deliver: Deliver, monkeypatch: pytest.MonkeyPatch
) -> None:
    # A tax of four decimals, and an offer: the order's amounts in memory have more digits than its columns.
    strategy = get_class("partner.strategy", "Selector")
    with_tax = get_class("partner.strategy", "UK")
    monkeypatch.setattr(with_tax, "rate", Decimal("0.077"))
    monkeypatch.setattr(strategy, "strategy", lambda self, request=None, user=None, **_: with_tax(request))
    everything = get_model("offer", "Range").objects.create(name="Everything", includes_all_products=True)
    condition = get_model("offer", "Condition").objects.create(range=everything, type="Count", value=1)
    benefit = get_model("offer", "Benefit").objects.create(range=everything, type="Percentage", value=15)
    get_model("offer", "ConditionalOffer").objects.create(name="15 % off", condition=condition, benefit=benefit)

    ben = Visitor()
    ben.register("ben@shop.example")
    ben.choose(product, 3)
    order = ben.check_out()
    deliver()

    order.refresh_from_db()
    line = order.lines.get()
    (sent,) = orders_at(gameball)
    money = {name: sent[name] for name in ("totalPaid", "totalTax", "totalDiscount", "totalShipping")}
    assert money == {
        "totalPaid": order.total_incl_tax,
        "totalTax": order.total_tax,
        "totalDiscount": order.total_discount_incl_tax,
        "totalShipping": order.shipping_incl_tax,
    }
    assert money["totalDiscount"] > 0
    assert money["totalTax"] > 0
    (item,) = sent["lineItems"]
    assert item["price"] == line.unit_price_excl_tax
    assert item["taxes"] == line.line_price_tax
    assert item["discount"] == line.discount_incl_tax


def test_the_reconcile_finds_what_went_past_the_hooks(
    product: Any, gameball: Emulator, deliver: Deliver, settings: Any
) -> None:
    switched_on = settings.GAMEBALL_REFERRALS
    settings.GAMEBALL_REFERRALS = {**switched_on, "ENABLED": False}
    ben, guest = Visitor(), Visitor()
    customer_id = ben.register("ben@shop.example")
    orders = set()
    for visitor, email in ((ben, None), (guest, "guest@shop.example")):
        visitor.choose(product)
        orders.add(visitor.check_out(guest=email).number)
    deliver()
    assert gameball.requests() == []

    settings.GAMEBALL_REFERRALS = switched_on
    call_command("gameball_reconcile", verbosity=0)
    deliver()
    assert {sent["orderId"] for sent in orders_at(gameball)} == orders
    assert {sent["customerId"] for sent in orders_at(gameball)} == {
        customer_id,
        guest_customer_id("guest@shop.example"),
    }
    assert {len(sent["lineItems"]) for sent in orders_at(gameball)} == {1}


class TestWaitingForAStatus:
    @pytest.fixture(autouse=True)
    def _statuses(self, gameball: Emulator, settings: Any) -> None:
        settings.GAMEBALL_REFERRALS = {**settings.GAMEBALL_REFERRALS, "OSCAR_PAID_STATUSES": ["Paid", "Complete"]}

    def set_status(self, staff: Any, order: Any, status: str) -> None:
        """As staff do in Oscar's dashboard."""
        answer = staff.post(
            reverse("dashboard:order-detail", kwargs={"number": order.number}),
            {"order_action": "change_order_status", "new_status": status},
        )
        order.refresh_from_db()
        assert (answer.status_code, order.status) == (302, status)

    def test_an_order_counts_once_it_is_paid(
        self, product: Any, gameball: Emulator, deliver: Deliver, staff: Any
    ) -> None:
        ben = Visitor()
        ben.visit("/?ref=ANN")
        ben.register("ben@shop.example")
        ben.choose(product, 2)
        order = ben.check_out()
        deliver()
        assert orders_at(gameball) == []
        self.set_status(staff, order, "Paid")
        deliver()
        (sent,) = orders_at(gameball)
        assert sent["orderId"] == order.number
        assert [item["quantity"] for item in sent["lineItems"]] == [2]
        self.set_status(staff, order, "Complete")
        deliver()
        assert len(orders_at(gameball)) == 1

    def test_a_guests_claim_outlives_the_wait(
        self, product: Any, gameball: Emulator, deliver: Deliver, staff: Any
    ) -> None:
        guest = Visitor()
        guest.visit("/?ref=ANN")
        guest.choose(product)
        order = guest.check_out(guest="guest@shop.example")
        self.set_status(staff, order, "Paid")
        deliver()
        assert Referral.objects.get().receipt == Receipt.LINKED
        assert gameball.state()["referrals"][0]["friend"] == guest_customer_id("guest@shop.example")

    def test_a_cancelled_order_never_counts(
        self, product: Any, gameball: Emulator, deliver: Deliver, staff: Any
    ) -> None:
        ben = Visitor()
        ben.register("ben@shop.example")
        ben.choose(product)
        self.set_status(staff, ben.check_out(), "Cancelled")
        deliver()
        assert orders_at(gameball) == []
