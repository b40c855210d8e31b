"""What the sender really leaves behind, as the admin tells it: sign-ups through the shop, calls to a local Gameball."""

from __future__ import annotations

from typing import Any

import pytest
from admin import support
from django.contrib.auth import get_user_model
from django.test import Client
from gameball_referrals.django import sender
from gameball_referrals.django.models import Account, Delivery, Referral
from gameball_referrals.testing import Emulator

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def boss() -> Client:
    client = Client()
    client.force_login(get_user_model().objects.create_superuser("boss", password="x"))
    return client


def sign_up(name: str, code: str) -> Referral:
    browser = Client()
    browser.get(f"/?ref={code}")
    answer = browser.post(
        "/sign-up/",
        {"username": name, "email": f"{name}@example.org", "password1": "aWb-12-xY", "password2": "aWb-12-xY"},
    )
    assert answer.status_code == 302, answer.content
    return Referral.objects.latest("pk")


def evidence(client: Client, referral: Referral) -> Any:
    page = client.get(f"/admin/gameball/referral/{referral.pk}/change/")
    assert page.status_code == 200
    return page.context["gb"]


def titles(client: Client, referral: Referral) -> list[tuple[str, str]]:
    return [(step["title"], step["detail"]) for step in evidence(client, referral)["steps"]]


def test_a_friend_who_counts(boss: Client, gameball: Emulator) -> None:
    referral = sign_up("ben", "ANNA1")
    assert evidence(boss, referral)["why"] == "It goes out in a moment."
    sender.drain()
    found = evidence(boss, referral)
    assert (found["headline"], found["tone"]) == ("This friend counts.", "good")
    chain = titles(boss, referral)
    assert [title for title, _detail in chain] == [
        "Visited the shop by a link with the code ANNA1",
        "Registered, with this code",
        "The registration was sent",
        "Gameball was asked whether the friend is linked",
        "Receipt: linked",
    ]
    assert chain[3][1] == "Gameball: yes, linked."
    assert "before the time to link ended" in chain[2][1]


def test_a_friend_with_nobodys_code(boss: Client, gameball: Emulator) -> None:
    referral = sign_up("carl", "NOBODYS")
    sender.drain()
    assert evidence(boss, referral)["headline"] == "This friend does not count: Gameball does not accept the code."
    assert ("Gameball was asked whether the code is good", "Gameball: it is not.") in titles(boss, referral)


def test_wrong_keys_are_explained_and_new_ones_resume(boss: Client, emulator: Emulator) -> None:
    support.account(base_url=emulator.url)
    emulator.configure(api_key="rotated-at-gameball")
    referral = sign_up("dora", "ANNA1")
    sender.drain()
    found = evidence(boss, referral)
    assert found["headline"] == "It is not decided yet whether this friend counts."
    assert "Gameball refuses the" in found["why"]
    assert [one["url"] for one in found["advice"] if one["url"]] == ["/admin/gameball/account/default/change/"]
    assert Delivery.objects.get(customer_id=referral.customer_id).attempts == 0

    answer = boss.post(
        "/admin/gameball/account/default/change/",
        {"enabled": "on", "api_key": "rotated-at-gameball", "base_url": emulator.url},
    )
    assert answer.status_code == 302
    assert Account.objects.get().api_key_fingerprint
    sender.drain()
    assert evidence(boss, referral)["headline"] == "This friend counts."


def test_a_vendor_that_fails_for_a_while(boss: Client, gameball: Emulator) -> None:
    gameball.inject("status", times=1, status=503, operation="createCustomer")
    referral = sign_up("emil", "ANNA1")
    sender.drain(budget=0.2)
    found = evidence(boss, referral)
    assert found["why"].startswith("Gameball had an internal error. The next try is due ")
    assert any(title == "The registration was sent" and "503" in detail for title, detail in titles(boss, referral))


def test_a_registration_that_gameball_refuses_is_replayed_once_it_is_mended(boss: Client, gameball: Emulator) -> None:
    gameball.inject("status", times=1, status=422, code=3003, operation="createCustomer")
    referral = sign_up("fay", "ANNA1")
    sender.drain()
    failed = Delivery.objects.get(customer_id=referral.customer_id)
    assert failed.state == Delivery.State.DEAD
    found = evidence(boss, referral)
    assert f"/admin/gameball/delivery/{failed.pk}/change/" in [one["url"] for one in found["advice"]]
    boss.post(f"/admin/gameball/delivery/{failed.pk}/operate/", {"do": "replay"})
    sender.drain()
    assert evidence(boss, referral)["headline"] == "This friend counts."
