"""How the core reaches an app: over HTTP, without following redirects; tests may put something else in its place."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol

import urllib3

CONNECT, READ = 2.0, 18.0
"""Seconds (F12)."""


class NetworkError(Exception):
    """No answer came."""


@dataclass(frozen=True)
class Answer:
    status: int
    body: bytes


class Transport(Protocol):
    def send(self, method: str, url: str, headers: Mapping[str, str], body: bytes | None = None) -> Answer:
        """Return what the app answers, or raise :class:`NetworkError`."""


class HttpTransport:
    """Real HTTP."""

    def __init__(self) -> None:
        self._http = urllib3.PoolManager(timeout=urllib3.Timeout(connect=CONNECT, read=READ))

    def send(self, method: str, url: str, headers: Mapping[str, str], body: bytes | None = None) -> Answer:
        try:
            answer = self._http.request(method, url, headers=dict(headers), body=body, redirect=False, retries=False)
        except urllib3.exceptions.HTTPError as error:
            raise NetworkError(type(error).__name__) from error
        return Answer(answer.status, answer.data)
