"""Threads and greenlets that share one client."""

from __future__ import annotations

import gc
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

import pytest
from gameball_referrals import Client, GameballError, RequestTimeoutError
from support import ANSWER, BlackHole, RawServer, python, read_request, running

if TYPE_CHECKING:
    import socket

    from gameball_referrals.testing import Emulator


def test_32_threads(emulator: Emulator, client: Client) -> None:
    emulator.add_customer("u1")
    start = threading.Barrier(32)

    def work(number: int) -> None:
        start.wait(30)
        for turn in range(25):
            customer_id = f"u{number}-{turn}"
            client.create_customer(customer_id)
            assert client.get_customer(customer_id).customer_id == customer_id

    started = time.monotonic()
    with ThreadPoolExecutor(32) as pool:
        list(pool.map(work, range(32), timeout=60))
    assert len(emulator.requests("getCustomer")) == 32 * 25
    # A wake-up that is lost would show as a call that waits for its deadline.
    assert time.monotonic() - started < 30


@pytest.mark.parametrize("latency", [5, 10, 15, 20, 25])
def test_no_thread_forgets_what_another_was_to_wake(emulator: Emulator, latency: int) -> None:
    """Threads take turns at driving the connections; whoever leaves hands over all that is to be woken."""
    emulator.inject("latency", ms=latency, times=None)
    outcomes: list[Any] = []
    with emulator.client(timeout=20, max_retries=0) as client:

        def work(first: int) -> None:
            calls = [("create_customer", {"customer_id": f"c{first + number}"}) for number in range(40)]
            outcomes.extend(client.call_many(calls, concurrency=4))

        threads = [threading.Thread(target=work, args=(100 * number,)) for number in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert [outcome for outcome in outcomes if isinstance(outcome, GameballError)] == []


def test_waiting_threads_do_not_wait_for_each_other(emulator: Emulator) -> None:
    emulator.add_customer("slow")
    emulator.add_customer("quick")
    emulator.inject("latency", customer_id="slow", ms=1500, times=4)
    with emulator.client(timeout=20) as client, ThreadPoolExecutor(4) as pool:
        slow = [pool.submit(client.get_customer, "slow") for _ in range(4)]
        while len(emulator.requests("getCustomer")) < 1 and not any(call.done() for call in slow):
            client.get_customer("quick")
        for _ in range(50):
            client.get_customer("quick")
        assert not any(call.done() for call in slow)
        assert [call.result(20).customer_id for call in slow] == ["slow"] * 4


def test_the_thread_that_drives_may_leave() -> None:
    """One waits for the other's answer: whoever drove the runtime hands it on when it is done."""
    held = threading.Event()

    def answer(connection: socket.socket) -> None:
        while request := read_request(connection):
            if b"/slow" in request:
                held.wait(10)
            connection.sendall(ANSWER)

    with RawServer(answer) as server, ThreadPoolExecutor(8) as pool:
        client = Client("key", base_url=server.url, timeout=5)
        slow = [pool.submit(client.get_customer, "slow") for _ in range(4)]
        for _ in range(100):
            client.get_customer("quick")
        quick = [pool.submit(client.get_customer, "quick") for _ in range(4)]
        for call in quick:
            call.result(5)
        released = time.monotonic()
        held.set()
        for call in slow:
            call.result(5)
        assert time.monotonic() - released < 1


def test_one_deadline_does_not_disturb_another() -> None:
    with BlackHole() as server, ThreadPoolExecutor(8) as pool:
        clients = [Client("key", base_url=server.url, timeout=0.2 + number / 10) for number in range(8)]
        calls = [pool.submit(client.get_customer, "u1") for client in clients]
        for call in calls:
            assert isinstance(call.exception(10), RequestTimeoutError)


def test_close_lets_other_threads_finish() -> None:
    held = threading.Event()
    arrived = threading.Event()

    def answer(connection: socket.socket) -> None:
        while read_request(connection):
            arrived.set()
            held.wait(10)
            connection.sendall(ANSWER)

    with RawServer(answer) as server, ThreadPoolExecutor(1) as pool:
        client = Client("key", base_url=server.url, timeout=10)
        call = pool.submit(client.get_customer, "u1")
        assert arrived.wait(10)
        client.close()
        held.set()
        assert call.result(10).customer_id is None


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="reads /proc")
def test_clients_let_go_of_their_sockets_and_threads(emulator: Emulator) -> None:
    import asyncio
    import os

    emulator.add_customer("u1")

    async def call() -> None:
        async with emulator.async_client() as client:
            await client.get_customer("u1")

    def use() -> None:
        with emulator.client() as client:
            client.get_customer("u1")
        asyncio.run(call())
        gc.collect()

    def open_now() -> tuple[int, int]:
        return len(os.listdir("/proc/self/fd")), len(os.listdir("/proc/self/task"))

    use()
    before = open_now()
    for _ in range(20):
        use()
    # The emulator's end of the last connections, and the last worker, may still be on their way out.
    assert all(now <= then + 4 for now, then in zip(open_now(), before))


