"""PostgreSQL tells the worker of new deliveries: LISTEN here, NOTIFY by a trigger (migration 0002)."""

from __future__ import annotations

import logging
import select
import threading
from collections.abc import Callable
from typing import Any

from django.db import connections

logger = logging.getLogger(__name__)

CHANNEL = "gameball_deliveries"
RECONNECT_AFTER = 5.0
"""Seconds until another try, after a connection was lost. Polling goes on meanwhile."""


def notify(using: str) -> None:
    """Tell workers of a change that no insert tells of, when the transaction commits. Other databases' workers poll."""
    connection = connections[using]
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_notify(%s, '')", [CHANNEL])


class Listener(threading.Thread):
    """Calls ``wake`` for every commit that leaves deliveries, in any process. On PostgreSQL only.

    It keeps a connection of its own. Behind a pool that hands connections from one transaction to the next (PgBouncer)
    nothing is ever heard, and the worker polls.

    """

    def __init__(self, using: str, wake: Callable[[], None]) -> None:
        super().__init__(name="gameball-listener", daemon=True)
        self._using = using
        self._wake = wake
        self._ending = threading.Event()

    def end(self) -> None:
        """End within a second or so."""
        self._ending.set()

    def run(self) -> None:
        """Listen, and listen again after a connection was lost."""
        while not self._ending.is_set():
            try:
                self._listen()
            except Exception as error:  # noqa: BLE001 (whatever a driver raises; polling does the work)
                if not self._ending.is_set():
                    logger.warning("Not told of new deliveries, so polling: %s", type(error).__name__)
            self._ending.wait(RECONNECT_AFTER)

    def _listen(self) -> None:
        wrapper = connections.create_connection(self._using)
        # One of its own, that goes back to no pool.
        wrapper.settings_dict = {
            **wrapper.settings_dict,
            "OPTIONS": {name: value for name, value in wrapper.settings_dict["OPTIONS"].items() if name != "pool"},
        }
        try:
            wrapper.connect()
            wrapper.set_autocommit(True)
            with wrapper.cursor() as cursor:
                cursor.execute(f"LISTEN {CHANNEL}")
            # Whatever came while nobody listened.
            self._wake()
            while not self._ending.is_set():
                if _told(wrapper.connection, 1.0):
                    self._wake()
        finally:
            wrapper.close()


def _told(connection: Any, timeout: float) -> bool:
    """Wait for a notification on a connection of psycopg 3 or psycopg2."""
    if not _readable(connection.fileno(), timeout):
        return False
    if hasattr(connection, "pgconn"):
        connection.pgconn.consume_input()
        told = False
        while connection.pgconn.notifies() is not None:
            told = True
        return told
    connection.poll()
    told = bool(connection.notifies)
    connection.notifies.clear()
    return told


def _readable(descriptor: int, timeout: float) -> bool:
    if hasattr(select, "poll"):
        poll = select.poll()
        poll.register(descriptor, select.POLLIN)
        return bool(poll.poll(timeout * 1000))
    return bool(select.select([descriptor], [], [], timeout)[0])
