"""The way of one referral, from the visit to the proof, through each kind of client."""

from __future__ import annotations

import asyncio
import re
from datetime import datetime, timedelta, timezone
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import gameball_referrals
import pytest
from gameball_referrals import (
    ClaimSigner,
    Client,
    ConflictError,
    CreatedCustomer,
    CustomerAttributes,
    LineItem,
    NotFoundError,
    TrackedOrder,
    extract_referrer_code,
    referral_link,
)
from support import HERE

if TYPE_CHECKING:
    from gameball_referrals.testing import Emulator

NOW = datetime(2026, 1, 1, tzinfo=timezone.utc)
ATTRIBUTES = CustomerAttributes(display_name="Bob", total_spent=Decimal("0.10"), custom={"vipLevel": 1})
LINE_ITEMS: list[LineItem | dict[str, Any]] = [
    LineItem(product_id="p1", quantity=2, price="50.05", extra={"giftWrap": True}),
    {"sku": "s2", "price": Decimal("0.00")},
]


@pytest.fixture(autouse=True)
def ann(emulator: Emulator) -> None:
    emulator.add_customer("ann", referral_code="ANN-1")


def captured_code() -> str:
    link = referral_link("https://shop.example/signup?ref={referralCode}", "ANN-1")
    code = extract_referrer_code(link)
    assert code == "ANN-1"
    signer = ClaimSigner("a secret of the shop", clock=lambda: NOW)
    claim = signer.read(signer.issue(code), now=NOW + timedelta(days=29))
    assert claim is not None
    assert claim.issued_at == NOW
    return claim.code


def check(emulator: Emulator) -> None:
    creation, order = emulator.requests("createCustomer")[0], emulator.requests("trackOrder")[0]
    assert creation["body"] == (
        '{"customerId":"bob","referrerCode":"ANN-1","customerAttributes":'
        '{"displayName":"Bob","totalSpent":0.10,"custom":{"vipLevel":1}}}'
    )
    assert '"orderDate":"2026-01-01T00:00:00Z","totalPaid":100.10,' in order["body"]
    assert '"lineItems":[{"productId":"p1","quantity":2,"price":50.05,"extra":{"giftWrap":true}},' in order["body"]
    assert {"apikey", "transactionkey", "secretkey"} <= set(order["headers"])
    assert "secretkey" not in creation["headers"]
    (referral,) = emulator.state()["referrals"]
    assert (referral["referrer"], referral["friend"]) == ("ann", "bob")


def test_waiting(emulator: Emulator, client: Client) -> None:
    code = captured_code()
    assert client.validate_referrer_code(code, for_customer_id="bob") is True
    assert client.validate_referrer_code("nobody's".replace("'", "")) is False
    assert isinstance(client.create_customer("bob", referrer_code=code, attributes=ATTRIBUTES), CreatedCustomer)
    tracked = client.track_order(
        "o1", customer_id="bob", order_date=NOW, total_paid=Decimal("100.10"), line_items=LINE_ITEMS
    )
    assert tracked == TrackedOrder("bob", redeemed_points=Decimal(0), rewarded_points=Decimal(100))
    bob = client.get_customer("bob")
    assert bob.is_referred is True
    assert [friend.customer_id for friend in client.get_customer_referrals("ann")] == ["bob"]
    assert client.get_customer_referrals_count("ann").count == 1
    (step, *_) = client.get_referrals_configurations(lang="en")
    assert step.customer_reward is not None
    with pytest.raises(ConflictError):
        client.track_order("o1", customer_id="bob", order_date=NOW, total_paid=1)
    check(emulator)
    client.delete_customer("bob")
    with pytest.raises(NotFoundError):
        client.get_customer("bob")


def test_asyncio(emulator: Emulator) -> None:
    async def journey() -> None:
        async with emulator.async_client() as client:
            code = captured_code()
            assert await client.validate_referrer_code(code, for_customer_id="bob") is True
            await client.create_customer("bob", referrer_code=code, attributes=ATTRIBUTES)
            tracked = await client.track_order(
                "o1", customer_id="bob", order_date=NOW, total_paid=Decimal("100.10"), line_items=LINE_ITEMS
            )
            assert tracked.rewarded_points == Decimal(100)
            assert (await client.get_customer("bob")).is_referred is True
            assert [friend.customer_id async for friend in client.get_customer_referrals("ann")] == ["bob"]
            assert (await client.get_customer_referrals_count("ann")).count == 1
            assert await client.get_referrals_configurations(lang="en")
            with pytest.raises(ConflictError):
                await client.track_order("o1", customer_id="bob", order_date=NOW, total_paid=1)
            check(emulator)
            await client.delete_customer("bob")

    asyncio.run(journey())


def test_many_at_once(emulator: Emulator, client: Client) -> None:
    creation = {"customer_id": "bob", "referrer_code": captured_code(), "attributes": ATTRIBUTES}
    order = {"customer_id": "bob", "order_date": NOW, "total_paid": "100.10", "line_items": LINE_ITEMS}
    results = client.call_many(
        [
            ("create_customer", creation),
            ("track_order", {"order_id": "o1", **order}),
            ("track_order", {"order_id": "", **order}),
            ("get_customer", {"customer_id": "bob"}),
            ("track_order", {"order_id": "o1", **order}),
            ("get_customer_referrals", {"customer_id": "ann", "limit": 1}),
        ],
        concurrency=1,
    )
    assert isinstance(results[0], CreatedCustomer)
    assert isinstance(results[1], TrackedOrder)
    assert isinstance(results[2], gameball_referrals.InvalidArgumentError)
    assert results[2].field == "order_id"
    assert results[3].is_referred is True
    assert isinstance(results[4], ConflictError)
    assert [friend.customer_id for friend in results[5].referred_friends] == ["bob"]
    check(emulator)


def test_pages_are_fetched_as_needed(emulator: Emulator, client: Client) -> None:
    for number in range(450):
        emulator.add_customer(f"friend-{number}", referred_by="ann")
    friends = client.get_customer_referrals("ann")
    assert emulator.requests("getCustomerReferrals") == []
    assert next(friends).customer_id == "friend-0"
    assert len(emulator.requests("getCustomerReferrals")) == 1
    assert [friend.customer_id for friend in friends] == [f"friend-{number}" for number in range(1, 450)]
    assert len(emulator.requests("getCustomerReferrals")) == 3


def test_both_clients_have_the_same_methods() -> None:
    import inspect

    def methods(client: type) -> dict[str, inspect.Signature]:
        functions = inspect.getmembers(client, inspect.isfunction)
        return {
            name: inspect.signature(function).replace(return_annotation=None)
            for name, function in functions
            if not name.startswith("_")
        }

    waiting = methods(Client)
    # On an event loop, `asyncio.gather` does what `call_many` does.
    del waiting["call_many"]
    assert waiting == methods(gameball_referrals.AsyncClient)


def test_the_readme_of_the_package(emulator: Emulator) -> None:
    readme = (HERE.parents[1] / "python" / "README.md").read_text(encoding="utf-8")
    first, second = re.findall(r"^```python\n(.*?)^```", readme, re.DOTALL | re.MULTILINE)
    emulator.add_customer("referrer", referral_code="REF123456")
    first = first.replace('Client("gb_live_api_key", "gb_live_secret_key")', "emulator.client()")
    exec(first, {"emulator": emulator})
    exec(second, {})
