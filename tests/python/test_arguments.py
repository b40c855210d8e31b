"""What may go in, what is refused, and that nothing is sent then."""

from __future__ import annotations

import enum
import itertools
import json
import re
from collections import OrderedDict, deque
from contextlib import suppress
from dataclasses import dataclass
from datetime import date, datetime, timedelta, timezone
from decimal import Decimal
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

import pytest
from gameball_referrals import (
    ApiError,
    ClaimSigner,
    Client,
    CustomerAttributes,
    InvalidArgumentError,
    LineItem,
    Vault,
    extract_referrer_code,
    read_session_token,
    session_token,
    sign_webhook,
    verify_webhook,
)
from gameball_referrals.models import CustomerAttributesDict, LineItemDict
from gameball_referrals.testing import Emulator
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

if TYPE_CHECKING:
    from collections.abc import Iterator

NOW = datetime(2026, 1, 1, 12, 30, tzinfo=timezone(timedelta(hours=2)))


def order(client: Client, **changed: Any) -> None:
    given = {"order_id": "o1", "customer_id": "u1", "order_date": NOW, "total_paid": 1, **changed}
    client.track_order(given.pop("order_id"), **given)


def sent_extra(emulator: Emulator, client: Client, extra: dict[str, Any]) -> str:
    """Return what of `extra` leaves, whatever Gameball thinks of it."""
    emulator.reset()
    with suppress(ApiError):
        order(client, extra=extra)
    body: str = emulator.requests()[-1]["body"]
    return body.partition('"extra":')[2][:-1]


@pytest.mark.parametrize("amount", [Decimal("100.10"), "100.10"])
def test_amounts_leave_as_they_came(emulator: Emulator, client: Client, amount: Decimal | str) -> None:
    order(client, total_paid=amount, line_items=[{"price": amount}, LineItem(price=amount)])
    body = emulator.requests()[0]["body"]
    assert '"totalPaid":100.10,' in body
    assert '"lineItems":[{"price":100.10},{"price":100.10}]' in body


def test_times_leave_in_utc(emulator: Emulator, client: Client) -> None:
    order(client, order_date=NOW)
    order(client, order_id="o2", order_date="2026-01-01T12:30:00+02:00")
    for request in emulator.requests():
        assert '"orderDate":"2026-01-01T10:30:00Z"' in request["body"]


class Colour(enum.Enum):
    RED = "red"
    NUMBER = 1


class Number(enum.IntEnum):
    ONE = 1


class Level(str, enum.Enum):
    GOLD = "gold"


class Text(str):
    __slots__ = ()


@dataclass
class Note:
    text: str
    empty: None = None


def test_plain_data_of_all_sorts(emulator: Emulator, client: Client) -> None:
    extra = {
        "none": None,
        "truth": [True, False],
        "integers": (0, -1, 2**64, Number.ONE),
        "floats": [0.5, 1e300],
        "decimals": [Decimal("1.10"), Decimal("1E+2"), Decimal("-0")],
        "texts": ["é😀", Text("sub"), Level.GOLD, Colour.RED],
        "times": [NOW, date(2026, 1, 2), datetime(2026, 1, 1)],
        "mappings": [OrderedDict(a=1), MappingProxyType({"b": 2}), Note("n")],
        "sequences": [deque([1]), range(2)],
    }
    sent = sent_extra(emulator, client, extra)
    assert json.loads(sent) == {
        "none": None,
        "truth": [True, False],
        "integers": [0, -1, 2**64, 1],
        "floats": [0.5, 1e300],
        "decimals": [1.10, 100, 0],
        "texts": ["é😀", "sub", "gold", "red"],
        "times": ["2026-01-01T12:30:00+02:00", "2026-01-02", "2026-01-01T00:00:00"],
        "mappings": [{"a": 1}, {"b": 2}, {"text": "n"}],
        "sequences": [[1], [0, 1]],
    }
    assert '"decimals":[1.10,1E+2,-0]' in sent


def cyclic() -> dict[str, Any]:
    data: dict[str, Any] = {}
    data["again"] = data
    return data


NOT_DATA = object()
LONG = "x" * 10_000

