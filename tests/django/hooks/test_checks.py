"""The system checks name what is wrong, and the fix; ``gameball_check`` tells it all in plain words."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from io import StringIO
from typing import Any

import django
import pytest
from django.contrib.auth.models import User
from django.core import checks as django_checks
from django.core.management import call_command
from django.db import connection
from django.utils import timezone
from gameball_referrals.django import accounts, hooks, outbox
from gameball_referrals.django.adapter import DefaultAdapter
from gameball_referrals.django.checks import FETCH_FROM_CACHE, MIDDLEWARE, SESSIONS, UPDATE_CACHE
from gameball_referrals.django.models import Account, Delivery, Ledger
from gameball_referrals.django.testing import deliver_now
from gameball_referrals.testing import Emulator
from hooks.shapes.models import Purchase
from hooks.test_mapped_orders import SHAPES, SHOP

pytestmark = pytest.mark.django_db(transaction=True)


def found(*, deploy: bool = False, databases: tuple[str, ...] = ()) -> dict[str, Any]:
    """Our findings by their ids, but for the hint that SQLite's defaults give."""
    messages = django_checks.run_checks(tags=["gameball"], include_deployment_checks=deploy, databases=list(databases))
    return {message.id: message for message in messages if message.id != "gameball.W007"}


class NoDate(DefaultAdapter):
    joined_field = "born"


def test_nothing_is_wrong(settings: Any) -> None:
    settings.GAMEBALL_REFERRALS = {"SENDER": "worker", "ORDERS": [SHOP, SHAPES]}
    assert found(databases=("default",)) == {}


def test_unknown_settings(settings: Any) -> None:
    settings.GAMEBALL_REFERRALS = {"SENDER": "worker", "APIKEY": "x"}
    assert list(found()) == ["gameball.E001"]
    assert "APIKEY" in found()["gameball.E001"].msg


def test_naive_times(settings: Any) -> None:
    settings.USE_TZ = False
    assert "USE_TZ = True" in found()["gameball.E002"].hint


@pytest.mark.parametrize("path", ["shop.nowhere.Adapter", "shop.models.Order", "nonsense"])
def test_an_adapter_that_is_none(settings: Any, path: str) -> None:
    settings.GAMEBALL_REFERRALS = {"SENDER": "worker", "ADAPTER": path}
    assert path in found()["gameball.E003"].msg


def test_no_join_date(settings: Any) -> None:
    settings.GAMEBALL_REFERRALS = {"SENDER": "worker", "ADAPTER": "hooks.test_checks.NoDate"}
    warning = found()["gameball.W001"]
    assert "'born'" in warning.msg
    assert "joined_field" in warning.hint


@pytest.mark.parametrize(
    ("mapping", "message", "hint"),
    [
        ({**SHOP, "id": "nummer"}, "'id' leads nowhere: 'nummer'", "Did you mean 'number'?"),
        ({**SHOP, "totalpaid": "total"}, "unknown key 'totalpaid'", "Did you mean 'total_paid'?"),
        ({**SHOP, "model": "shop.Ordr"}, "names no model: 'shop.Ordr'", "app_label.ModelName"),
        ({**SHOP, "paid": "shop.views.nothing"}, "'paid' leads nowhere", "shop.Order has no 'shop'"),
        ({**SHOP, "paid": {"state": "paid"}}, "'paid' leads nowhere: 'state'", "shop.Order has no 'state'"),
        (
            {**SHOP, "customer": "customer.profle.user"},
            "leads nowhere",
            "auth.User has no 'profle'. Did you mean 'profile'?",
        ),
        ({**SHAPES, "customer": "profile"}, "ends at shapes.Profile, which is no user", "such as 'customer.user'"),
        ({**SHAPES, "total_paid": "weight"}, "'total_paid' is a FloatField", "DecimalField"),
        ({**SHAPES, "date": "status"}, "'date' is a CharField", "DateTimeField"),
        ({**SHAPES, "line_items": {"sku": "sku"}}, "'line_items' without 'items'", "'items'"),
        (
            {**SHAPES, "line_items": {"items": "lines", "sku": "skuu"}},
            "'line_items.sku' leads nowhere",
            "shapes.Line has no 'skuu'. Did you mean 'sku'?",
        ),
        ({**SHAPES, "line_items": {"items": "lines", "prise": "price"}}, "'line_items.prise'", "Did you mean 'price'?"),
        ({**SHAPES, "total_paid": "lines.price"}, "'total_paid' leads nowhere", "shapes.Purchase.lines are many"),
        ({**SHAPES, "total_paid": "lines"}, "'total_paid' leads nowhere", "shapes.Purchase.lines are many"),
        ({"model": "shop.Order"}, "lacks 'date'", "guide"),
        ("shop.Order", "is no dict", "'total_paid'"),
        ({**SHOP, "total_paid": 7}, "neither a path nor a callable: 7", "path"),
        ({**SHOP, "paid": {"customer": "nobody"}}, "'customer' to be 'nobody'", "as they are stored"),
    ],
)
def test_a_mapping_that_cannot_work(settings: Any, mapping: Any, message: str, hint: str) -> None:
    settings.GAMEBALL_REFERRALS = {"SENDER": "worker", "ORDERS": [SHOP, mapping]}
    errors = [each for each in django_checks.run_checks(tags=["gameball"]) if each.id == "gameball.E004"]
    assert all(each.msg.startswith("GAMEBALL_REFERRALS['ORDERS'][1] ") for each in errors)
    assert any(message in each.msg and hint in each.hint for each in errors), errors


