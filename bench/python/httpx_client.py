"""httpx: its waiting client for one call after the other, its asynchronous one for many at once."""

import asyncio

import httpx
from protocol import IN_FLIGHT, check_json, headers, measure, measure_async, mode, order, orders_url


def sequential() -> None:
    with httpx.Client(headers=headers) as client:

        def track(number: int) -> None:
            answer = client.post(orders_url, json=order(number))
            answer.raise_for_status()
            check_json(number, answer.json())

        measure(track)


async def in_flight() -> None:
    limits = httpx.Limits(max_connections=IN_FLIGHT, max_keepalive_connections=IN_FLIGHT)
    async with httpx.AsyncClient(headers=headers, limits=limits) as client:

        async def track(number: int) -> None:
            answer = await client.post(orders_url, json=order(number))
            answer.raise_for_status()
            check_json(number, answer.json())

        await measure_async(track)


if mode == "sequential":
    sequential()
else:
    asyncio.run(in_flight())