REFUSED = [
    ("total_paid", {"total_paid": Decimal("NaN")}),
    ("total_paid", {"total_paid": Decimal("sNaN")}),
    ("total_paid", {"total_paid": Decimal("Infinity")}),
    ("total_paid", {"total_paid": float("nan")}),
    ("total_paid", {"total_paid": float("inf")}),
    ("total_paid", {"total_paid": 1.5}),
    ("total_paid", {"total_paid": -1}),
    ("total_paid", {"total_paid": Decimal("-0.01")}),
    ("total_paid", {"total_paid": True}),
    ("total_paid", {"total_paid": None}),
    ("total_paid", {"total_paid": 10**40}),
    ("total_paid", {"total_paid": 1 << 40_000}),
    ("total_paid", {"total_paid": b"1"}),
    ("order_date", {"order_date": datetime(2026, 1, 1)}),
    ("order_date", {"order_date": date(2026, 1, 1)}),
    ("order_date", {"order_date": "yesterday"}),
    ("order_date", {"order_date": 1767225600}),
    ("customer_id", {"customer_id": ""}),
    ("customer_id", {"customer_id": "  "}),
    ("customer_id", {"customer_id": "."}),
    ("customer_id", {"customer_id": ".."}),
    ("customer_id", {"customer_id": "a\nb"}),
    ("customer_id", {"customer_id": "a\x7f"}),
    ("customer_id", {"customer_id": LONG}),
    ("customer_id", {"customer_id": 7}),
    ("customer_id", {"customer_id": None}),
    ("order_id", {"order_id": ""}),
    ("order_id", {"order_id": "a\x00"}),
    ("order_id", {"order_id": "\ud800"}),
    ("referrer_code", {"referrer_code": "a b"}),
    ("referrer_code", {"referrer_code": LONG}),
    ("referrer_code", {"referrer_code": ""}),
    ("channel", {"channel": "carrier pigeon"}),
    ("guest", {"guest": "yes"}),
    ("line_items", {"line_items": {"price": 1}}),
    ("line_items[1].price", {"line_items": [{}, {"price": 1.5}]}),
    ("line_items[0].price", {"line_items": [LineItem(price=1.5)]}),  # type: ignore[arg-type]
    ("line_items[0].nope", {"line_items": [{"nope": 1}]}),
    ("line_items[0].tags[1]", {"line_items": [{"tags": ["a", 1]}]}),
    ("extra.deep[1]", {"extra": {"deep": [0, NOT_DATA]}}),
    ("extra.number", {"extra": {"number": float("nan")}}),
    ("extra.number", {"extra": {"number": Decimal("-Infinity")}}),
    ("extra.text", {"extra": {"text": "\udfff"}}),
    ("extra", {"extra": {1: "one"}}),
    ("extra.kind", {"extra": {"kind": Colour.NUMBER}}),
    ("extra.bytes", {"extra": {"bytes": bytearray(b"x")}}),
    ("extra.set", {"extra": {"set": {1}}}),
    ("extra" + ".again" * 31, {"extra": cyclic()}),
]


@pytest.mark.parametrize(("field", "changed"), REFUSED, ids=itertools.count())
def test_refusals_name_the_field_and_send_nothing(
    emulator: Emulator, client: Client, field: str, changed: dict[str, Any]
) -> None:
    with pytest.raises(InvalidArgumentError) as raised:
        order(client, **changed)
    assert raised.value.field == field
    assert isinstance(raised.value, ValueError)
    assert raised.value.attempts == 0
    assert len(str(raised.value)) < 300 + len(field)
    assert emulator.requests() == []


@pytest.mark.parametrize(
    ("field", "attributes"),
    [
        ("attributes.email", {"email": "nobody"}),
        ("attributes.date_of_birth", {"date_of_birth": "yesterday"}),
        ("attributes.join_date", {"join_date": datetime(2026, 1, 1)}),
        ("attributes.total_spent", CustomerAttributes(total_spent=0.1)),  # type: ignore[arg-type]
        ("attributes.displayName", {"displayName": "Bob"}),
        ("attributes", "Bob"),
    ],
)
def test_attributes_are_refused_alike(emulator: Emulator, client: Client, field: str, attributes: Any) -> None:
    with pytest.raises(InvalidArgumentError) as raised:
        client.create_customer("u1", attributes=attributes)
    assert raised.value.field == field
    assert emulator.requests() == []


def test_the_refused_value_is_not_shown(client: Client) -> None:
    class Secretive:
        def __repr__(self) -> str:
            return "a secret"

    with pytest.raises(InvalidArgumentError, match="Secretive") as raised:
        order(client, extra={"x": Secretive()})
    assert "a secret" not in str(raised.value)


def test_a_mapping_that_raises_is_heard(client: Client) -> None:
    class Broken(OrderedDict):  # type: ignore[type-arg]
        def items(self) -> Any:
            raise LookupError("broken")

    with pytest.raises(LookupError):
        order(client, extra=Broken())


