"""The Oscar app in its site: the dashboard's page and link, the checks, the shop's own mapping, forks."""

from __future__ import annotations

import os
from collections.abc import Callable
from types import ModuleType
from typing import Any

import pytest
from django.apps import apps
from django.conf import settings as django_settings
from django.core import checks
from django.core.exceptions import ImproperlyConfigured
from django.test import Client
from django.urls import include, path, reverse
from gameball_referrals.django import conf
from gameball_referrals.django.models import Delivery, Referral
from gameball_referrals.testing import Emulator
from oscar.core.loading import get_model
from visitor import Visitor

pytestmark = pytest.mark.django_db(transaction=True)
PAGE = "/gameball/dashboard/referrals/"


def referred(deliver: Callable[[], None], code: str = "ANN") -> Visitor:
    ben = Visitor()
    ben.visit(f"/?ref={code}")
    ben.register(f"{code.lower()}@shop.example")
    deliver()
    return ben


def test_staff_find_the_page_in_the_menu(staff: Any) -> None:
    menu = staff.get(reverse("dashboard:index")).content.decode()
    beside_customers = menu.partition(reverse("dashboard:users-index"))[2]
    assert PAGE in beside_customers.split("</div>")[0], "the link is in the menu's group of customers"
    assert "No friend has registered" in staff.get(PAGE).content.decode()


def test_the_page_says_what_became_of_friends_and_why(
    product: Any, gameball: Emulator, deliver: Callable[[], None], staff: Any
) -> None:
    ben = referred(deliver)
    referred(deliver, "NOBODYS")
    shown = staff.get(PAGE)
    assert [(str(label), count) for label, count, _ in shown.context["sums"]] == [
        ("Referred friends", 2),
        ("Linked", 1),
        ("Did not count", 1),
        ("On their way", 0),
    ]
    linked = staff.get(PAGE, {"receipt": "linked"}).content.decode()
    assert "ANN" in linked
    assert "NOBODYS" not in linked
    evidence = reverse("admin:gameball_referral_change", args=[Referral.objects.get(customer_id=ben.customer_id).pk])
    assert evidence in linked
    assert staff.get(evidence).status_code == 200
    rejected = staff.get(PAGE, {"receipt": "rejected"})
    assert rejected.context["referrals"][0]["reason"].endswith(".")


def test_the_page_says_what_holds_everything_up(product: Any, gameball: Emulator, staff: Any) -> None:
    from gameball_referrals.django.sender import drain

    gameball.configure(api_key="another-one")
    ben = Visitor()
    ben.visit("/?ref=ANN")
    ben.register("ben@shop.example")
    drain()
    shown = staff.get(PAGE)
    assert len(shown.context["holds"]) == 1
    assert "Nothing is lost" in shown.content.decode()
    assert [count for _, count, _ in shown.context["sums"]][-1] == 1


@pytest.mark.parametrize("receipt", ["", "waiting", "linked", "nonsense"])
@pytest.mark.parametrize("page", ["1", "2", "0", "-1", "x", "999999999", "9" * 5000])
def test_whatever_the_url_says_the_page_is_there(staff: Any, receipt: str, page: str) -> None:
    assert staff.get(PAGE, {"receipt": receipt, "page": page, "account": "none\0such"}).status_code == 200


def test_only_staff_see_it(product: Any) -> None:
    nobody = Client().get(PAGE)
    assert (nobody.status_code, nobody.url.split("?")[0]) == (302, reverse("dashboard:login"))
    ben = Visitor()
    ben.register("ben@shop.example")
    assert ben.client.get(PAGE).status_code == 403


def test_staff_without_rights_in_the_admin_get_no_links_there(
    product: Any, gameball: Emulator, deliver: Callable[[], None]
) -> None:
    from django.contrib.auth import get_user_model

    referred(deliver)
    clerk = Client()
    clerk.force_login(get_user_model().objects.create_user("clerk", "clerk@shop.example", "-", is_staff=True))
    shown = clerk.get(PAGE).content.decode()
    assert "ANN" in shown
    assert "/admin/" not in shown


def test_the_dashboard_works_without_the_apps_urls(staff: Any, settings: Any) -> None:
    bare = ModuleType("bare_urls")
    bare.urlpatterns = [path("", include(apps.get_app_config("oscar").urls[0]))]  # type: ignore[attr-defined]
    settings.ROOT_URLCONF = bare
    shown = staff.get("/dashboard/")
    assert shown.status_code == 200
    assert "referrals" not in shown.content.decode()


def test_a_link_of_the_shops_own_is_the_only_one(monkeypatch: pytest.MonkeyPatch) -> None:
    from gameball_referrals.oscar import dashboard

    own = [{"label": "Friends", "url_name": dashboard.URL_NAME}]
    monkeypatch.setattr(django_settings, "OSCAR_DASHBOARD_NAVIGATION", own)
    dashboard.add_to_menu()
    assert len(own) == 1


def test_a_status_that_no_order_can_have_is_named(settings: Any) -> None:
    settings.GAMEBALL_REFERRALS = {"OSCAR_PAID_STATUSES": ["Payed", "Complete"]}
    (found,) = [message for message in checks.run_checks() if message.id == "gameball.W080"]
    assert "Payed" in found.msg
    assert "Complete" not in found.msg
    assert "Paid" in str(found.hint)


def test_one_status_has_to_be_a_list(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(django_settings, "GAMEBALL_REFERRALS", {"OSCAR_PAID_STATUSES": "Paid"})
    with pytest.raises(ImproperlyConfigured, match="list"):
        conf.Settings.read()


def test_the_site_passes_the_checks() -> None:
    assert [message for message in checks.run_checks() if str(message.id).startswith("gameball")] == []


def test_the_shops_own_mapping_goes_before(product: Any, settings: Any) -> None:
    settings.GAMEBALL_REFERRALS = {
        "SENDER": "worker",
        "ORDERS": {
            "model": "order.Order",
            "id": "pk",
            "customer": "user",
            "email": "guest_email",
            "date": "date_placed",
            "total_paid": "total_excl_tax",
            "paid": "date_placed",
        },
    }
    ben = Visitor()
    ben.register("ben@shop.example")
    ben.choose(product)
    order = ben.check_out()
    sent = Delivery.objects.get(operation="trackOrder")
    assert sent.order_id == str(order.pk) != order.number


def test_the_tests_really_run_on_forks_when_told() -> None:
    forked = bool(os.environ.get("OSCAR_FORKED"))
    assert get_model("order", "Order").__module__.startswith("forked.") is forked


if os.environ.get("OSCAR_FORKED"):  # Oscar's own form has no such field

    def test_a_typed_code_on_a_forked_registration_form(
        product: Any, gameball: Emulator, deliver: Callable[[], None]
    ) -> None:
        ben = Visitor()
        ben.register("ben@shop.example", referrer_code="ANN")
        deliver()
        assert (Referral.objects.get().receipt, Referral.objects.get().source) == ("linked", "field")
