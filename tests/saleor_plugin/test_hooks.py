"""What the hooks write, and that nothing that happens in them is ever Saleor's trouble."""

from __future__ import annotations

import base64
import json
from typing import Any

import pytest
from conftest import Shop
from django.db import DatabaseError, connection, connections, transaction
from gameball_referrals import Client
from gameball_referrals.courier import guest_customer_id
from gameball_referrals.django import reconcile
from gameball_referrals.django.models import Account, Delivery, Referral
from saleor.account.models import User
from saleor.core.db.connection import restrict_writer
from saleor.order.models import Order

pytestmark = pytest.mark.django_db(transaction=True, databases=["default", "replica"])

BROUGHT = {"gameball_claim": "ANNA1"}


def global_id(kind: str, key: Any) -> str:
    return base64.b64encode(f"{kind}:{key}".encode()).decode()


def test_a_referral_from_the_registration_to_its_receipt(shop: Shop) -> None:
    user = shop.register(metadata=BROUGHT)
    order = shop.order(user)
    assert shop.deliver() > 0
    referral = Referral.objects.get()
    assert (referral.customer_id, referral.receipt, referral.source) == (
        global_id("User", user.pk),
        "linked",
        "metadata",
    )
    creation, sale = Delivery.objects.order_by("pk")
    assert (creation.state, sale.state) == ("applied", "applied")
    assert (sale.operation, sale.order_id) == ("trackOrder", global_id("Order", order.pk))
    with Client(shop.gameball.api_key, base_url=shop.gameball.url) as client:
        assert client.get_customer(global_id("User", user.pk)).is_referred


def test_what_gameball_is_told(shop: Shop) -> None:
    user = shop.register(first_name="Ben", last_name="Alvi", language_code="pt-br")
    shop.order(user)
    creation, sale = (json.loads(row.arguments) for row in Delivery.objects.order_by("pk"))
    assert creation["customerAttributes"] == {
        "displayName": "Ben Alvi", "email": "ben@shop.test", "preferredLanguage": "pt-br"
    }  # fmt: skip
    assert str(sale["totalPaid"]) == "100.10" or sale["totalPaid"] == 100.10
    assert sale["extra"] == {"number": "1", "channel": "default-channel", "currency": "EUR"}
    (line,) = sale["lineItems"]
    assert (line["sku"], line["title"], line["productId"]) == ("MUG-B", "Mug / Blue", "MUG-B")


def test_no_name_is_no_address(shop: Shop) -> None:
    shop.register(first_name="")
    assert "displayName" not in json.loads(Delivery.objects.get().arguments)["customerAttributes"]


def test_nothing_is_written_before_it_is_switched_on(off: Shop) -> None:
    off.order(off.register(metadata=BROUGHT))
    assert not Delivery.objects.exists()
    assert not Referral.objects.exists()


def test_nothing_is_written_once_it_is_off_again(shop: Shop) -> None:
    shop.save(enabled="false")
    shop.order(shop.register())
    reconcile.sweep_if_due()
    assert not Delivery.objects.exists()
    shop.save(enabled="true")
    assert reconcile.sweep().customers == 0


def test_staff_are_no_customers(shop: Shop) -> None:
    shop.register(is_staff=True)
    assert not Delivery.objects.exists()


def test_the_confirmation_can_be_waited_for(shop: Shop) -> None:
    shop.save(after_confirmation="true")
    user = shop.register(metadata=BROUGHT)
    assert not Delivery.objects.exists()
    assert reconcile.sweep().customers == 0
    user.is_confirmed = True
    user.save()
    shop.manager.account_confirmed(user)
    assert Referral.objects.get().referrer_code == "ANNA1"
    assert shop.deliver() and Referral.objects.get().receipt == "linked"


def test_whoever_pays_needs_no_confirmation(shop: Shop) -> None:
    shop.save(after_confirmation="true")
    user = shop.register(metadata=BROUGHT)
    shop.order(user)
    assert [row.operation for row in Delivery.objects.order_by("pk")] == ["createCustomer", "trackOrder"]
    shop.deliver()
    assert Referral.objects.get().receipt == "linked"


def test_a_confirmation_changes_nothing_of_what_was_told(shop: Shop) -> None:
    user = shop.register()
    user.metadata = BROUGHT
    user.save()
    shop.manager.account_confirmed(user)
    assert not Referral.objects.exists()
    assert Delivery.objects.count() == 1


def test_only_paid_orders_and_only_the_first(shop: Shop) -> None:
    user = shop.register()
    unpaid = shop.order(user, paid=False)
    assert Delivery.objects.filter(operation="trackOrder").count() == 0
    shop.pay(unpaid)
    shop.pay(unpaid)
    shop.order(user, number=2)
    assert Delivery.objects.filter(operation="trackOrder").count() == 1