def test_a_mapping_may_have_odd_items(client: Client) -> None:
    class Odd(OrderedDict):  # type: ignore[type-arg]
        def items(self) -> Any:
            return [("a", 1, 2)]

    with pytest.raises(ValueError, match="tuple of length"):
        order(client, extra=Odd())


def test_a_dict_that_changes_while_it_is_read_leaves_as_it_was(emulator: Emulator, client: Client) -> None:
    extra: dict[str, Any] = {}

    class Meddling(OrderedDict):  # type: ignore[type-arg]
        def items(self) -> Any:
            extra["b"] = extra.pop("c")
            extra["d"] = 4
            return [("x", 1)]

    extra.update(a=Meddling(), b=2, c=3)
    assert json.loads(sent_extra(emulator, client, extra)) == {"a": {"x": 1}, "b": 2, "c": 3}


def test_a_decimal_leaves_by_its_digits_however_it_shows_itself(emulator: Emulator, client: Client) -> None:
    class Price(Decimal):
        def __str__(self) -> str:
            return f"{Decimal(self):.2f} EUR"

    order(client, total_paid=Price("12.500"), extra={"price": Price("1.5")})
    assert '"totalPaid":12.500,' in emulator.requests()[0]["body"]
    assert '"extra":{"price":1.5}' in emulator.requests()[0]["body"]


@pytest.mark.parametrize("customer_id", ["a/b", "a b", "ü", "a?b=c", "a%2Fb", "...", "a&b"])
def test_ids_are_one_segment(emulator: Emulator, client: Client, customer_id: str) -> None:
    emulator.add_customer(customer_id)
    assert client.get_customer(customer_id).customer_id == customer_id


def camel(name: str) -> str:
    return re.sub(r"_([a-z])", lambda match: match.group(1).upper(), name)


VALUES: dict[str, Any] = {
    "email": "bob@example.com",
    "date_of_birth": date(1990, 1, 1),
    "join_date": NOW,
    "last_order_date": "2026-01-01",
    "channel": "web",
    "total_orders": 3,
    **dict.fromkeys(("total_spent", "avg_order_amount", "quantity", "price", "weight", "taxes", "discount"), 1),
    **{name: ["x"] for name in ("category", "collection", "tags", "payment_methods", "utms", "devices")},
    **{name: {"x": 1} for name in ("custom", "extra")},
}


@pytest.mark.parametrize(("typed", "plain"), [(LineItem, LineItemDict), (CustomerAttributes, CustomerAttributesDict)])
def test_typed_inputs_have_the_fields_that_the_core_knows(
    emulator: Emulator, client: Client, typed: Any, plain: Any
) -> None:
    names = list(typed.__dataclass_fields__)
    assert names == list(plain.__annotations__)
    filled = typed(**{name: VALUES.get(name, "x") for name in names})
    with suppress(ApiError):
        if typed is LineItem:
            order(client, line_items=[filled])
        else:
            client.create_customer("u1", attributes=filled)
    body = json.loads(emulator.requests()[0]["body"])
    sent = body["lineItems"][0] if typed is LineItem else body["customerAttributes"]
    assert list(sent) == [camel(name) for name in names]


KEY = "a key of 32 bytes, and no other."
SIGNER = ClaimSigner(KEY)


@pytest.mark.parametrize(
    ("field", "call"),
    [
        ("at", lambda: SIGNER.issue("A", at=2**70)),
        ("at", lambda: SIGNER.issue("A", at=-(2**70))),
        ("at", lambda: SIGNER.issue("A", at=2**63)),
        ("now", lambda: SIGNER.read("x", now=2**70)),
        ("now", lambda: read_session_token(KEY, "x", now=2**70)),
        ("expires_at", lambda: session_token(KEY, "c", 2**70)),
        ("max_age", lambda: ClaimSigner(KEY, max_age=30)),  # type: ignore[arg-type]
        ("max_age", lambda: ClaimSigner(KEY, max_age=timedelta(0))),
        ("max_age", lambda: ClaimSigner(KEY, max_age=timedelta(days=-1))),
        ("key", lambda: ClaimSigner(7)),  # type: ignore[arg-type]
        ("fallback_keys", lambda: ClaimSigner(KEY, fallback_keys=7)),  # type: ignore[arg-type]
        ("fallback_keys[1]", lambda: ClaimSigner(KEY, fallback_keys=[KEY, None])),  # type: ignore[list-item]
        ("secret", lambda: Vault(None)),  # type: ignore[arg-type]
        ("fallback_secrets[0]", lambda: Vault(KEY, fallback_secrets=(7,))),  # type: ignore[arg-type]
        ("raw_body", lambda: verify_webhook("x", "", KEY)),  # type: ignore[arg-type]
        ("raw_body", lambda: verify_webhook({}, "", KEY)),  # type: ignore[arg-type]
        ("raw_body", lambda: sign_webhook("x", KEY)),  # type: ignore[arg-type]
        ("params", lambda: extract_referrer_code("?ref=A", params="ref")),
        ("params", lambda: extract_referrer_code("?ref=A", params=None)),  # type: ignore[arg-type]
        ("params[1]", lambda: extract_referrer_code("?ref=A", params=["ref", 7])),  # type: ignore[list-item]
    ],
    ids=itertools.count(),
)
def test_functions_name_what_they_refuse(field: str, call: Any) -> None:
    with pytest.raises(InvalidArgumentError) as raised:
        call()
    assert raised.value.field == field
    assert KEY not in str(raised.value)