def test_gevent(emulator: Emulator) -> None:
    pytest.importorskip("gevent")
    emulator.add_customer("u1")
    code = """
from gevent import monkey
monkey.patch_all()
import gevent, sys, time
from gameball_referrals import Client, GameballError
from gameball_referrals.exceptions import RequestTimeoutError

url, api_key, secret_key, black_hole = sys.argv[1:]
client = Client(api_key, secret_key, base_url=url)
assert client.get_customer("u1").customer_id == "u1"
calls = [gevent.spawn(client.get_customer, "u1") for _ in range(30)]
gevent.joinall(calls, timeout=20)
assert all(call.value.customer_id == "u1" for call in calls)

ticks = []
def tick():
    while True:
        ticks.append(time.monotonic())
        gevent.sleep(0.01)
ticker = gevent.spawn(tick)
def raise_first(results):
    raise results[0]
waiting = Client(api_key, secret_key, base_url=black_hole, timeout=0.5)
for call in (
    lambda: waiting.get_customer("u1"),
    lambda: raise_first(waiting.call_many([("get_customer", {"customer_id": "u1"})], concurrency=1)),
):
    before = len(ticks)
    try:
        call()
    except RequestTimeoutError:
        pass
    else:
        raise AssertionError
    assert len(ticks) - before > 10, "the hub stood still"
try:
    client.get_customer("")
except GameballError as error:
    assert error.field == "customer_id"
"""
    with BlackHole() as hole:
        done = python(code, emulator.url, emulator.api_key, emulator.secret_key, hole.url)
    assert done.stderr == ""


def test_many_greenlets_keep_their_deadlines() -> None:
    pytest.importorskip("gevent")
    code = """
from gevent import monkey
monkey.patch_all()
import gevent, sys, time
from gameball_referrals import Client
client = Client("key", base_url=sys.argv[1], timeout=1)
def call(number):
    started = time.monotonic()
    try:
        if number % 2:
            client.get_customer("u1")
        else:
            raise client.call_many([("get_customer", {"customer_id": "u1"})] * 3, concurrency=3)[2]
    except TimeoutError:
        return time.monotonic() - started
calls = [gevent.spawn(call, number) for number in range(40)]
gevent.joinall(calls)
print(max(call.value for call in calls))
# Nothing is left that would keep the hub from coming to an end.
assert gevent.wait(timeout=5), "the hub waits for something"
"""
    with BlackHole() as hole:
        done = python(code, hole.url)
    assert done.stderr == ""
    assert 1 <= float(done.stdout) < 1.8


def test_a_greenlet_that_is_killed_ends_its_call() -> None:
    pytest.importorskip("gevent")
    code = """
from gevent import monkey
monkey.patch_all()
import gevent, sys
from gameball_referrals import Client, ClosedError, InvalidArgumentError
client = Client("key", base_url=sys.argv[1], timeout=30)
call = gevent.spawn(client.get_customer, "u1")
gevent.sleep(0.5)
call.kill(timeout=5)
assert call.dead
try:
    with gevent.Timeout(0.3):
        client.get_customer("u1")
except gevent.Timeout:
    pass
(refused,) = client.call_many([("get_customer", {"customer_id": ""})], concurrency=1)
assert isinstance(refused, InvalidArgumentError)
client.close()
for call in (
    lambda: client.get_customer("u1"),
    lambda: client.call_many([("get_customer", {"customer_id": "u1"})], concurrency=1),
):
    try:
        call()
    except ClosedError:
        pass
    else:
        raise AssertionError
print("closed", flush=True)
sys.stdin.readline()
"""
    with BlackHole() as hole, running(code, hole.url) as process:
        assert process.stdout
        assert process.stdout.readline() == "closed\n", process.communicate()
        assert hole.peer_left.wait(5), "the call goes on"
