"""Keys and personal data are nowhere to be seen."""

from __future__ import annotations

import logging
import traceback
from typing import TYPE_CHECKING, Any, Callable

import pytest
from gameball_referrals import (
    AsyncClient,
    ClaimSigner,
    Client,
    CustomerAttributes,
    GameballError,
    ReferredFriend,
    SessionClaims,
    Vault,
    fingerprint,
    session_token,
    verify_webhook,
)
from gameball_referrals.testing import SECRET_KEY
from support import python

if TYPE_CHECKING:
    from gameball_referrals.testing import Emulator

KEY = "a-key-that-nobody-may-see"
SPOILT_KEY = KEY + " "


def shown(call: Callable[[], Any]) -> str:
    """Return all that a thorough error page would show of a failure, our frames' variables included."""
    with pytest.raises((GameballError, TypeError)) as raised:
        call()
    # The first frames are the test's own, which holds the key anyway.
    trace = raised.value.__traceback__
    while trace and "gameball_referrals" not in trace.tb_frame.f_code.co_filename:
        trace = trace.tb_next
    details = traceback.TracebackException(
        type(raised.value), raised.value, trace, capture_locals=True, lookup_lines=False
    )
    return "".join(details.format()) + repr(raised.value) + str(vars(raised.value))


@pytest.mark.parametrize(
    "call",
    [
        lambda: Client(SPOILT_KEY),
        lambda: Client("key", SPOILT_KEY),
        lambda: AsyncClient("key", SPOILT_KEY),
        lambda: session_token(KEY, "u1", 2_000_000_000),
        lambda: session_token(SECRET_KEY, "u1", 1.5),  # type: ignore[arg-type]
        lambda: ClaimSigner(KEY[:15]),
        lambda: ClaimSigner(KEY, fallback_keys=[KEY[:15]]),
        lambda: Vault(KEY[:15]),
        lambda: Vault(KEY).seal(KEY, ""),
        lambda: verify_webhook("text", None, KEY),  # type: ignore[arg-type]
        lambda: fingerprint(KEY + "\ud800"),
    ],
)
def test_failures_show_no_key(call: Callable[[], Any]) -> None:
    text = shown(call)
    assert KEY[:15] not in text
    assert SECRET_KEY not in text


@pytest.mark.parametrize("kind", [Client, AsyncClient])
def test_clients_hold_no_key(kind: Any) -> None:
    client = kind("api-" + KEY, "secret-" + KEY, base_url="https://gameball.example/prefix")
    assert (
        repr(client)
        == str(client)
        == (f"{kind.__name__}(base_url='https://gameball.example/prefix', api_version='v4.0')")
    )
    for name in dir(client):
        if not name.startswith("__"):
            assert KEY not in repr(getattr(client, name)), name
    assert KEY not in repr(vars(client))


def test_calls_log_nothing(
    emulator: Emulator, caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]
) -> None:
    caplog.set_level(logging.DEBUG)
    with emulator.client() as client:
        client.create_customer("u1", email="bob@example.com")
        emulator.inject("status", status=401, code=1000)
        text = shown(lambda: client.get_customer("u1"))
    assert SECRET_KEY not in text
    assert emulator.api_key not in text
    assert caplog.records == []
    assert capfd.readouterr() == ("", "")


def test_a_peer_that_echoes_shows_no_key(emulator: Emulator) -> None:
    body = f'{{"code": 3003, "message": "no: {emulator.api_key} {SECRET_KEY} bob@example.com"}}'
    emulator.inject("status", status=422, code=3003, body=body)
    with emulator.client() as client, pytest.raises(GameballError) as raised:
        client.create_customer("u1", email="bob@example.com")
    for secret in (emulator.api_key, SECRET_KEY, "bob@example.com"):
        assert secret not in str(raised.value)


def test_requests_carry_no_key_in_the_url(emulator: Emulator) -> None:
    emulator.add_customer("u1")
    with emulator.client(api_version="v4.1") as client:
        client.get_customer("u1")
        client.validate_referrer_code("X")
    for request in emulator.requests():
        assert KEY not in request["path"] + request["query"]
        assert emulator.api_key not in request["path"] + request["query"]
        assert SECRET_KEY not in request["path"] + request["query"]


def test_personal_data_is_not_shown() -> None:
    personal = {
        "display_name": "Bob Doe",
        "first_name": "Bob",
        "last_name": "Doe",
        "email": "bob@example.com",
        "mobile": "+491234567",
        "date_of_birth": "1990-01-01",
    }
    assert repr(CustomerAttributes(**personal, country="DE")).count("=") == len(  # type: ignore[arg-type]
        [name for name, field in CustomerAttributes.__dataclass_fields__.items() if field.repr]
    )
    friend = ReferredFriend("u1", "Bob Doe", "bob@example.com", "+491234567", None, "Active")
    from datetime import datetime, timezone

    claims = SessionClaims("u1", datetime(2026, 1, 1, tzinfo=timezone.utc), "bob@example.com", "+491234567")
    for text in (repr(CustomerAttributes(**personal)), repr(friend), str(claims)):  # type: ignore[arg-type]
        assert not any(word in text for word in (*personal.values(), "Bob", "Doe"))


def test_the_environment_of_a_crash_shows_no_key(emulator: Emulator) -> None:
    code = """
import sys
from gameball_referrals import Client
client = Client(sys.argv[1], sys.argv[2], base_url=sys.argv[3])
try:
    client.get_customer("")
except Exception:
    import traceback
    traceback.print_exc()
    print(repr(client), vars(client))
"""
    done = python(code, emulator.api_key, emulator.secret_key, emulator.url)
    assert "InvalidArgumentError" in done.stderr
    for key in (emulator.api_key, emulator.secret_key):
        assert key not in done.stdout + done.stderr