@pytest.mark.parametrize("origin", ["bulk_create", "reissue"])
def test_imports_and_replacements_are_no_sales(shop: Shop, origin: str) -> None:
    shop.order(shop.register(), origin=origin)
    assert not Delivery.objects.filter(operation="trackOrder").exists()


def test_a_guest_with_a_code(shop: Shop) -> None:
    shop.order(metadata=BROUGHT)
    shop.deliver()
    referral = Referral.objects.get()
    assert (referral.customer_id, referral.guest, referral.receipt) == (
        guest_customer_id("guest@shop.test"), True, "linked"
    )  # fmt: skip


def test_a_guest_who_registers_later_is_nobody_new(shop: Shop) -> None:
    order = shop.order(metadata=BROUGHT)
    user = shop.register("guest@shop.test", metadata=BROUGHT)
    assert Referral.objects.count() == 1
    # Saleor hands the order over to the new customer.
    Order.objects.update(user=user)
    assert reconcile.sweep().orders == 0
    order.user = user
    shop.manager.order_fully_paid(order)
    assert Delivery.objects.filter(operation="trackOrder").count() == 1


def test_a_customer_who_orders_as_a_guest_is_nobody_new(shop: Shop) -> None:
    shop.register("Guest@shop.test")
    shop.order(metadata=BROUGHT)
    assert not Referral.objects.exists()


def test_a_code_of_the_checkout_counts_for_who_registered_without(shop: Shop) -> None:
    user = shop.register()
    shop.order(user, metadata=BROUGHT)
    assert Referral.objects.get().referrer_code == "ANNA1"


def test_a_code_of_the_checkout_changes_no_frozen_referral(shop: Shop) -> None:
    user = shop.register(metadata=BROUGHT)
    shop.order(user, metadata={"gameball_claim": "OTHER"})
    assert Referral.objects.get().referrer_code == "ANNA1"
    assert "OTHER" not in "".join(Delivery.objects.values_list("arguments", flat=True))


@pytest.mark.parametrize(
    "value",
    ["", " ", 5, None, ["ANNA1"], {"code": "ANNA1"}, "<script>", "x" * 5000, "1.QU5OQTE.1700000000." + "a" * 43],
)
def test_metadata_are_untrusted(shop: Shop, value: Any) -> None:
    shop.register(metadata={"gameball_claim": value})
    assert not Referral.objects.exists()
    assert Delivery.objects.count() == 1


@pytest.mark.parametrize(
    "value", ["ANNA1", " ANNA1 ", "https://shop.example/?Ref=ANNA1", "https://shop.example/?GbReferral=ANNA1"]
)
def test_a_code_and_a_whole_link_are_claims(shop: Shop, value: str) -> None:
    shop.register(metadata={"gameball_claim": value, "other": "things"})
    assert Referral.objects.get().referrer_code == "ANNA1"


@pytest.mark.parametrize("metadata", [None, [], "ANNA1", 7])
def test_so_is_what_is_no_mapping(shop: Shop, metadata: Any) -> None:
    user = User(email="ben@shop.test", is_confirmed=False)
    user.save()
    user.metadata = metadata
    shop.manager.customer_created(user)
    assert Delivery.objects.count() == 1


def test_a_signed_claim_has_its_date(shop: Shop, settings: Any) -> None:
    from gameball_referrals import ClaimSigner
    from gameball_referrals._time import utc_now

    key = "a key that the storefront shares with the shop"
    settings.GAMEBALL_REFERRALS = {**settings.GAMEBALL_REFERRALS, "SALEOR_CLAIM_KEY": key}
    visited = utc_now().replace(microsecond=0)
    shop.register(metadata={"gameball_claim": ClaimSigner(key).issue("ANNA1", at=visited)})
    assert Referral.objects.get().claimed_at == visited


def test_hooks_in_a_transaction_of_saleors_go_with_it(shop: Shop) -> None:
    with transaction.atomic():
        shop.register()
        transaction.set_rollback(True)
    assert not Delivery.objects.exists()
    with transaction.atomic():
        shop.register()
    assert Delivery.objects.count() == 1


BREAKS = [
    "ALTER TABLE gameball_delivery RENAME TO gone",
    "ALTER TABLE gameball_referral RENAME TO gone",
    "ALTER TABLE gameball_delivery ADD CONSTRAINT never CHECK (false)",
]


