"""What the Django guides print is run, in the example shop whose settings they show."""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings as django_settings
from django.contrib.auth.models import User
from django.core import checks
from django.core.management import call_command, get_commands, load_command_class
from django.template import engines
from django.test import Client, RequestFactory
from django.urls import include, path
from gameball_referrals.django import accounts, signals
from gameball_referrals.django.models import Account, Delivery, Referral
from gameball_referrals.django.testing import GameballShop, assert_order_tracked, assert_referral_linked

ROOT = Path(__file__).resolve().parents[3]
DOCS = ROOT / "docs"
pytestmark = pytest.mark.django_db(transaction=True)


def blocks(page: str, language: str = "python") -> list[str]:
    found = re.findall(rf"^```{language}\n(.*?)^```", (ROOT / page).read_text(), re.DOTALL | re.MULTILINE)
    assert found, page
    return found


def block_with(page: str, text: str, language: str = "python") -> str:
    (found,) = [block for block in blocks(page, language) if text in block]
    return found


def run(code: str, **names: Any) -> dict[str, Any]:
    names.setdefault("__name__", "guide")
    exec(compile(code, "guide", "exec"), names)
    return names


def as_settings(code: str) -> dict[str, Any]:
    return run(code, INSTALLED_APPS=[], MIDDLEWARE=[], GAMEBALL_REFERRALS={}, os=os)


def test_the_settings_are_the_examples_own() -> None:
    shown = as_settings(block_with("docs/django.md", "INSTALLED_APPS +="))
    assert shown["GAMEBALL_REFERRALS"] == django_settings.GAMEBALL_REFERRALS
    assert shown["INSTALLED_APPS"] == [app for app in django_settings.INSTALLED_APPS if "gameball" in app]
    assert shown["MIDDLEWARE"] == django_settings.MIDDLEWARE[-1:]
    added = run(block_with("docs/django.md", "urlpatterns +="), urlpatterns=[], path=path, include=include)
    assert str(added["urlpatterns"][0].pattern) == "gameball/"


def test_the_example_passes_all_checks() -> None:
    assert checks.run_checks() == []
    call_command("makemigrations", check=True, dry_run=True, verbosity=0)


def test_the_check_command_is_content_once_keys_are_saved(
    gameball_shop: GameballShop, capsys: pytest.CaptureFixture[str]
) -> None:
    account = Account.objects.get()
    accounts.set_keys(account, api_key=gameball_shop.emulator.api_key, secret_key=gameball_shop.emulator.secret_key)
    account.save()
    call_command("gameball_check")
    said = capsys.readouterr().out
    assert "FAIL" not in said
    assert "from the admin" in said


def test_the_template_tags(rf: RequestFactory, gameball_shop: GameballShop) -> None:
    template = engines["django"].from_string(block_with("docs/django.md", "referral_share", "django"))
    gameball_shop.add_referrer("ANNA1")
    ann = User.objects.create_user("ann", "ann@shop.example")
    gameball_shop.deliver_now()

    def page() -> str:
        request = rf.get("/")
        request.user, request.session = ann, {}  # type: ignore[assignment]
        return str(template.render({"user": ann}, request))

    assert "being prepared" in page()
    gameball_shop.deliver_now()
    shown = page()
    assert "http://127.0.0.1:8000/?ref=" in shown
    assert "api_key" in shown, "the widget may start"


def test_the_guides_own_sign_up_form() -> None:
    form = run(block_with("docs/django.md", "class SignUpForm"))["SignUpForm"]
    assert "referrer_code" in form().fields
    with_allauth = run(block_with("docs/django.md", "class SignupForm"))["SignupForm"]
    assert "referrer_code" in with_allauth().fields


def test_the_adapter(settings: Any) -> None:
    names = run(block_with("docs/django.md", "class ShopAdapter"))
    assert as_settings(block_with("docs/django.md", '["ADAPTER"]'))["GAMEBALL_REFERRALS"]["ADAPTER"].endswith(
        "ShopAdapter"
    )
    adapter = names["ShopAdapter"]()
    assert adapter.is_customer(User(username="ben"))
    assert not adapter.is_customer(User(username="till-1"))
    assert adapter.get_attributes(User(first_name="Ben")) == {"display_name": "Ben"}


def test_tracking_orders_by_hand(gameball_shop: GameballShop) -> None:
    run(block_with("docs/django.md", "import track_order"), user=User.objects.create_user("ben", "ben@shop.example"))
    gameball_shop.deliver_now()
    assert_order_tracked("order-1")
    assert_order_tracked("order-2")


