"""The plugin's page in the Dashboard: fields, plain refusals, and where the keys go."""

from __future__ import annotations

import json
from typing import Any

import pytest
from conftest import PLUGIN_ID, Shop
from django.core.exceptions import ValidationError
from gameball_referrals.django import accounts
from gameball_referrals.django.models import Account
from saleor.plugins.models import PluginConfiguration

pytestmark = pytest.mark.django_db(transaction=True, databases=["default", "replica"])

KEY = "gb_test_0123456789abcdef"


def refusal(shop: Shop, **values: Any) -> tuple[str, str]:
    with pytest.raises(ValidationError) as raised:
        shop.save(**values)
    (field,) = raised.value.error_dict
    (error,) = raised.value.error_dict[field]
    assert error.code == "plugin-misconfigured"
    return field, error.message


def test_it_is_listed_before_anybody_has_touched_it(off: Shop) -> None:
    plugin = off.manager.plugin(PLUGIN_ID)
    assert plugin.active
    assert not plugin.CONFIGURATION_PER_CHANNEL
    assert off.shown()["enabled"] is False
    assert off.shown()["status"].startswith("Off:")


def test_every_field_has_words(off: Shop) -> None:
    plugin = off.manager.plugin(PLUGIN_ID)
    assert set(plugin.CONFIG_STRUCTURE) == {item["name"] for item in plugin.DEFAULT_CONFIGURATION}
    assert all(field["label"] and field["help_text"] for field in plugin.CONFIG_STRUCTURE.values())


def test_keys_are_sealed_and_never_stored_by_saleor(shop: Shop) -> None:
    api_key, secret_key = shop.gameball.api_key, shop.gameball.secret_key
    stored = json.dumps(PluginConfiguration.objects.get().configuration)
    assert api_key not in stored
    assert secret_key not in stored
    account = Account.objects.get()
    assert api_key not in account.api_key_sealed
    found = accounts.credentials(account)
    assert found is not None
    assert (found.api_key, found.secret_key, found.source) == (api_key, secret_key, "admin")
    shown = shop.shown()
    assert (shown["api_key"], shown["secret_key"]) == (api_key[-4:], secret_key[-4:])
    assert shown["status"].startswith("On, with test keys.")


def test_saving_something_else_keeps_the_keys(shop: Shop) -> None:
    before = Account.objects.get().api_key_sealed
    shop.save(high_security="true", secure_integration="true")
    account = Account.objects.get()
    assert account.api_key_sealed == before
    assert (account.high_security, account.api_version) == (True, "v4.1")
    found = accounts.credentials(account)
    assert found is not None
    assert found.secret_key == shop.gameball.secret_key


def test_an_emptied_key_is_forgotten(shop: Shop) -> None:
    shop.save(enabled="false", secret_key="")
    found = accounts.credentials(Account.objects.get())
    assert found is not None
    assert found.secret_key is None
    assert "no secret key" not in shop.shown()["status"]
    shop.save(enabled="true")
    assert "no secret key: orders wait" in shop.shown()["status"]


def test_it_cannot_be_on_without_a_key(off: Shop) -> None:
    assert refusal(off, enabled="true") == (
        "api_key", "Paste the API key from Gameball's dashboard first, then switch it on."
    )  # fmt: skip
    assert not Account.objects.get().api_key_sealed


def test_keys_may_be_in_the_environment(off: Shop, settings: Any) -> None:
    settings.GAMEBALL_REFERRALS = {
        **settings.GAMEBALL_REFERRALS, "API_KEY": off.gameball.api_key, "SECRET_KEY": off.gameball.secret_key
    }  # fmt: skip
    off.save(enabled="true")
    off.register()
    assert off.deliver() == 1


@pytest.mark.parametrize("name", ["api_key", "secret_key"])
def test_a_wrong_key_is_refused_when_it_is_saved(shop: Shop, name: str) -> None:
    before = Account.objects.get()
    field, message = refusal(shop, **{name: KEY})
    assert field == name
    assert KEY not in message
    after = Account.objects.get()
    assert (before.api_key_sealed, before.secret_key_sealed) == (after.api_key_sealed, after.secret_key_sealed)


def test_a_malformed_key_is_refused(off: Shop) -> None:
    field, message = refusal(off, enabled="true", api_key="two words\n")
    assert field == "api_key"
    assert "two words" not in message


def test_gameballs_outage_keeps_nobody_from_saving(off: Shop) -> None:
    off.gameball.stop()
    off.save(enabled="true", api_key=KEY, secret_key=KEY)
    assert Account.objects.get().enabled


def test_what_is_off_is_saved_unasked(off: Shop) -> None:
    off.save(api_key=KEY)
    assert off.gameball.requests() == []
    assert off.shown()["api_key"] == KEY[-4:]


def test_keys_that_came_by_another_way_are_sealed_at_the_first_hook(off: Shop) -> None:
    PluginConfiguration.objects.create(
        identifier=PLUGIN_ID,
        active=True,
        configuration=[
            {"name": "enabled", "value": True},
            {"name": "api_key", "value": off.gameball.api_key},
            {"name": "secret_key", "value": off.gameball.secret_key},
        ],
    )
    off.register()
    assert off.gameball.api_key not in json.dumps(PluginConfiguration.objects.get().configuration)
    assert off.deliver() == 1


def test_a_plugin_that_is_not_active_says_so(shop: Shop) -> None:
    shop.save(active=False)
    assert shop.shown()["status"].startswith("Off, since the plugin is not active")
    shop.register()
    assert shop.deliver() == 0


def test_a_lost_secret_is_said(shop: Shop, settings: Any) -> None:
    settings.SECRET_KEY = "another one, since somebody has changed it"
    assert "cannot be opened" in shop.shown()["status"]
    shop.save(api_key=shop.gameball.api_key, secret_key=shop.gameball.secret_key)
    assert shop.shown()["status"].startswith("On, with test keys.")


def test_the_page_tells_what_holds_deliveries_up(shop: Shop) -> None:
    shop.register(metadata={"gameball_claim": "ANNA1"})
    assert "Waiting: 1." in shop.shown()["status"]
    assert "1 on their way" in shop.shown()["status"]
    shop.gameball.inject("status", status=401, code=1000, times=None)
    shop.deliver()
    assert "key" in shop.shown()["status"].partition(".")[2]
    shop.gameball.clear_faults()


def test_the_page_opens_without_tables(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    from gameball_saleor_plugin import standing

    monkeypatch.setattr(standing, "told", lambda: 1 / 0)
    assert "migrate" in shop.shown()["status"]
