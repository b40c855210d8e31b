"""A call ends at its deadline, whatever the peer does."""

from __future__ import annotations

import asyncio
import socket
import time
from typing import TYPE_CHECKING, Callable

import pytest
from gameball_referrals import AsyncClient, Client, GameballError, RequestTimeoutError
from support import BlackHole, RawServer, read_request

if TYPE_CHECKING:
    from gameball_referrals.testing import Emulator

TIMEOUT = 0.3
# What a busy machine may add to it.
LATEST = 0.8


def timed(call: Callable[[], object]) -> float:
    started = time.monotonic()
    with pytest.raises(RequestTimeoutError, match=r"within 0\.3 s") as raised:
        call()
    assert isinstance(raised.value, TimeoutError)
    return time.monotonic() - started


def gone(connection: socket.socket, within: float) -> bool:
    """Wait a while, and tell whether the peer has left."""
    connection.settimeout(within)
    try:
        return not connection.recv(1)
    except socket.timeout:  # TimeoutError only since Python 3.10
        return False


def drip(connection: socket.socket) -> None:
    """Send an answer a byte at a time, slower than anybody waits."""
    read_request(connection)
    for byte in b"HTTP/1.1 200 OK\r\n":
        connection.send(bytes([byte]))
        if gone(connection, within=1):
            return


def endless_hints(connection: socket.socket) -> None:
    """Announce an answer again and again."""
    read_request(connection)
    while not gone(connection, within=0.001):
        connection.send(b"HTTP/1.1 103 Early Hints\r\n\r\n")


def test_a_black_hole() -> None:
    with BlackHole() as server:
        client = Client("key", base_url=server.url, timeout=TIMEOUT)
        assert TIMEOUT <= timed(lambda: client.get_customer("u1")) < LATEST


def test_a_listener_that_does_not_accept() -> None:
    with socket.create_server(("127.0.0.1", 0), backlog=1) as listener:
        client = Client("key", base_url=f"http://127.0.0.1:{listener.getsockname()[1]}", timeout=TIMEOUT)
        assert TIMEOUT <= timed(lambda: client.get_customer("u1")) < LATEST


def test_a_byte_a_second() -> None:
    with RawServer(drip) as server:
        client = Client("key", base_url=server.url, timeout=TIMEOUT)
        assert TIMEOUT <= timed(lambda: client.get_customer("u1")) < LATEST


@pytest.mark.parametrize("fault", ["blackHole", "slowBody"])
def test_faults(emulator: Emulator, fault: str) -> None:
    emulator.inject(fault, times=None)
    with emulator.client(timeout=TIMEOUT) as client:
        assert TIMEOUT <= timed(lambda: client.get_customer("u1")) < LATEST


@pytest.mark.parametrize("fault", ["endlessBody", "redirect"])
def test_faults_that_are_seen_through_earlier(emulator: Emulator, fault: str) -> None:
    emulator.inject(fault, times=None)
    started = time.monotonic()
    with emulator.client(timeout=TIMEOUT, max_retries=0) as client, pytest.raises(GameballError):
        client.get_customer("u1")
    assert time.monotonic() - started < LATEST


def test_answers_that_never_begin() -> None:
    with RawServer(endless_hints) as server:
        client = Client("key", base_url=server.url, timeout=TIMEOUT, max_retries=0)
        started = time.monotonic()
        with pytest.raises(GameballError):
            client.get_customer("u1")
        assert time.monotonic() - started < LATEST


def test_retries_stay_within_the_deadline(emulator: Emulator) -> None:
    emulator.inject("status", status=503, times=None)
    started = time.monotonic()
    with emulator.client(timeout=TIMEOUT, max_retries=10) as client, pytest.raises(GameballError):
        client.get_customer("u1")
    assert time.monotonic() - started < LATEST


def test_asyncio() -> None:
    async def call(url: str) -> None:
        async with AsyncClient("key", base_url=url, timeout=TIMEOUT) as client:
            await client.get_customer("u1")

    with BlackHole() as server:
        assert TIMEOUT <= timed(lambda: asyncio.run(call(server.url))) < LATEST


def test_a_batch() -> None:
    with BlackHole() as server:
        client = Client("key", base_url=server.url, timeout=TIMEOUT)
        started = time.monotonic()
        results = client.call_many([("get_customer", {"customer_id": str(n)}) for n in range(20)], concurrency=20)
        assert time.monotonic() - started < LATEST
    assert all(isinstance(result, RequestTimeoutError) for result in results)