def test_a_mapping_without_anybody(settings: Any) -> None:
    settings.GAMEBALL_REFERRALS = {
        "SENDER": "worker",
        "ORDERS": {name: value for name, value in SHOP.items() if name not in ("customer", "email")},
    }
    assert "neither 'customer' nor 'email'" in found()["gameball.E004"].msg


def test_a_status_whose_every_value_would_mean_paid(settings: Any) -> None:
    settings.GAMEBALL_REFERRALS = {"SENDER": "worker", "ORDERS": {**SHAPES, "paid": "status"}}
    warning = found()["gameball.W020"]
    assert "every order for paid whose 'status' is not empty" in warning.msg
    assert "'paid': {'status': [" in warning.hint


def test_a_mapping_that_cannot_work_breaks_no_order(settings: Any) -> None:
    settings.GAMEBALL_REFERRALS = {"SENDER": "worker", "ORDERS": {**SHAPES, "id": "nummer"}}
    Purchase.objects.create(reference="P", total=Decimal(1), status="paid")
    assert not Delivery.objects.exists()


def test_a_missing_middleware(settings: Any) -> None:
    settings.MIDDLEWARE = [each for each in settings.MIDDLEWARE if each != MIDDLEWARE]
    assert MIDDLEWARE in found()["gameball.W002"].hint


def test_middlewares_in_the_wrong_order(settings: Any) -> None:
    settings.GAMEBALL_REFERRALS = {"SENDER": "worker", "CONSENT": "shop.views.home"}
    settings.MIDDLEWARE = [MIDDLEWARE, SESSIONS, UPDATE_CACHE]
    assert list(found()) == ["gameball.E005", "gameball.E006"]
    settings.MIDDLEWARE = [UPDATE_CACHE, SESSIONS, FETCH_FROM_CACHE, MIDDLEWARE]
    assert list(found()) == ["gameball.W003"]
    settings.GAMEBALL_REFERRALS = {"SENDER": "worker", "CACHE_SAFE": True}
    assert found() == {}
    settings.MIDDLEWARE = [UPDATE_CACHE, SESSIONS, MIDDLEWARE, FETCH_FROM_CACHE]
    settings.GAMEBALL_REFERRALS = {"SENDER": "worker"}
    assert found() == {}


def test_missing_urls(settings: Any) -> None:
    settings.ROOT_URLCONF = "shop.empty_urls"
    with pytest.MonkeyPatch.context() as patch:
        import sys
        from types import ModuleType

        empty = ModuleType("shop.empty_urls")
        empty.urlpatterns = []  # type: ignore[attr-defined]
        patch.setitem(sys.modules, "shop.empty_urls", empty)
        assert "gameball_referrals.django.urls" in found()["gameball.W004"].hint


def test_a_django_that_saves_in_another_way(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(hooks._watched, User, False)
    assert "auth.User" in found()["gameball.W006"].msg


def test_sqlite_transactions(settings: Any) -> None:
    messages = {each.id: each for each in django_checks.run_checks(tags=["gameball"])}
    # Before Django 5.1 there is nothing that one could set.
    if connection.vendor == "sqlite" and django.VERSION >= (5, 1):
        assert "'transaction_mode': 'IMMEDIATE'" in messages["gameball.W007"].hint
    else:
        assert "gameball.W007" not in messages


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ({"API_KEY": "gb_live_1"}, ["gameball.W011"]),
        ({"API_KEY": "gb_test_1"}, ["gameball.W010", "gameball.W011"]),
        ({"BASE_URL": "http://127.0.0.1:5000"}, ["gameball.W012"]),
        ({"BASE_URL": "http://gameball.example.com"}, ["gameball.W013"]),
        ({"ALLOW_PLAIN_HTTP": True, "LIMIT_WINDOWS_DIVISOR": 5}, ["gameball.W014", "gameball.E010"]),
        ({}, []),
    ],
)
def test_deployment(settings: Any, given: dict[str, Any], expected: list[str]) -> None:
    settings.GAMEBALL_REFERRALS = {"SENDER": "worker", **given}
    assert list(found(deploy=True)) == expected
    assert not {*found()} & {*expected}
    assert "gb_live_1" not in repr(found(deploy=True))


