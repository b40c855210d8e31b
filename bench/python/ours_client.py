"""gameball_referrals: the typed clients, and the native entries below them (the courier stands on the batch).

`sequential`, `sequential-native`, `in-flight`, `in-flight-uvloop`, `batch` (native), `batch-typed` and `courier`.
"""

import asyncio
import json
from collections.abc import Sequence
from datetime import datetime, timezone
from decimal import Decimal
from typing import Any

from gameball_referrals import AsyncClient, Client, _native
from gameball_referrals.courier import Courier, Delivery, prepare
from protocol import IN_FLIGHT, check, key, measure, measure_async, measure_batches, mode, url

PAID, PRICE, DISCOUNT, UNIT_PRICE, TAXES = map(Decimal, ("100.25", "118.25", "18.0", "59.5", "8.25"))


def order(number: int) -> dict[str, Any]:
    """The same order as everybody's; amounts are decimals, as in a shop."""
    return {
        "order_id": f"order-{number:06}",
        "customer_id": f"customer-{number:06}",
        "order_date": "2026-11-02T10:15:00Z",
        "total_paid": PAID,
        "total_price": PRICE,
        "total_discount": DISCOUNT,
        "line_items": [
            {
                "product_id": "product-1001",
                "sku": "SKU-1001-BLUE-M",
                "title": "Linen shirt, blue",
                "quantity": 2,
                "price": UNIT_PRICE,
                "taxes": TAXES,
                "category": ["shirts"],
            }
        ],
        "email": "friend@shop.example",
    }


def sequential() -> None:
    with Client(key, key, base_url=url) as client:

        def track(number: int) -> None:
            tracked = client.track_order(**order(number))
            check(number, tracked.customer_id, tracked.rewarded_points)

        measure(track)


def native() -> _native.Client:
    return _native.Client({"api_key": key, "secret_key": key, "base_url": url})


def check_text(number: int, answer: str) -> None:
    tracked = json.loads(answer)
    check(number, tracked["customerId"], float(tracked["rewardedPoints"]))


def sequential_native() -> None:
    client = native()
    measure(lambda number: check_text(number, client.call("trackOrder", order(number))))


def batch() -> None:
    client = native()

    def track_many(numbers: Sequence[int]) -> None:
        answers = client.call_many([("trackOrder", order(number)) for number in numbers], IN_FLIGHT)
        for number, answer in zip(numbers, answers):
            check_text(number, answer)

    measure_batches(track_many)


def batch_typed() -> None:
    with Client(key, key, base_url=url) as client:

        def track_many(numbers: Sequence[int]) -> None:
            calls = [("track_order", order(number)) for number in numbers]
            for number, tracked in zip(numbers, client.call_many(calls, concurrency=IN_FLIGHT)):
                check(number, tracked.customer_id, tracked.rewarded_points)

        measure_batches(track_many)


def courier() -> None:
    """As a sender does it: pages of deliveries as they lie in the outbox, verdicts as they come."""
    now = datetime.now(timezone.utc)
    with Courier(key, key, base_url=url, concurrency=IN_FLIGHT) as sender:

        def track_many(numbers: Sequence[int]) -> None:
            deliveries = []
            for number in numbers:
                prepared = prepare("trackOrder", order(number), now=now, orders="all")
                deliveries.append(Delivery(number, prepared.operation, prepared.arguments))
            sender.submit(deliveries)
            settled = 0
            while settled < len(deliveries):
                for verdict in sender.verdicts(None):
                    if verdict.outcome != "applied":
                        raise SystemExit(f"order {verdict.id} came to {verdict.outcome}: {verdict.call}")
                    settled += 1

        measure_batches(track_many)


async def in_flight() -> None:
    async with AsyncClient(key, key, base_url=url) as client:

        async def track(number: int) -> None:
            tracked = await client.track_order(**order(number))
            check(number, tracked.customer_id, tracked.rewarded_points)

        await measure_async(track)


if mode == "in-flight":
    asyncio.run(in_flight())
elif mode == "in-flight-uvloop":
    import uvloop

    uvloop.run(in_flight())
else:
    shapes = {
        "sequential": sequential,
        "sequential-native": sequential_native,
        "batch": batch,
        "batch-typed": batch_typed,
        "courier": courier,
    }
    shapes[mode]()
