"""What all Python clients share: the same orders, the same checks, the same clock, one line of JSON at the end.

A client's script makes its connections, says how it tracks one order, and calls `measure` or `measure_async`:
`SCRIPT sequential|in-flight|batch URL REQUESTS SECONDS`.
"""

from __future__ import annotations

import asyncio
import json
import sys
import time
from collections.abc import Awaitable, Sequence
from typing import Any, Callable

IN_FLIGHT = 32
PAGE = 200
"""Calls a batch: a page of deliveries."""

mode, url = sys.argv[1:3]
last, seconds = int(sys.argv[3]), float(sys.argv[4])
orders_url = f"{url}/api/v4.0/integrations/orders"
key = "bench-key-0123456789abcdef"
headers = dict.fromkeys(("APIKey", "TransactionKey", "SecretKey"), key)


def order(number: int) -> dict[str, Any]:
    """The body of an order, as it goes over the wire."""
    return {
        "orderId": f"order-{number:06}",
        "customerId": f"customer-{number:06}",
        "orderDate": "2026-11-02T10:15:00Z",
        "totalPaid": 100.25,
        "totalPrice": 118.25,
        "totalDiscount": 18.0,
        "lineItems": [
            {
                "productId": "product-1001",
                "sku": "SKU-1001-BLUE-M",
                "title": "Linen shirt, blue",
                "quantity": 2,
                "price": 59.5,
                "taxes": 8.25,
                "category": ["shirts"],
            }
        ],
        "email": "friend@shop.example",
    }


def check(number: int, customer_id: str | None, points: Any) -> None:
    """Every answer is the one to this very order, or the whole run is void."""
    if customer_id != f"customer-{number:06}" or points != 100.25:
        raise SystemExit(f"a wrong answer to order {number}: {customer_id!r}, {points!r}")


def check_json(number: int, answer: dict[str, Any]) -> None:
    check(number, answer["customerId"], answer["rewardedPoints"])


def measure(track: Callable[[int], None]) -> None:
    """One call after the other."""
    warm_up = Stint(0, -(-last // 100), seconds / 4)
    warm_up.run(track)
    stint = Stint(warm_up.number, last, seconds)
    stint.run(track)
    stint.report()


def measure_batches(track_many: Callable[[Sequence[int]], None]) -> None:
    """One page of calls after the other."""
    warm_up = Stint(0, last, seconds / 4, PAGE)
    warm_up.run(lambda number: track_many(range(number, number + PAGE)))
    stint = Stint(warm_up.number, last, seconds, PAGE)
    stint.run(lambda number: track_many(range(number, number + PAGE)))
    stint.report()


async def measure_async(track: Callable[[int], Awaitable[None]]) -> None:
    """As many lanes as calls are to be in flight, each with one call after the other."""
    lanes = 1 if mode == "sequential" else IN_FLIGHT
    warm_up = Stint(0, -(-last // 100), seconds / 4)
    await asyncio.gather(*(warm_up.run_async(track) for _ in range(lanes)))
    stint = Stint(warm_up.number, last, seconds)
    await asyncio.gather(*(stint.run_async(track) for _ in range(lanes)))
    stint.report()


class Stint:
    """A stretch of work, ended by the clock or by the number of the last order."""

    def __init__(self, number: int, last: int, seconds: float, step: int = 1) -> None:
        self.number = number
        self._last = last
        self._step = step
        self._durations: list[int] = []
        self._cpu = time.process_time_ns()
        self._began = time.perf_counter_ns()
        self._deadline = self._began + int(seconds * 1e9)

    def run(self, track: Callable[[int], None]) -> None:
        clock = time.perf_counter_ns
        began = clock()
        while began < self._deadline and self.number < self._last:
            number = self.number
            self.number += self._step
            track(number)
            ended = clock()
            self._durations.append(ended - began)
            began = ended

    async def run_async(self, track: Callable[[int], Awaitable[None]]) -> None:
        clock = time.perf_counter_ns
        began = clock()
        while began < self._deadline and self.number < self._last:
            number = self.number
            self.number += self._step
            await track(number)
            ended = clock()
            self._durations.append(ended - began)
            began = ended

    def report(self) -> None:
        wall = time.perf_counter_ns() - self._began
        cpu = time.process_time_ns() - self._cpu
        durations = sorted(self._durations)
        requests = len(durations) * self._step
        figures = {
            "requests": requests,
            "wall_us": wall / requests / 1e3,
            "cpu_us": cpu / requests / 1e3,
            "p50_us": durations[len(durations) // 2] / 1e3,
        }
        print(json.dumps(figures))