@pytest.fixture
def broken(request: pytest.FixtureRequest) -> Any:
    with connection.cursor() as cursor:
        cursor.execute(request.param)
    yield
    with connection.cursor() as cursor:
        cursor.execute(
            "ALTER TABLE gameball_delivery DROP CONSTRAINT never"
            if "CHECK" in request.param
            else f"ALTER TABLE gone RENAME TO {request.param.split()[2]}"
        )


@pytest.mark.parametrize("broken", BREAKS, indirect=True)
def test_a_raising_database_breaks_no_order(shop: Shop, broken: None) -> None:
    user = shop.register(metadata=BROUGHT)
    order = shop.order(user, metadata=BROUGHT)
    assert Order.objects.get(pk=order.pk).charge_status == "full"
    assert connection.needs_rollback is False


@pytest.mark.parametrize("broken", BREAKS, indirect=True)
def test_nor_a_transaction_in_which_saleor_calls(shop: Shop, broken: None) -> None:
    with transaction.atomic():
        user = shop.register(metadata=BROUGHT)
        order = shop.order(user, metadata=BROUGHT)
        assert Order.objects.filter(pk=order.pk).exists()
    assert Order.objects.get(pk=order.pk).user == user


def test_what_a_broken_database_has_lost_is_found_later(shop: Shop) -> None:
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE gameball_delivery RENAME TO gone")
    user = shop.register(metadata=BROUGHT)
    shop.order(user)
    shop.order(number=2, metadata=BROUGHT)
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE gone RENAME TO gameball_delivery")
    findings = reconcile.sweep()
    assert (findings.customers, findings.orders) == (1, 2)
    # With their claims, which Saleor has kept.
    assert Referral.objects.count() == 2
    shop.deliver()
    assert {row.receipt for row in Referral.objects.all()} == {"linked"}


def test_a_transaction_that_is_broken_already_is_left_alone(shop: Shop) -> None:
    user = shop.register()
    with pytest.raises(DatabaseError), transaction.atomic():
        try:
            with connection.cursor() as cursor:
                cursor.execute("SELECT 1/0")
        except Exception:
            pass
        shop.manager.customer_created(user)  # raises nothing itself
        User.objects.count()


def test_whatever_saleor_hands_over_raises_nothing(shop: Shop, caplog: pytest.LogCaptureFixture) -> None:
    manager = shop.manager
    for hook in ("customer_created", "account_confirmed", "order_created", "order_confirmed", "order_fully_paid"):
        for thing in (None, object(), "ben@shop.test"):
            getattr(manager, hook)(thing)
    assert "ben@shop.test" not in caplog.text


def test_the_database_is_away(shop: Shop, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture) -> None:
    user = User.objects.create(email="ben@shop.test")
    manager = shop.manager
    monkeypatch.setitem(connections["default"].settings_dict, "PORT", "1")
    connections["default"].close()
    manager.customer_created(user)
    assert "could not be written down" in caplog.text
    assert "ben@shop.test" not in caplog.text


def test_no_query_goes_to_the_primary_unannounced(shop: Shop) -> None:
    from saleor.core.db.connection import allow_writer

    with allow_writer():
        user = User.objects.create(email="ben@shop.test", metadata=BROUGHT)
    with connections["default"].execute_wrapper(restrict_writer):
        manager = shop.manager
        manager.customer_created(user)
    assert Delivery.objects.count() == 1


def test_what_comes_from_a_replica_is_written_to_the_primary(shop: Shop) -> None:
    User.objects.create(email="ben@shop.test", metadata=BROUGHT)
    user = User.objects.using("replica").get()
    assert user._state.db == "replica"
    shop.manager.customer_created(user)
    assert Delivery.objects.count() == Referral.objects.count() == 1


def test_the_hooks_hand_on_the_previous_value(shop: Shop) -> None:
    plugin = shop.manager.plugin("gameball.referrals")
    user = shop.register()
    assert plugin.customer_created(user, previous_value="x") == "x"
    assert plugin.order_fully_paid(shop.order(user), previous_value="x", webhooks=None) == "x"


def test_orders_from_before_are_none_of_its_business(shop: Shop) -> None:
    order = shop.order(shop.register(), paid=False)
    Account.objects.update(installed_at=order.created_at.replace(year=order.created_at.year + 1))
    from gameball_referrals.django import mapped_orders

    mapped_orders._watermarks.clear()
    shop.pay(order)
    assert not Delivery.objects.filter(operation="trackOrder").exists()


def test_a_configuration_that_is_none_breaks_no_order(shop: Shop) -> None:
    user = User.objects.create(email="ben@shop.test")
    manager = shop.manager
    manager.plugin("gameball.referrals").configuration = ["nonsense"]
    manager.customer_created(user)
    manager.plugin("gameball.referrals").configuration = []
    manager.customer_created(user)
    assert not Delivery.objects.exists()
