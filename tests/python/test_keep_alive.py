"""Connections that the server has closed meanwhile are noticed before they are used."""

from __future__ import annotations

import asyncio
import threading
from typing import TYPE_CHECKING

from gameball_referrals import AsyncClient, Client
from support import ANSWER, RawServer, read_request

if TYPE_CHECKING:
    import socket

REPETITIONS = 100
ORDER = {"customer_id": "u1", "order_date": "2026-01-01T00:00:00Z", "total_paid": 1}


class ClosesIdleConnections(RawServer):
    """Answers one request a connection, promises to keep it, and closes it."""

    def __init__(self) -> None:
        self.closed = threading.Semaphore(0)
        super().__init__(self._answer_once)

    def _answer_once(self, connection: socket.socket) -> None:
        assert read_request(connection).startswith(b"POST")
        connection.sendall(ANSWER)
        connection.close()
        self.closed.release()


def test_orders_do_not_run_into_closed_connections() -> None:
    # An order of unknown fate is not sent again, so every one of these would be an error.
    with ClosesIdleConnections() as server:
        client = Client("key", "secret", base_url=server.url)
        for number in range(REPETITIONS):
            client.track_order(f"o{number}", **ORDER)  # type: ignore[arg-type]
            assert server.closed.acquire(timeout=10)


def test_nor_those_of_an_event_loop() -> None:
    async def orders(server: ClosesIdleConnections) -> None:
        client = AsyncClient("key", "secret", base_url=server.url)
        for number in range(REPETITIONS):
            await client.track_order(f"o{number}", **ORDER)  # type: ignore[arg-type]
            assert server.closed.acquire(timeout=10)

    with ClosesIdleConnections() as server:
        asyncio.run(orders(server))


def test_connections_are_kept() -> None:
    connections = []

    def answer(connection: socket.socket) -> None:
        connections.append(connection)
        while read_request(connection):
            connection.sendall(ANSWER)

    with RawServer(answer) as server:
        client = Client("key", "secret", base_url=server.url)
        for number in range(20):
            client.track_order(f"o{number}", **ORDER)  # type: ignore[arg-type]
    assert len(connections) == 1
