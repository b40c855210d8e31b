"""A local Gameball for tests and development: no account, no network but the loopback."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Any

from . import _native
from .client import Client

if TYPE_CHECKING:
    from types import TracebackType

    from .async_client import AsyncClient

API_KEY = "gb_test_api_key"
SECRET_KEY = "gb_test_secret_key_0123456789abc"  # noqa: S105 (nobody's)


class Emulator:
    """Gameball's documented behaviour on a free loopback port, as a context manager.

    It runs on a thread of its own until :meth:`stop`. Names are in ``snake_case`` here and become the emulator's own.

    Args:
        api_key: the account's public key.
        secret_key: the account's private key; the default fits session tokens.
        clock: ``"system"``, or a time at which the clock stands still until it is moved.
        switches: the reading chosen where the vendor's documents differ, such as ``{"invalid_code": "error7006"}``.
        options: any other option: ``port``, ``high_security``, ``min_version``, ``limits``, ``limit_windows_divisor``,
            ``link_window_seconds``, ``processing_ms``, ``guest_referrals``, ``disabled``, ``plan_lacks_referrals``,
            ``webhook_url``.

    Raises:
        ConfigurationError: an option cannot work, or the port is taken.

    """

    def __init__(
        self,
        *,
        api_key: str = API_KEY,
        secret_key: str = SECRET_KEY,
        clock: datetime | str = "system",
        switches: Mapping[str, Any] | None = None,
        **options: Any,
    ) -> None:
        given = {
            "api_key": api_key,
            "secret_key": secret_key,
            "clock": _instant(clock),
            "switches": _camel(switches or {}),
            **options,
        }
        self._native = _native.Emulator(json.dumps(_camel(given)))
        self.api_key = api_key
        self.secret_key = secret_key

    @property
    def url(self) -> str:
        """Where it listens; the ``base_url`` of a client."""
        return self._native.url

    def client(self, **options: Any) -> Client:
        """Build a client of this emulator, which it keeps running; the options are :class:`Client`'s."""
        client = Client(self.api_key, self.secret_key, base_url=self.url, **options)
        client._emulator = self
        return client

    def async_client(self, **options: Any) -> AsyncClient:
        """Build an asynchronous client, as :meth:`client` does; the options are :class:`AsyncClient`'s."""
        from .async_client import AsyncClient

        client = AsyncClient(self.api_key, self.secret_key, base_url=self.url, **options)
        client._emulator = self
        return client

    def control(self, do: str, **arguments: Any) -> Any:
        """Carry out any control command and return what it says, as plain data in the emulator's own names.

        Raises:
            ConfigurationError: there is no such command, or it cannot be carried out; nothing has changed then.
            ClosedError: this is a forked child, and the emulator its parent's.

        """
        return json.loads(self._native.control(json.dumps({"do": do, **_camel(arguments)})))

    def state(self) -> dict[str, Any]:
        """Return all that the emulator knows: customers, orders, referrals, ignored codes, requests, counters."""
        state: dict[str, Any] = self.control("state")
        return state

    def requests(self, operation: str | None = None) -> list[dict[str, Any]]:
        """Return the requests it has seen, keys redacted; of one ``operationId`` if one is given."""
        requests: list[dict[str, Any]] = self.control("requests", operation=operation)["requests"]
        return requests

    def add_customer(self, customer_id: str, **profile: Any) -> dict[str, Any]:
        """Seed a customer; with ``referral_code``, ``referred_by``, ``registered_at``, ``email``, ``guest``."""
        customer: dict[str, Any] = self.control("addCustomer", customer_id=customer_id, **profile)
        return customer

    def inject(self, fault: str, *, times: int | None = 1, **details: Any) -> None:
        """Make the next calls fail: ``status``, ``latency``, ``blackHole``, ``resetBefore``, ``html`` and others.

        Args:
            fault: what happens.
            times: how often; None for as long as it is not cleared.
            details: ``operation`` or ``customer_id`` to be struck, ``status``, ``code``, ``ms``, ``retry_after`` and
                ``after_apply`` (the call is carried out, and only its answer goes wrong).

        """
        self.control("inject", fault=fault, times=times, **details)

    def clear_faults(self) -> None:
        """Take back all faults that have not struck yet."""
        self.control("clearFaults")

    def advance(self, seconds: float) -> None:
        """Move the clock forward."""
        self.control("advance", seconds=seconds)

    def configure(self, **options: Any) -> None:
        """Change options and switches while it runs."""
        changed = _camel(options)
        self.control("configure", **changed)
        self.api_key = changed.get("apiKey", self.api_key)
        self.secret_key = changed.get("secretKey", self.secret_key)

    def reset(self) -> None:
        """Forget customers, orders, referrals, requests and faults."""
        self.control("reset")

    def stop(self) -> None:
        """Stop it and wait for its thread. Stopping again does nothing."""
        self._native.stop()

    def __enter__(self) -> Emulator:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.stop()

    def __repr__(self) -> str:
        return f"Emulator({self.url!r})" if hasattr(self, "_native") else "<Emulator that did not start>"


def _instant(clock: datetime | str) -> str:
    return clock.isoformat() if isinstance(clock, datetime) else clock


def _camel(names: Mapping[str, Any]) -> dict[str, Any]:
    return {_camel_name(name): value for name, value in names.items()}


def _camel_name(name: str) -> str:
    first, *others = name.split("_")
    return first + "".join(other.capitalize() for other in others)
