"""How much memory gameball_referrals adds to a bare interpreter: `memory.py sequential|threads|batch URL`.

`memory.py library MODULE…` tells what modules of the standard library take by themselves. The interpreter's own peak
is read before anything else is imported.
"""

import sys


def peak() -> int:
    with open("/proc/self/status") as status:
        return next(int(line.split()[1]) * 1024 for line in status if line.startswith("VmHWM"))


bare = peak()
mode, *arguments = sys.argv[1:]
CALLS = 1000
THREADS = 32
PAGE = 200


def order(number: int) -> dict[str, object]:
    return {
        "order_id": f"order-{number}",
        "customer_id": f"customer-{number}",
        "order_date": "2026-11-02T10:15:00Z",
        "total_paid": "100.25",
        "line_items": [{"sku": "SKU-1001-BLUE-M", "quantity": 2, "price": "59.5"}],
    }


def work(url: str) -> None:
    from gameball_referrals import Client

    key = "bench-key-0123456789abcdef"
    client = Client(key, key, base_url=url)

    def track(numbers: range) -> None:
        for number in numbers:
            assert client.track_order(**order(number)).customer_id == f"customer-{number}"

    if mode == "sequential":
        track(range(CALLS))
    elif mode == "threads":
        import threading

        lanes = [threading.Thread(target=track, args=(range(lane, CALLS, THREADS),)) for lane in range(THREADS)]
        for lane in lanes:
            lane.start()
        for lane in lanes:
            lane.join()
    else:
        for first in range(0, CALLS, PAGE):
            numbers = range(first, first + PAGE)
            results = client.call_many([("track_order", order(number)) for number in numbers], concurrency=32)
            assert [result.customer_id for result in results] == [f"customer-{number}" for number in numbers]


if mode == "library":
    for module in arguments:
        __import__(module)
else:
    work(*arguments)
print(f'{{"bytes": {peak() - bare}, "bare": {bare}}}')
