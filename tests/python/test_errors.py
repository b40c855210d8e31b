"""Exceptions: their classes, what they tell, and that they travel."""

from __future__ import annotations

import asyncio
import copy
import pickle
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import gameball_referrals
import pytest
from gameball_referrals import (
    ApiError,
    AsyncClient,
    Client,
    ClosedError,
    ConfigurationError,
    ConnectionFailedError,
    DecodeError,
    GameballError,
    InternalError,
    InvalidArgumentError,
    RateLimitedError,
    RequestTimeoutError,
    ServerError,
    _native,
)
from gameball_referrals.exceptions import _CLASSES, from_record
from support import VECTORS, dead_port

if TYPE_CHECKING:
    from gameball_referrals.testing import Emulator

RECORD = {
    "kind": "referral",
    "message": "no",
    "field": "line_items[0].price",
    "status": 422,
    "gameball_code": 7006,
    "request_id": "req_1",
    "retry_after": 1.5,
    "attempts": 2,
    "retryable": False,
}


def test_the_classes_are_those_of_the_table() -> None:
    import json

    table = json.loads((VECTORS / "errors.json").read_text(encoding="utf-8"))["kinds"]
    assert {kind["kind"]: kind["pythonClass"] for kind in table} == {
        kind: error.__name__ for kind, error in _CLASSES.items()
    }
    for error in _CLASSES.values():
        assert error.__doc__
        assert getattr(gameball_referrals, error.__name__) is error


def test_builtin_bases() -> None:
    assert issubclass(InvalidArgumentError, ValueError)
    assert issubclass(RequestTimeoutError, TimeoutError)
    assert issubclass(ConnectionFailedError, ConnectionError)


@pytest.mark.parametrize("kind", sorted(_CLASSES))
def test_errors_travel(kind: str) -> None:
    error = from_record({**RECORD, "kind": kind})
    for traveller in (pickle.loads(pickle.dumps(error)), copy.copy(error), copy.deepcopy(error)):
        assert type(traveller) is type(error)
        assert vars(traveller) == vars(error)
        assert str(traveller) == str(error)
        assert repr(traveller) == repr(error)
    assert str(error) == "line_items[0].price: no (HTTP 422, Gameball code 7006) [request req_1]"
    assert {name: getattr(error, name) for name in RECORD if name != "message"} == {
        name: kind if name == "kind" else value for name, value in RECORD.items() if name != "message"
    }


def test_an_answer_that_is_refused(emulator: Emulator, client: Client) -> None:
    emulator.inject("status", status=429, retry_after=7)
    with emulator.client(timeout=2) as hasty, pytest.raises(RateLimitedError) as raised:
        hasty.get_customer("u1")
    assert (raised.value.retry_after, raised.value.status, raised.value.retryable) == (7, 429, True)
    assert raised.value.request_id
    assert raised.value.request_id in str(raised.value)


@pytest.mark.parametrize("fault", ["html", "empty", "truncated", "garbage", "endlessBody"])
def test_an_answer_that_is_none(emulator: Emulator, fault: str) -> None:
    emulator.inject(fault, times=None)
    with emulator.client(max_retries=0) as client, pytest.raises((DecodeError, ServerError)) as raised:
        client.get_customer("u1")
    assert raised.value.status is not None


def test_a_redirect_is_not_followed(emulator: Emulator, client: Client) -> None:
    emulator.inject("redirect", times=None, location=emulator.url + "/api/v4.0/integrations/customers/u1")
    with pytest.raises(ApiError, match="redirect"):
        client.get_customer("u1")
    assert len(emulator.requests()) == 1


@pytest.mark.parametrize("fault", ["resetBefore", "resetAfter"])
def test_a_lost_connection(emulator: Emulator, fault: str) -> None:
    emulator.inject(fault, times=None)
    with emulator.client(max_retries=1) as client, pytest.raises(ConnectionFailedError) as raised:
        client.get_customer("u1")
    assert (raised.value.attempts, raised.value.retryable) == (2, True)


def test_nobody_there() -> None:
    client = Client("key", base_url=f"http://127.0.0.1:{dead_port()}", max_retries=0)
    with pytest.raises(ConnectionFailedError, match="could not connect"):
        client.get_customer("u1")