def test_a_body_must_be_bytes() -> None:
    with pytest.raises(InvalidArgumentError, match="must be bytes"):
        verify_webhook("x", "", KEY)  # type: ignore[arg-type]


@pytest.mark.parametrize("kind", [bytes, bytearray, memoryview, lambda data: memoryview(data + data)[: len(data)]])
def test_bytes_of_all_sorts(kind: Any) -> None:
    signature = sign_webhook(b"{}", KEY)
    assert sign_webhook(kind(b"{}"), KEY) == signature
    assert verify_webhook(kind(b"{}"), signature, KEY)
    assert not verify_webhook(kind(b"{ }"), signature, KEY)
    token = ClaimSigner(kind(KEY.encode())).issue("A")
    assert SIGNER.read(token)
    assert ClaimSigner("another key of 32 bytes or more..", fallback_keys=[kind(KEY.encode())]).read(token)
    sealed = Vault(kind(KEY.encode())).seal("x", "here")
    assert Vault("another secret, long enough", fallback_secrets=[kind(KEY.encode())]).open(sealed, "here") == "x"


def test_what_is_no_token_is_none() -> None:
    assert SIGNER.read(None) is None
    assert read_session_token(KEY, None) is None


def test_a_parameter_that_is_no_text_is_in_no_url() -> None:
    assert extract_referrer_code("?ref=A", params=["\ud800"]) is None
    assert extract_referrer_code("?ref=A&\ufffd=B&\ud800=C", params=["\ud800", "ref"]) == "A"
    assert extract_referrer_code("?ref=A", params=iter(["x", "ref"])) == "A"


ONE = ("get_customer", {"customer_id": "u1"})


@pytest.mark.parametrize(
    ("field", "calls", "concurrency"),
    [
        ("concurrency", [ONE], -1),
        ("concurrency", [ONE], 2**70),
        ("concurrency", [ONE], 1.5),
        ("concurrency", [ONE], None),
        ("calls[0]", [("get_customer", None)], 1),
        ("calls[1]", [ONE, ("get_customer",)], 1),
        ("calls[1]", [ONE, None], 1),
        ("calls[0]", ["ab"], 1),
        ("calls[0]", [([], {})], 1),
    ],
)
def test_batches_name_what_they_refuse(
    emulator: Emulator, client: Client, field: str, calls: Any, concurrency: Any
) -> None:
    with pytest.raises(InvalidArgumentError) as raised:
        client.call_many(calls, concurrency=concurrency)
    assert raised.value.field == field
    assert emulator.requests() == []


# --- Anything at all -------------------------------------------------------------------------------------------

plain = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=20,
)


@pytest.fixture(scope="module")
def shared() -> Iterator[tuple[Emulator, Client]]:
    with Emulator(limits=False, processing_ms=0) as emulator, emulator.client() as client:
        yield emulator, client


QUICK = settings(deadline=None, max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture])


@QUICK
@given(extra=st.dictionaries(st.text(), plain, max_size=4))
def test_data_arrives_as_it_was(shared: tuple[Emulator, Client], extra: dict[str, Any]) -> None:
    emulator, client = shared
    assert json.loads(sent_extra(emulator, client, extra)) == extra


@QUICK
@given(amount=st.decimals(min_value=0, allow_nan=False, allow_infinity=False, places=4, max_value=Decimal(10**20)))
def test_decimals_arrive_digit_for_digit(shared: tuple[Emulator, Client], amount: Decimal) -> None:
    emulator, client = shared
    emulator.reset()
    order(client, total_paid=amount)
    assert json.loads(emulator.requests()[0]["body"], parse_float=str, parse_int=str)["totalPaid"] == f"{amount:f}"
