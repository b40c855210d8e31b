"""The shop's visitors, seeded: what a shop process does until it is killed or has served them all."""

from __future__ import annotations

import random
import threading
from collections.abc import Sequence
from http.cookies import SimpleCookie
from io import BytesIO
from typing import Any
from urllib.parse import urlencode

from django.core.handlers.wsgi import WSGIHandler

SIGN_UPS = ("autocommit", "save", "get_or_create", "atomic", "savepoint", "rolled_back")
PAYMENTS = ("autocommit", "update_fields", "atomic", "function", "rolled_back")
UNKNOWN_CODE = "NOBODYS"


class Visitor:
    """A browser of the shop's WSGI application: it keeps cookies, and nothing else."""

    def __init__(self, application: WSGIHandler) -> None:
        self._application = application
        self._cookies: SimpleCookie = SimpleCookie()

    def get(self, path: str, query: str = "") -> str:
        return self._request("GET", path, query, b"")

    def post(self, path: str, **fields: Any) -> str:
        return self._request("POST", path, "", urlencode(fields).encode())

    def _request(self, method: str, path: str, query: str, body: bytes) -> str:
        answered: dict[str, Any] = {}

        def start(status: str, headers: Sequence[tuple[str, str]], *_: object) -> None:
            answered["status"] = int(status.split()[0])
            for name, value in headers:
                if name.lower() == "set-cookie":
                    self._cookies.load(value)

        environ = {
            "REQUEST_METHOD": method,
            "SERVER_NAME": "shop.example",
            "SERVER_PORT": "443",
            "HTTP_HOST": "shop.example",
            "REMOTE_ADDR": "192.0.2.1",
            "PATH_INFO": path,
            "QUERY_STRING": query,
            "CONTENT_TYPE": "application/x-www-form-urlencoded",
            "CONTENT_LENGTH": str(len(body)),
            "HTTP_COOKIE": "; ".join(f"{name}={morsel.value}" for name, morsel in self._cookies.items()),
            "wsgi.url_scheme": "https",
            "wsgi.input": BytesIO(body),
            "wsgi.errors": BytesIO(),
        }
        response = self._application(environ, start)
        text = b"".join(response).decode()
        # The server's part: it ends the request, and with it the database connection where that is not kept.
        response.close()
        if answered["status"] != 200:
            raise RuntimeError(f"{method} {path} answered {answered['status']}: {text[:500]}")
        return text


def serve(seed: str, count: int, codes: Sequence[str], pause: float, closing: threading.Event) -> None:
    """Let ``count`` visitors shop, one after the other.

    Args:
        seed: decides all they do; it is also part of the names they give.
        count: how many there are.
        codes: the referral codes that somebody has.
        pause: seconds between two of them, on average.
        closing: the shop closes once this one is served.

    """
    dice = random.Random(seed)
    application = WSGIHandler()
    for number in range(count):
        _visit(Visitor(application), dice, f"{seed}-{number}", codes)
        if closing.wait(dice.expovariate(1 / pause)):
            break


def _visit(visitor: Visitor, dice: random.Random, name: str, codes: Sequence[str]) -> None:
    code = dice.choice((*codes, *codes, UNKNOWN_CODE)) if dice.random() < 0.6 else ""
    visitor.get("/", urlencode({"ref": code}) if code else "")
    if dice.random() < 0.08:
        visitor.post("/guest/", number=f"g{name}", email=f"guest-{name}.{code}@shop.example", total=_total(dice))
        return
    # Their name tells what should come of it: the database then holds the expectation, committed with the customer.
    customer = visitor.post(f"/sign-up/{dice.choice(SIGN_UPS)}/", name=f"{name}.{code}")
    if not customer or dice.random() < 0.35:
        return
    for number in range(dice.choice((1, 1, 2))):
        order = f"{name}/{number}"
        if dice.random() < 0.3:
            visitor.post("/buy/", number=order, customer=customer, total=_total(dice))
        else:
            visitor.post("/order/", number=order, customer=customer, total=_total(dice))
            visitor.post(f"/pay/{dice.choice(PAYMENTS)}/", number=order)


def _total(dice: random.Random) -> str:
    return f"{dice.randrange(100, 99999) / 100:.2f}"