def test_reads_are_repeated_and_orders_are_not(emulator: Emulator, client: Client) -> None:
    emulator.add_customer("u1")
    emulator.inject("resetAfter", operation="getCustomer", times=2)
    assert client.get_customer("u1").customer_id == "u1"
    assert len(emulator.requests("getCustomer")) == 3
    emulator.inject("resetAfter", operation="trackOrder")
    with pytest.raises(ConnectionFailedError):
        client.track_order("o1", customer_id="u1", order_date="2026-01-01T00:00:00Z", total_paid=1)
    assert len(emulator.requests("trackOrder")) == 1


@pytest.mark.parametrize(
    ("options", "named"),
    [
        ({"api_key": ""}, "api_key"),
        ({"api_key": None}, "api_key"),
        ({"api_key": 7}, "api_key"),
        ({"secret_key": "with space"}, "secret_key"),
        ({"secret_key": ""}, "secret_key"),
        ({"base_url": "http://api.gameball.co"}, "base_url"),
        ({"base_url": "nonsense"}, "base_url"),
        ({"base_url": None, "api_version": "v9"}, "api_version"),
        ({"api_version": "v4.1"}, "secret_key"),
        ({"high_security": True}, "secret_key"),
        ({"high_security": "yes"}, "high_security"),
        ({"timeout": 0}, "timeout"),
        ({"timeout": -1}, "timeout"),
        ({"timeout": float("nan")}, "timeout"),
        ({"timeout": float("inf")}, "timeout"),
        ({"timeout": "soon"}, "timeout"),
        ({"timeout": True}, "timeout"),
        ({"timeout": Decimal("NaN")}, "timeout"),
        ({"timeout": object()}, "timeout"),
        ({"max_retries": -1}, "max_retries"),
        ({"max_retries": 11}, "max_retries"),
        ({"max_retries": 1.5}, "max_retries"),
    ],
)
@pytest.mark.parametrize("client", [Client, AsyncClient])
def test_options_that_cannot_work(client: Any, options: dict[str, Any], named: str) -> None:
    with pytest.raises(ConfigurationError, match=f"^{named}: ") as raised:
        client(**{"api_key": "key", **options})
    assert raised.value.field == named


@pytest.mark.parametrize("timeout", [5, 5.0, Decimal("5.0"), 0.001, 600])
def test_a_timeout_may_be_any_number(timeout: Any) -> None:
    with Client("key", timeout=timeout):
        pass


def test_a_call_that_needs_the_secret_key(emulator: Emulator) -> None:
    with Client(emulator.api_key, base_url=emulator.url) as client:
        client.create_customer("u1")
        with pytest.raises(ConfigurationError, match="secret key"):
            client.get_customer_referrals_count("u1")
    assert len(emulator.requests()) == 1


def test_a_closed_client(emulator: Emulator) -> None:
    client = emulator.client()
    client.create_customer("u1")
    client.close()
    client.close()
    with pytest.raises(ClosedError):
        client.get_customer("u1")
    with pytest.raises(ClosedError):
        client.call_many([("get_customer", {"customer_id": "u1"})], concurrency=2)

    async def call_closed() -> None:
        async_client = emulator.async_client()
        await async_client.get_customer("u1")
        await async_client.close()
        with pytest.raises(ClosedError):
            await async_client.get_customer("u1")

    asyncio.run(call_closed())


@pytest.mark.parametrize("copier", [copy.copy, copy.deepcopy, pickle.dumps])
@pytest.mark.parametrize("kind", [Client, AsyncClient])
def test_clients_stay_where_they_are(kind: Any, copier: Any) -> None:
    with pytest.raises(TypeError, match="neither copied nor pickled"):
        copier(kind("key"))


def test_a_batch_of_anything_but_calls_is_refused(client: Client) -> None:
    with pytest.raises(InvalidArgumentError) as raised:
        client.call_many([("get_customer", {"customer_id": "u1"}), ("close", {})], concurrency=1)
    assert raised.value.field == "calls[1]"
    assert client.call_many([], concurrency=1) == []


@pytest.mark.skipif(
    not hasattr(_native, "_panic_for_tests"), reason="only built with the Cargo feature panic-for-tests"
)
def test_a_panic_is_an_internal_error(capfd: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(InternalError, match=r"errors\.rs:\d+") as raised:
        _native._panic_for_tests()  # type: ignore[attr-defined]
    assert isinstance(raised.value, GameballError)
    assert "on purpose" not in str(raised.value) + "".join(capfd.readouterr())