def test_the_test_kit_and_the_signals(
    client: Client, gameball_shop: GameballShop, capsys: pytest.CaptureFixture[str]
) -> None:
    names = run(block_with("docs/django.md", "referral_settled"))
    run(block_with("docs/django.md", "def test_a_friend_counts"))["test_a_friend_counts"](client, gameball_shop)
    assert "linked by_registration" in capsys.readouterr().out
    signals.referral_settled.disconnect(names["thank"])


def test_the_readme(client: Client, gameball_shop: GameballShop) -> None:
    shown = as_settings(blocks("README.md")[0])
    assert shown["INSTALLED_APPS"] == [app for app in django_settings.INSTALLED_APPS if "gameball" in app]
    assert shown["MIDDLEWARE"] == django_settings.MIDDLEWARE[-1:]
    assert shown["GAMEBALL_REFERRALS"].keys() <= django_settings.GAMEBALL_REFERRALS.keys()


def test_operations(gameball_shop: GameballShop, mailoutbox: list[Any], settings: Any) -> None:
    settings.ADMINS = [("operator", "operator@shop.example")]
    names = run(block_with("docs/operations.md", "account_held"))
    gameball_shop.emulator.configure(api_key="rotated")
    User.objects.create_user("ben", "ben@shop.example")
    gameball_shop.deliver_now()
    assert "Gameball refuses createCustomer calls" in mailoutbox[0].subject
    assert mailoutbox[0].body.strip().endswith(".")
    signals.account_held.disconnect(names["tell_somebody"])

    measured = run(block_with("docs/operations.md", "waits_for"))
    assert measured["waits_for"] is not None
    assert measured["oldest"] == Delivery.objects.get().due_at


def test_operations_settings() -> None:
    for block in blocks("docs/operations.md"):
        if "SENDER" in block:
            assert as_settings(block)["CELERY_BEAT_SCHEDULE"]["gameball"]["task"] == "gameball_referrals.deliver"
        elif "FALLBACKS" in block:
            as_settings(block)
        elif "ShopConfig" in block:
            assert "ready" in run(block)["ShopConfig"].__dict__


@pytest.mark.parametrize("page", ["docs/operations.md", "docs/django.md", "README.md"])
def test_every_command_and_option_that_is_named_is_there(page: str) -> None:
    known = {name: app for name, app in get_commands().items() if name.startswith("gameball_")}
    text = (ROOT / page).read_text()
    named = set(re.findall(r"\bgameball_(?:check|worker|reconcile|sync_customers|erase)\b", text))
    assert named <= known.keys()
    for line in text.splitlines():
        for name in named:
            if f"{name} " in line:
                parser = load_command_class(str(known[name]), name).create_parser("manage.py", name)
                options = {option for action in parser._actions for option in action.option_strings}
                assert set(re.findall(r"(?<![\w-])--[a-z-]+", line)) <= options, line
    if page == "docs/operations.md":
        assert named == known.keys()


def test_every_setting_that_a_guide_names_exists() -> None:
    from dataclasses import fields

    from gameball_referrals.django import conf

    known = {field.name for field in fields(conf.Settings)}
    for page in DOCS.glob("*.md"):
        for name in re.findall(r'`"([A-Z_]+)":', page.read_text()):
            assert name in {*known, "OPTIONS"}, f"{page.name}: {name}"


def test_the_example_shop(client: Client, gameball_shop: GameballShop) -> None:
    """The shop by its pages; the browser tests click through the same."""
    call_command("seed", verbosity=0)
    gameball_shop.add_referrer("ANNA1")
    client.get("/?ref=ANNA1")
    passwords = {"password1": "correct horse", "password2": "correct horse"}
    assert client.post("/sign-up/", {"username": "ben", "email": "ben@shop.example", **passwords}).status_code == 302
    client.post("/basket/", {"product": "mug"})
    client.post("/basket/", {"product": "mug", "quantity": "3"})
    till = client.post("/checkout/", {"name": "Ben", "email": "ben@shop.example", "address": "1 High Street"})
    assert not Delivery.objects.filter(operation="trackOrder").exists(), "not paid yet"
    client.post(till["Location"])
    client.post(till["Location"])
    gameball_shop.deliver_now()
    ben = User.objects.get(username="ben")
    assert_referral_linked(ben, code="ANNA1")
    assert_order_tracked(ben.orders.get().number)
    assert Referral.objects.count() == 1
