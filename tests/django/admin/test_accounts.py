"""Accounts: keys go in and never out, mistakes are refused, the connection is tested, holds are explained."""

from __future__ import annotations

import logging
import time
from datetime import datetime, timedelta
from typing import Any

import pytest
from admin import support
from django.contrib.admin.models import LogEntry
from django.contrib.auth import get_user_model
from django.core.management import call_command
from django.db.migrations.state import ProjectState
from django.test import Client
from django.utils import timezone
from django.utils.log import AdminEmailHandler
from gameball_referrals import courier
from gameball_referrals.django import accounts, outbox
from gameball_referrals.django.admin import connection
from gameball_referrals.django.models import Account, Ledger
from gameball_referrals.testing import Emulator

PAGE = "/admin/gameball/account/default/change/"
API_KEY = "gb_test_8f4c2a0d9b"
SECRET_KEY = "gb_test_s3cr3t_0123456789abcdefgh"
EMPTY = {
    "enabled": "on",
    "api_version": "",
    "base_url": "",
    "api_key": "",
    "secret_key": "",
}


def save(client: Client, **values: Any) -> Any:
    return client.post(PAGE, {**EMPTY, **values})


def stored() -> Account:
    return Account.objects.get(pk="default")


def last_check() -> dict[str, Any]:
    found = stored().last_check
    assert found is not None
    return dict(found)


def errors(page: Any) -> dict[str, list[str]]:
    assert page.status_code == 200, "it was saved"
    found: dict[str, list[str]] = page.context["adminform"].form.errors
    return found


# --- Keys -----------------------------------------------------------------------------------------------------


def test_keys_are_sealed_and_seen_as_fingerprints_only(boss: Client) -> None:
    save(boss, api_key=f"  {API_KEY}\n", secret_key=SECRET_KEY)
    account = stored()
    found = accounts.credentials(account)
    assert found is not None
    assert (found.api_key, found.secret_key, found.source) == (API_KEY, SECRET_KEY, "admin")
    assert API_KEY not in account.api_key_sealed
    page = boss.get(PAGE).content.decode()
    shown = account.api_key_fingerprint
    assert f"{shown[:4]} {shown[4:8]} {shown[8:]}" in page
    assert API_KEY not in page
    assert SECRET_KEY not in page
    assert "test data" in page


def test_empty_fields_keep_the_keys(boss: Client) -> None:
    support.account()
    before = stored()
    save(boss, high_security="on")
    after = stored()
    assert after.high_security
    assert (after.api_key_sealed, after.secret_key_sealed) == (before.api_key_sealed, before.secret_key_sealed)


def test_a_key_is_removed_when_asked(boss: Client) -> None:
    support.account()
    save(boss, remove_secret_key="on")
    assert stored().api_key_fingerprint
    assert not stored().secret_key_fingerprint
    assert not stored().secret_key_sealed


def test_a_refused_form_gives_no_key_back_and_leaves_no_trace(boss: Client) -> None:
    page = save(boss, api_key=API_KEY, secret_key=SECRET_KEY, base_url="not a url")
    assert errors(page)["base_url"]
    assert API_KEY not in page.content.decode()
    assert SECRET_KEY not in page.content.decode()
    assert not stored().api_key_sealed


def test_the_history_names_what_changed_and_no_key(boss: Client) -> None:
    save(boss, api_key=API_KEY, secret_key=SECRET_KEY)
    entry = LogEntry.objects.get()
    assert "API key" in entry.get_change_message()
    page = boss.get("/admin/gameball/account/default/history/").content.decode()
    for text in (entry.change_message, entry.object_repr, page):
        assert API_KEY not in text
        assert SECRET_KEY not in text


