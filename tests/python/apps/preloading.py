"""A WSGI app that uses its client while it is imported, before gunicorn forks."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any, Callable

from gameball_referrals import Client

if TYPE_CHECKING:
    from collections.abc import Iterable

client = Client(os.environ["API_KEY"], os.environ["SECRET_KEY"], base_url=os.environ["URL"])
client.get_customer("u1")
WARMED_BY = os.getpid()


def application(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
    customer = client.get_customer("u1")
    start_response("200 OK", [("Content-Type", "text/plain")])
    return [f"{customer.customer_id} {os.getpid()} {WARMED_BY}".encode()]