def test_keys_that_the_environment_gives_are_in_no_repository(settings: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SHOP_GAMEBALL_KEY", "gb_live_1")
    settings.GAMEBALL_REFERRALS = {"SENDER": "worker", "API_KEY": "gb_live_1"}
    assert found(deploy=True) == {}


def test_keys_that_do_not_open_any_more(settings: Any) -> None:
    account = Account.objects.get()
    accounts.set_keys(account, api_key="gb_live_1", secret_key="s")
    account.save()
    former, settings.SECRET_KEY = settings.SECRET_KEY, "another secret key than the one before"
    assert "SECRET_KEY_FALLBACKS" in found(databases=("default",))["gameball.E007"].hint
    settings.SECRET_KEY_FALLBACKS = [former]
    assert found(databases=("default",)) == {}


# --- manage.py gameball_check ---------------------------------------------------------------------------------


def check(*arguments: str) -> tuple[int, str]:
    out = StringIO()
    try:
        call_command("gameball_check", *arguments, stdout=out, no_color=True)
    except SystemExit as end:
        return int(end.code or 0), out.getvalue()
    return 0, out.getvalue()


def test_all_is_well(gameball: Emulator) -> None:
    code, said = check()
    assert code == 0, said
    assert "ok    Account 'default': Gameball accepts the keys." in said
    assert "ok    The tables are up to date." in said
    assert "ok    Account 'default': nothing waits." in said
    assert gameball.api_key not in said
    assert gameball.secret_key not in said


def test_no_keys() -> None:
    code, said = check()
    assert code == 1
    assert "FAIL  Account 'default': there is no API key" in said
    assert "GAMEBALL_API_KEY" in said


def test_wrong_keys(gameball: Emulator) -> None:
    gameball.configure(api_key="another")
    code, said = check()
    assert code == 1
    assert "FAIL  Account 'default': Gameball does not accept the API key" in said
    code, said = check("--offline")
    assert code == 0, said


def test_where_the_keys_come_from(gameball: Emulator, settings: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    assert "test keys from the settings." in check()[1]
    account = Account.objects.get()
    accounts.set_keys(account, api_key=gameball.api_key)
    account.save()
    said = check()[1]
    assert "note  Account 'default': test keys from the admin, but no secret key" in said
    accounts.set_keys(account, api_key="")
    account.save()
    monkeypatch.setenv("GAMEBALL_API_KEY", gameball.api_key)
    monkeypatch.setenv("GAMEBALL_SECRET_KEY", gameball.secret_key)
    settings.GAMEBALL_REFERRALS = {"SENDER": "worker", "BASE_URL": gameball.url}
    assert "test keys from the environment." in check()[1]


def test_bad_settings(settings: Any) -> None:
    settings.GAMEBALL_REFERRALS = {"SENDER": "worker", "APIKEY": "x"}
    code, said = check()
    assert code == 1
    assert "unknown settings: APIKEY" in said


def test_a_backlog_that_nobody_works_on(gameball: Emulator) -> None:
    User.objects.create_user("bo")
    assert "1 deliveries are on their way." in check()[1]
    Delivery.objects.update(due_at=timezone.now() - timedelta(minutes=5))
    said = check()[1]
    assert "note  Account 'default': 1 deliveries are due, the oldest since" in said
    assert "gameball_worker" in said


def test_a_hold(gameball: Emulator) -> None:
    User.objects.create_user("bo")
    gameball.configure(disabled=True)
    deliver_now()
    assert Ledger.objects.get().state
    code, said = check("--offline")
    assert code == 1
    assert "Gameball refuses createCustomer calls since" in said
    assert "enable it in the Gameball dashboard" in said


def test_failed_deliveries(gameball: Emulator) -> None:
    User.objects.create_user("bo")
    Delivery.objects.update(state="dead")
    assert "note  Account 'default': 1 deliveries failed." in check()[1]


def test_missing_migrations(gameball: Emulator) -> None:
    from django.db.migrations.recorder import MigrationRecorder

    MigrationRecorder.Migration.objects.filter(app="gameball", name="0003_order_claim").delete()
    try:
        code, said = check()
    finally:
        MigrationRecorder.Migration.objects.create(app="gameball", name="0003_order_claim")
    assert code == 1
    assert "FAIL  Migrations are missing: gameball.0003_order_claim." in said


def test_cookies(gameball: Emulator, settings: Any) -> None:
    assert "SESSION_COOKIE_SECURE = True" in check()[1]
    settings.SESSION_COOKIE_SECURE = settings.SECURE_SSL_REDIRECT = True
    assert "SECURE" not in check()[1]


class Elsewhere(DefaultAdapter):
    def get_account(self, user: Any) -> str:
        return "second"


def test_an_account_that_only_the_adapter_names_is_told_of(settings: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(outbox, "_accounts", set())  # what earlier tests have made, and this one's database lacks
    settings.GAMEBALL_REFERRALS = {"SENDER": "worker", "ADAPTER": f"{__name__}.Elsewhere"}
    User.objects.create_user("bo")
    assert Account.objects.filter(pk="second").exists()
    out = StringIO()
    with pytest.raises(SystemExit):
        call_command("gameball_check", offline=True, stdout=out)
    assert "second" in out.getvalue()