def test_an_error_report_has_no_key(boss: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    reports: list[str] = []

    class Reports(AdminEmailHandler):
        def send_mail(self, subject: Any, message: Any, *args: Any, **kwargs: Any) -> None:
            reports.append(f"{subject} {message} {kwargs['html_message']}")

    def fails(*_: Any, **__: Any) -> None:
        raise RuntimeError("the vault is broken")

    boss.raise_request_exception = False
    monkeypatch.setattr(accounts, "set_keys", fails)
    handler = Reports(include_html=True)
    logging.getLogger("django.request").addHandler(handler)
    try:
        assert save(boss, api_key=API_KEY, secret_key=SECRET_KEY).status_code == 500
    finally:
        logging.getLogger("django.request").removeHandler(handler)
    assert "the vault is broken" in reports[0]
    assert API_KEY not in reports[0]
    assert SECRET_KEY not in reports[0]


# --- Mistakes -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("given", "field", "says"),
    [
        ({"api_key": "one-key", "secret_key": "one-key"}, "secret_key", "are the same"),
        ({"api_key": "one key", "secret_key": "two"}, "api_key", "a space or a line break"),
        ({"api_key": "one\tkey"}, "api_key", "a space or a line break"),
        ({"api_key": "ключ"}, "api_key", "characters in it that no key has"),
        ({"api_key": '"one-key"'}, "api_key", "quotation marks"),
        ({"api_key": "********"}, "api_key", "way to hide a key"),
        ({"api_key": "0123456789", "secret_key": "gb_live_0123"}, "__all__", "look swapped"),
        ({"api_key": "gb_live_0123", "secret_key": "gb_test_0123"}, "__all__", "for test data and the other for live"),
        ({"secret_key": "alone-0123"}, "api_key", "Enter the API key, too"),
        ({"api_key": "one-key", "api_version": "v4.1"}, "secret_key", "every call needs the secret key"),
        ({"api_key": "one-key", "high_security": "on"}, "secret_key", "every call needs the secret key"),
        ({"base_url": "http://shop.example.com"}, "base_url", "plain HTTP"),
        ({"base_url": "gameball"}, "base_url", "is not a URL"),
        ({"base_url": "https://api.gameball.co?x=1"}, "base_url", "query"),
    ],
)
def test_obvious_mistakes_are_refused(boss: Client, given: dict[str, str], field: str, says: str) -> None:
    found = errors(save(boss, **given))
    assert says in " ".join(found[field])
    assert not stored().api_key_sealed


def test_keys_that_were_pasted_into_each_others_field_are_noticed(boss: Client) -> None:
    save(boss, api_key="first-0123", secret_key="second-0123")
    assert "swapped" in str(errors(save(boss, api_key="second-0123", secret_key="first-0123")))
    assert "same" in str(errors(save(boss, api_key="second-0123")))


def test_a_key_is_not_entered_and_removed_at_once(boss: Client) -> None:
    support.account()
    assert errors(save(boss, api_key="another-0123", remove_api_key="on"))["remove_api_key"]


@pytest.mark.parametrize("url", ["http://127.0.0.1:8765", "http://localhost:8765", "https://api.gameball.co"])
def test_loopback_and_https_are_fine(boss: Client, url: str) -> None:
    assert save(boss, base_url=url).status_code == 302
    assert stored().base_url == url


# --- Where the keys come from ---------------------------------------------------------------------------------


def test_keys_of_the_settings_are_explained(boss: Client, settings: Any) -> None:
    settings.GAMEBALL_REFERRALS = {"API_KEY": "gb_live_of_settings", "SECRET_KEY": SECRET_KEY}
    page = boss.get(PAGE).content.decode()
    for shown in (page, boss.get("/admin/gameball/account/").content.decode()):
        assert "from the settings" in shown
        assert "live data" in shown
    assert "Keys saved here replace those of the settings." in page
    assert "gb_live_of_settings" not in page
    assert SECRET_KEY not in page


