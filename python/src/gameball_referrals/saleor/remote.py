"""Asking a Saleor instance: over urllib3, without redirects, proxies or retries, bounded in time and size."""

from __future__ import annotations

import json
import time
from collections.abc import Mapping
from typing import Any, Final

import urllib3
from urllib3.exceptions import HTTPError

from . import tenants

CONNECT: Final = 2.0
READ: Final = 3.0
DEADLINE: Final = 6.0
"""Seconds for a whole answer: one that drips is given up."""
LARGEST: Final = 256 * 1024
"""Bytes of an answer."""


class UnreachableError(Exception):
    """No usable answer came; the message says why, and nothing personal."""


def ask(api_url: str, url: str, *, query: str | None = None, token: str | None = None) -> Any:
    """Ask an instance for JSON: GET, or POST with a GraphQL query; 200 is the only answer that counts.

    Args:
        api_url: the instance's, which has to be allowed.
        url: its API, or its keys: on the same origin.
        query: GraphQL.
        token: the app's, sent as a bearer's.

    Raises:
        UnreachableError: there was no such answer.

    """
    if not tenants.is_allowed(api_url) or tenants.origin(url) != tenants.origin(api_url):
        raise UnreachableError("is not an allowed address")
    headers = {"Accept": "application/json", "Accept-Encoding": "identity", "User-Agent": "gameball-referrals"}
    body = None
    if query is not None:
        headers["Content-Type"] = "application/json"
        body = json.dumps({"query": query}).encode()
    if token is not None:
        headers["Authorization"] = f"Bearer {token}"
    try:
        status, content = _exchange("GET" if body is None else "POST", url, headers, body)
    except HTTPError as error:
        # Its class only: a message may hold more of the URL than belongs in a log.
        raise UnreachableError(f"does not answer ({type(error).__name__})") from None
    if status != 200:
        raise UnreachableError(f"answers with HTTP {status}")
    try:
        return json.loads(content)
    except (ValueError, RecursionError):
        raise UnreachableError("answers with something else than JSON") from None


def _exchange(method: str, url: str, headers: Mapping[str, str], body: bytes | None) -> tuple[int, bytes]:
    ends_at = time.monotonic() + DEADLINE
    # One for each question: they are rare, and no connection is left to a fork.
    with urllib3.PoolManager(num_pools=1, timeout=urllib3.Timeout(connect=CONNECT, read=READ)) as http:
        answer = http.request(
            method, url, headers=headers, body=body, redirect=False, retries=False, preload_content=False
        )
        try:
            content = bytearray()
            while chunk := answer.read(16 * 1024, decode_content=False):
                content += chunk
                if len(content) > LARGEST:
                    raise UnreachableError("answers with too much")
                if time.monotonic() > ends_at:
                    raise UnreachableError("takes too long to answer")
            return answer.status, bytes(content)
        finally:
            answer.close()
