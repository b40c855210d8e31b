"""What type checkers see of the package; checked by mypy, never run."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from datetime import datetime, timezone
from decimal import Decimal
from typing import Optional

from gameball_referrals import (
    AsyncClient,
    Claim,
    ClaimSigner,
    Client,
    CreatedCustomer,
    Customer,
    CustomerAttributes,
    LineItem,
    ReferralsConfiguration,
    ReferralsCount,
    ReferredFriend,
    TrackedOrder,
    extract_referrer_code,
    read_session_token,
    referral_link,
    session_token,
    verify_webhook,
)
from gameball_referrals.models import CustomerAttributesDict
from gameball_referrals.session_tokens import SessionClaims
from typing_extensions import assert_type

NOW = datetime(2026, 1, 1, tzinfo=timezone.utc)


def waiting(client: Client) -> None:
    with client as entered:
        assert_type(entered, Client)
    assert_type(client.create_customer("u1", attributes=CustomerAttributes(country="DE")), CreatedCustomer)
    client.create_customer("u1", attributes={"display_name": "Bob", "total_spent": "1.50"})
    attributes: CustomerAttributesDict = {"channel": "web"}
    client.create_customer("u1", attributes=attributes)
    assert_type(
        client.track_order(
            "o1",
            customer_id="u1",
            order_date=NOW,
            total_paid=Decimal("1.10"),
            total_tax=0,
            line_items=[LineItem(sku="s", price="1"), {"sku": "t"}],
            channel="web",
        ),
        TrackedOrder,
    )
    customer = client.get_customer("u1")
    assert_type(customer, Customer)
    assert_type(customer.referral_code, Optional[str])
    assert_type(client.validate_referrer_code("X", for_customer_id="u1"), bool)
    assert_type(client.get_customer_referrals("u1"), Iterator[ReferredFriend])
    assert_type(client.get_customer_referrals_count("u1"), ReferralsCount)
    assert_type(client.get_referrals_configurations(lang="en"), list[ReferralsConfiguration])

    client.track_order("o1", customer_id="u1", order_date=NOW, total_paid=1.5)  # type: ignore[arg-type]
    client.track_order("o1", customer_id="u1", order_date=NOW)  # type: ignore[call-arg]
    client.track_order("o1", "u1", NOW, 1)  # type: ignore[call-arg]
    client.create_customer("u1", nope=1)  # type: ignore[call-arg]
    client.create_customer(7)  # type: ignore[arg-type]
    Client()  # type: ignore[call-arg]


async def asynchronous(client: AsyncClient) -> None:
    async with client as entered:
        assert_type(entered, AsyncClient)
    assert_type(await client.create_customer("u1"), CreatedCustomer)
    assert_type(await client.track_order("o1", customer_id="u1", order_date=NOW, total_paid=1), TrackedOrder)
    assert_type(await client.get_customer("u1"), Customer)
    assert_type(await client.validate_referrer_code("X"), bool)
    assert_type(client.get_customer_referrals("u1"), AsyncIterator[ReferredFriend])
    assert_type(await client.get_referrals_configurations(), list[ReferralsConfiguration])
    await client.delete_customer("u1")


def functions(signer: ClaimSigner) -> None:
    assert_type(signer.issue("X", at=NOW), str)
    assert_type(signer.read("token"), Optional[Claim])
    assert_type(referral_link("https://shop.example", "X"), str)
    assert_type(extract_referrer_code("/?ref=X", params=("ref",)), Optional[str])
    assert_type(session_token("key", "u1", NOW), str)
    assert_type(read_session_token("key", "token"), Optional[SessionClaims])
    assert_type(verify_webhook(b"", None, "key"), bool)