def test_keys_of_the_environment_are_explained(boss: Client, settings: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GAMEBALL_API_KEY", "gb_live_of_environment")
    settings.GAMEBALL_REFERRALS = {}
    page = boss.get(PAGE).content.decode()
    assert "from the environment" in page
    assert "GAMEBALL_API_KEY" in page
    assert "gb_live_of_environment" not in page


def test_a_saved_secret_is_not_mixed_with_the_settings_api_key(boss: Client, settings: Any) -> None:
    settings.GAMEBALL_REFERRALS = {"API_KEY": API_KEY}
    assert "are not mixed" in str(errors(save(boss, secret_key="another-0123")))


def test_keys_that_no_longer_open_are_explained(boss: Client, settings: Any) -> None:
    support.account()
    settings.SECRET_KEY = "another secret of the shop's, since yesterday"
    # Sessions rest on it, too.
    boss.force_login(get_user_model().objects.get(username="boss"))
    page = boss.get(PAGE).content.decode()
    assert "The saved keys cannot be opened" in page
    assert "SECRET_KEY_FALLBACKS" in page
    assert boss.get("/admin/gameball/account/").status_code == 200
    assert "cannot be opened" in boss.get("/admin/gameball/dashboard/").content.decode()


# --- Test connection ------------------------------------------------------------------------------------------


def press(client: Client) -> str:
    page = client.post("/admin/gameball/account/default/test/", follow=True)
    assert page.status_code == 200
    return str(page.content.decode())


def test_a_connection_that_works_says_so_and_when(boss: Client, vendor: Emulator) -> None:
    support.account(base_url=vendor.url)
    page = press(boss)
    assert "Gameball accepts the keys." in page
    assert "never tested" not in page
    check = last_check()
    assert check["ok"]
    assert timezone.now() - timedelta(minutes=1) < datetime.fromisoformat(check["at"]) <= timezone.now()
    assert len(vendor.requests()) == 2


def test_a_refused_key_says_what_to_do(boss: Client, vendor: Emulator) -> None:
    vendor.configure(api_key="another")
    support.account(base_url=vendor.url)
    page = press(boss)
    assert "Gameball refuses the" in page
    assert "again from the" in page
    assert support.API_KEY not in page
    assert last_check()["ok"] is False
    assert support.API_KEY not in str(last_check())


def test_a_vendor_that_is_away_says_so_soon(boss: Client, vendor: Emulator) -> None:
    support.account(base_url=vendor.url)
    vendor.stop()
    assert "Gameball could not be reached" in press(boss)


def test_a_vendor_that_says_nothing_holds_nobody_up(
    boss: Client, vendor: Emulator, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(connection, "TIMEOUT", 0.3)
    vendor.inject("blackHole", times=None)
    support.account(base_url=vendor.url)
    began = time.monotonic()
    assert "Gameball did not answer in time." in press(boss)
    assert time.monotonic() - began < 3


def test_without_keys_there_is_nothing_to_test(boss: Client) -> None:
    assert "There is no API key yet." in press(boss)


def test_new_keys_make_the_last_test_an_old_one(boss: Client, vendor: Emulator) -> None:
    support.account(base_url=vendor.url)
    press(boss)
    save(boss, api_key="gb_test_new_0123", base_url=vendor.url)
    assert "That was with other keys" in boss.get(PAGE).content.decode()


def test_looking_at_the_page_asks_nobody(boss: Client, vendor: Emulator) -> None:
    support.account(base_url=vendor.url)
    for page in (PAGE, "/admin/gameball/account/", "/admin/gameball/dashboard/"):
        boss.get(page)
    boss.get("/admin/gameball/account/default/test/")
    assert vendor.requests() == []


def test_saving_and_testing_in_one_go(boss: Client, vendor: Emulator, django_capture_on_commit_callbacks: Any) -> None:
    with django_capture_on_commit_callbacks(execute=True):
        page = save(boss, api_key=vendor.api_key, secret_key=vendor.secret_key, base_url=vendor.url, _save_and_test="1")
    assert page.status_code == 302
    assert last_check()["ok"]
    assert "Gameball accepts the keys." in boss.get(PAGE).content.decode()


def test_testing_takes_the_change_permission(viewer: Client, staff: Any, vendor: Emulator) -> None:
    support.account(base_url=vendor.url)
    assert viewer.post("/admin/gameball/account/default/test/").status_code == 403
    assert "Test connection" not in viewer.get(PAGE).content.decode()
    assert vendor.requests() == []
    keeper = staff("keeper", "view_account", "change_account")
    assert "Gameball accepts the keys." in press(keeper)


# --- Holds ----------------------------------------------------------------------------------------------------


def test_saving_keys_wakes_the_sender(
    boss: Client, monkeypatch: pytest.MonkeyPatch, django_capture_on_commit_callbacks: Any
) -> None:
    woken: list[str] = []
    monkeypatch.setattr(outbox, "_wakers", [lambda: woken.append("woken")])
    with django_capture_on_commit_callbacks(execute=True):
        save(boss, api_key=API_KEY)
    assert woken == ["woken"]


def test_a_hold_is_explained_and_new_keys_lift_it(boss: Client, vendor: Emulator) -> None:
    now = timezone.now() - timedelta(seconds=5)
    support.refused_ledger(support.account(), now=now, url=vendor.url)
    page = boss.get(PAGE).content.decode()
    assert "Held: Registrations" in page
    assert "Gameball refuses the" in page
    assert "everything that waits goes out by itself" in page
    assert ">held<" in boss.get("/admin/gameball/account/").content.decode()

    save(boss, api_key=vendor.api_key, base_url=vendor.url)
    page = boss.get(PAGE).content.decode()
    assert "Held:" not in page
    # The page says what the ledger does: a call goes out under the new keys at once.
    found = accounts.credentials(stored())
    assert found is not None
    sender = courier.Courier(found.api_key, found.secret_key, **found.options)
    granted = sender.reserve(Ledger.objects.get().state, timezone.now(), {"createCustomer": 1}).granted
    assert granted["createCustomer"] == 1


def test_an_account_that_is_off_says_so(boss: Client) -> None:
    support.account(enabled=False)
    assert "The account is switched off" in boss.get(PAGE).content.decode()


# --- Which accounts there are ---------------------------------------------------------------------------------


@pytest.mark.django_db(transaction=True)
def test_the_default_account_exists_without_anyone_adding_it() -> None:
    Account.objects.all().delete()
    call_command("migrate", verbosity=0)
    first = Account.objects.get()
    assert first.pk == "default"
    call_command("migrate", verbosity=0)
    assert Account.objects.get().installed_at == first.installed_at


def test_there_is_no_default_account_where_there_is_no_table() -> None:
    accounts.ensure_default_account(using="default", apps=ProjectState().apps)


def test_another_account_is_added_with_its_own_keys(boss: Client) -> None:
    values = {**EMPTY, "key": "outlet", "api_key": API_KEY, "secret_key": SECRET_KEY}
    assert boss.post("/admin/gameball/account/add/", values).status_code == 302
    outlet = Account.objects.get(pk="outlet")
    found = accounts.credentials(outlet)
    assert found is not None
    assert found.api_key == API_KEY


def test_the_default_account_and_one_in_use_stay(boss: Client) -> None:
    Account.objects.create(pk="unused")
    Account.objects.create(pk="used")
    support.delivery("1", account_id="used")
    status = {
        key: boss.post(f"/admin/gameball/account/{key}/delete/", {"post": "yes"}).status_code
        for key in ("default", "used", "unused")
    }
    assert status == {"default": 403, "used": 403, "unused": 302}
    assert set(Account.objects.values_list("pk", flat=True)) >= {"default", "used"}


def test_whoever_may_only_look_changes_nothing(viewer: Client) -> None:
    before = stored().updated_at
    page = viewer.get(PAGE).content.decode()
    assert 'type="password"' not in page
    assert viewer.post(PAGE, {**EMPTY, "api_key": API_KEY}).status_code == 403
    assert stored().updated_at == before


def test_no_url_guesses_at_a_sealed_key(boss: Client) -> None:
    support.account()
    assert boss.get("/admin/gameball/account/?api_key_sealed__startswith=a").status_code == 400


# --- Where keys are sent --------------------------------------------------------------------------------------


def test_saved_keys_are_not_sent_to_another_address(boss: Client) -> None:
    """Whoever may change an account, but doesn't know its keys, must not have them sent to a server of their own."""
    save(boss, api_key=API_KEY, secret_key=SECRET_KEY)
    refused = errors(save(boss, base_url="https://elsewhere.example"))
    assert set(refused) == {"api_key", "secret_key"}
    assert "enter this one again" in str(refused)
    assert set(errors(save(boss, base_url="https://elsewhere.example", api_key=API_KEY))) == {"secret_key"}
    assert stored().base_url == ""

    save(boss, base_url="https://elsewhere.example", api_key=API_KEY, secret_key=SECRET_KEY)
    assert stored().base_url == "https://elsewhere.example"
    # The same address, and Gameball's own, are no other ones.
    save(boss, base_url="https://elsewhere.example/", high_security="on")
    save(boss, base_url="")
    assert stored().base_url == ""


def test_keys_of_the_settings_are_not_sent_to_an_address_of_the_admin(boss: Client, settings: Any) -> None:
    settings.GAMEBALL_REFERRALS = {"SENDER": "worker", "API_KEY": API_KEY, "SECRET_KEY": SECRET_KEY}
    assert "BASE_URL" in str(errors(save(boss, base_url="https://elsewhere.example"))["base_url"])
