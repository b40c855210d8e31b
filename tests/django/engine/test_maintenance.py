"""What senders do now and then: old deliveries go, keys move to the shop's present secret."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta, timezone
from typing import Any

from engine.support import SetClock, order, receipts, register
from gameball_referrals.django import accounts, maintenance, outbox
from gameball_referrals.django.models import Account, Delivery
from gameball_referrals.django.sender import Sender
from gameball_referrals.testing import Emulator

Deliver = Callable[[], int]


def test_what_was_settled_long_ago_goes(shop: Emulator, deliver: Deliver, configure: Callable[..., None]) -> None:
    configure(RETENTION=timedelta(days=30))
    for nth in range(5):
        register(f"c{nth}", None)
    deliver()
    register("waits", None)
    now = datetime.now(timezone.utc)
    Delivery.objects.filter(customer_id__in=["c0", "c1", "c2"]).update(settled_at=now - timedelta(days=31))
    assert maintenance.purge("default", batch=2) == 3
    assert set(Delivery.objects.values_list("customer_id", flat=True)) == {"c3", "c4", "waits"}
    assert maintenance.purge("default", now=now + timedelta(days=31), batch=1, batches=1) == 1, "bounded"
    configure(RETENTION=None)
    assert maintenance.purge("default", now=now + timedelta(days=9999)) == 0


def test_a_customers_first_order_stays_the_first(shop: Emulator, deliver: Deliver) -> None:
    order("bo", "1")
    deliver()
    later = datetime.now(timezone.utc) + timedelta(days=400)
    assert maintenance.purge("default", now=later) == 0
    assert maintenance.purge("default", now=later) == 0
    row = Delivery.objects.get()
    assert (row.dedupe_key, row.history) == ("f:bo", [])
    order("bo", "2")
    deliver()
    assert [one["orderId"] for one in shop.state()["orders"]] == ["1"]


def test_keys_move_to_the_new_secret(shop: Emulator, settings: Any, configure: Callable[..., None]) -> None:
    configure(API_KEY=None, SECRET_KEY=None)
    account, _ = Account.objects.get_or_create(pk="default")
    accounts.set_keys(account, api_key=shop.api_key, secret_key=shop.secret_key)
    account.save()
    old = settings.SECRET_KEY
    settings.SECRET_KEY, settings.SECRET_KEY_FALLBACKS = "a new secret of the shop's, for the tests", [old]
    assert maintenance.reseal("default") == 2
    assert maintenance.reseal("default") == 0
    settings.SECRET_KEY_FALLBACKS = []
    account.refresh_from_db()
    opened = accounts.credentials(account)
    assert opened is not None
    assert (opened.api_key, opened.secret_key) == (shop.api_key, shop.secret_key)


def test_a_sender_does_it_by_itself(shop: Emulator, deliver: Deliver, clock: SetClock) -> None:
    register("bo", None)
    deliver()
    Delivery.objects.update(settled_at=datetime.now(timezone.utc) - timedelta(days=400))
    sender = Sender(clock=clock)
    sender._upkeep_at = 0.0
    sender._work()
    assert Delivery.objects.count() == 0
    outbox.put("createCustomer", {"customer_id": "cy"})
    sender.drain()
    assert receipts() == {}
