"""The ASGI application: Django's, with health, limits, headers and the access log around it."""

from __future__ import annotations

import asyncio
import json
import logging
import os
import time
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any, Final

Scope = MutableMapping[str, Any]
Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
App = Callable[[Scope, Receive, Send], Awaitable[None]]

access = logging.getLogger("gameball_referrals.access")

LONGEST_BODY: Final = 5 * 1024 * 1024
"""Bytes; the views have limits of their own, below this."""
READY_WITHIN: Final = 3.0
"""Seconds that the database may take to answer."""
HEADERS: Final = {
    b"x-content-type-options": b"nosniff",
    b"referrer-policy": b"no-referrer",
    b"content-security-policy": b"default-src 'none'; frame-ancestors 'none'",
    b"permissions-policy": b"camera=(), geolocation=(), microphone=(), payment=()",
    b"cross-origin-resource-policy": b"same-origin",
}
"""What an answer has that doesn't say otherwise itself, as the page in the Dashboard does."""
LOGO: Final = "/saleor/assets/"


class Server:
    """What surrounds the application.

    Args:
        app: Django's.
        is_ready: tells whether the database answers; it may block, or raise.
        clock: seconds, for durations.

    """

    def __init__(self, app: App, *, is_ready: Callable[[], bool], clock: Callable[[], float] = time.monotonic) -> None:
        self._app = app
        self._is_ready = is_ready
        self._clock = clock
        self.stopping = False
        """Whether readiness is denied, so that a load balancer sends nothing more."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request, or the server's life."""
        if scope["type"] == "lifespan":
            await self._live(receive, send)
        elif scope["type"] == "http":
            await self._serve(scope, receive, send)

    async def _live(self, receive: Receive, send: Send) -> None:
        from gameball_referrals.django import thread

        while True:
            message = await receive()
            if message["type"] == "lifespan.startup":
                # What an earlier process has left.
                await asyncio.to_thread(thread.wake)
                await send({"type": "lifespan.startup.complete"})
            else:
                self.stopping = True
                await asyncio.to_thread(thread.stop)
                await send({"type": "lifespan.shutdown.complete"})
                return

    async def _serve(self, scope: Scope, receive: Receive, send: Send) -> None:
        began = self._clock()
        status = 0

        async def answer(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                headers = list(message.get("headers", ()))
                present = {name.lower() for name, _ in headers}
                message["headers"] = [*headers, *((k, v) for k, v in HEADERS.items() if k not in present)]
                if scope["path"].startswith(LOGO):
                    # Saleor's Dashboard shows the logo on another origin.
                    message["headers"] = [
                        (k, b"cross-origin" if k == b"cross-origin-resource-policy" else v)
                        for k, v in message["headers"]
                    ]
            await send(message)

        try:
            if scope["path"] in ("/health", "/ready"):
                await self._tell_health(scope, answer)
            else:
                await self._limited(scope, receive, answer)
        finally:
            if scope["path"] not in ("/health", "/ready") or status >= 400:
                # No query, no header, no address: some carry what nobody but the two parties may know.
                took = (self._clock() - began) * 1000
                access.info("%s %s %s %.0f ms", scope["method"], _printable(scope["path"]), status or "-", took)

    async def _tell_health(self, scope: Scope, send: Send) -> None:
        if scope["method"] not in ("GET", "HEAD"):
            await _answer(send, 405, "method_not_allowed")
        elif scope["path"] == "/health":
            await _answer(send, 200, "ok")
        elif self.stopping:
            await _answer(send, 503, "stopping")
        else:
            try:
                ready = await asyncio.wait_for(asyncio.to_thread(self._is_ready), READY_WITHIN)
            except Exception as error:  # noqa: BLE001 (whatever a driver raises: it is not ready)
                logging.getLogger(__name__).warning("The database does not answer: %s", type(error).__name__)
                ready = False
            await _answer(send, 200 if ready else 503, "ready" if ready else "database_unavailable")

    async def _limited(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Hand a request on, but no more of its body than anybody needs."""
        length = dict(scope["headers"]).get(b"content-length", b"0")
        if not length.isdigit() or int(length) > LONGEST_BODY:
            await _answer(send, 413, "too_large")
            return
        received = 0
        too_large = started = False

        async def bounded() -> Message:
            nonlocal received, too_large
            message = await receive()
            received += len(message.get("body", b""))
            if received > LONGEST_BODY:
                too_large = True
                return {"type": "http.disconnect"}
            return message

        async def noted(message: Message) -> None:
            nonlocal started
            started = True
            await send(message)

        await self._app(scope, bounded, noted)
        if too_large and not started:
            await _answer(send, 413, "too_large")


async def _answer(send: Send, status: int, told: str) -> None:
    body = json.dumps({"status": told}).encode()
    headers = [(b"content-type", b"application/json"), (b"content-length", str(len(body)).encode())]
    headers.append((b"cache-control", b"no-store"))
    if status == 413:
        headers.append((b"connection", b"close"))
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})


def _printable(path: str) -> str:
    # One line, whatever somebody asks for.
    return "".join(c if c.isprintable() else "?" for c in path[:200])


def database_answers() -> bool:
    """Tell whether the database does what it is asked, on a connection of its own."""
    from django.db import connections

    connection = connections.create_connection("default")
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1 FROM gameball_account")
        return True
    finally:
        connection.close()


def build() -> Server:
    """Return the application, with Django set up."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "gameball_referrals.saleor_app.settings")
    from django.core.asgi import get_asgi_application

    django: Any = get_asgi_application()
    return Server(django, is_ready=database_answers)


def __getattr__(name: str) -> Any:
    # Nothing is set up by an import alone.
    if name == "application":
        return build()
    raise AttributeError(name)
