"""aiohttp: one session, on asyncio's own loop or (`in-flight-uvloop`) on uvloop."""

import asyncio

import aiohttp
import uvloop
from protocol import check_json, headers, measure_async, mode, order, orders_url


async def main() -> None:
    async with aiohttp.ClientSession(headers=headers) as session:

        async def track(number: int) -> None:
            async with session.post(orders_url, json=order(number)) as answer:
                answer.raise_for_status()
                check_json(number, await answer.json())

        await measure_async(track)


if mode.endswith("uvloop"):
    uvloop.run(main())
else:
    asyncio.run(main())
