"""The asynchronous client on event loops of all sorts, and at their ends."""

from __future__ import annotations

import asyncio
import gc
import threading
from typing import TYPE_CHECKING, Any

import pytest
from gameball_referrals import AsyncClient, InvalidArgumentError, NotFoundError
from support import ANSWER, BlackHole, RawServer, read_request

if TYPE_CHECKING:
    import socket

    from gameball_referrals.testing import Emulator

CALLS = 200


async def many(client: AsyncClient) -> None:
    customers = await asyncio.gather(*(client.get_customer("u1") for _ in range(CALLS)))
    assert all(customer.customer_id == "u1" for customer in customers)
    with pytest.raises(NotFoundError):
        await client.get_customer("nobody")
    with pytest.raises(InvalidArgumentError):
        await client.get_customer("")


def test_one_client_on_several_event_loops(emulator: Emulator) -> None:
    emulator.add_customer("u1")
    client = emulator.async_client()
    for _ in range(3):
        asyncio.run(many(client))
    failures: list[BaseException] = []

    def run() -> None:
        try:
            asyncio.run(many(client))
        except BaseException as failure:
            failures.append(failure)

    threads = [threading.Thread(target=run) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert not failures


def test_in_debug_mode(emulator: Emulator) -> None:
    emulator.add_customer("u1")
    asyncio.run(many(emulator.async_client()), debug=True)


def test_uvloop(emulator: Emulator) -> None:
    uvloop = pytest.importorskip("uvloop")
    emulator.add_customer("u1")
    client = emulator.async_client()
    for _ in range(2):
        loop = uvloop.new_event_loop()
        try:
            loop.run_until_complete(many(client))
        finally:
            loop.close()


def test_a_loop_that_cannot_watch_sockets(emulator: Emulator) -> None:
    """As Windows' proactor."""

    class Loop(asyncio.SelectorEventLoop):
        def add_reader(self, fd: Any, callback: Any, *args: Any) -> None:  # type: ignore[override]
            raise NotImplementedError

    emulator.add_customer("u1")
    client = emulator.async_client()
    for _ in range(2):
        loop = Loop()
        try:
            # The loop itself watches a socket to be woken.
            loop.run_until_complete(many(client))
        finally:
            loop.close()


def test_cancelling_stops_the_call() -> None:
    async def cancelled(url: str) -> None:
        client = AsyncClient("key", base_url=url, timeout=30)
        with pytest.raises(asyncio.TimeoutError):
            await asyncio.wait_for(client.get_customer("u1"), 0.2)
        # The loop goes on, and the client with it.
        with pytest.raises(InvalidArgumentError):
            await client.get_customer("")

    with BlackHole() as server:
        asyncio.run(cancelled(server.url))
        assert server.peer_left.wait(5), "the call goes on"


def test_the_loop_is_not_held_up() -> None:
    async def ticks(url: str) -> int:
        client = AsyncClient("key", base_url=url, timeout=0.5)
        call = asyncio.ensure_future(client.get_customer("u1"))
        count = 0
        while not call.done():
            await asyncio.sleep(0.01)
            count += 1
        assert isinstance(call.exception(), TimeoutError)
        return count

    with BlackHole() as server:
        assert asyncio.run(ticks(server.url)) > 10


def test_close_lets_calls_finish() -> None:
    held = threading.Event()

    def answer(connection: socket.socket) -> None:
        while read_request(connection):
            held.wait(10)
            connection.sendall(ANSWER)

    async def closing(url: str) -> None:
        client = AsyncClient("key", base_url=url, timeout=10)
        call = asyncio.ensure_future(client.get_customer("u1"))
        await asyncio.sleep(0)
        await client.close()
        held.set()
        assert (await call).customer_id is None

    with RawServer(answer) as server:
        asyncio.run(closing(server.url))


@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
def test_a_loop_closed_while_a_call_is_under_way() -> None:
    held = threading.Event()
    arrived = threading.Event()

    def answer(connection: socket.socket) -> None:
        while read_request(connection):
            arrived.set()
            held.wait(10)
            connection.sendall(ANSWER)

    async def begin(client: AsyncClient) -> None:
        call = asyncio.ensure_future(client.get_customer("u1"))
        call._log_destroy_pending = False  # type: ignore[attr-defined]
        await asyncio.get_running_loop().run_in_executor(None, arrived.wait, 10)

    with RawServer(answer) as server:
        client = AsyncClient("key", base_url=server.url, timeout=10)
        loop = asyncio.new_event_loop()
        loop.run_until_complete(begin(client))
        loop.close()
        held.set()

        async def again() -> None:
            await client.get_customer("u1")

        asyncio.run(again())
        del loop
        gc.collect()
        asyncio.run(again())
