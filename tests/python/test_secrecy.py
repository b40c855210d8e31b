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
from gameball_referrals.testing import API_KEY, SECRET_KEY
from support import HERE, python

if TYPE_CHECKING:
    from collections.abc import Iterator

    from gameball_referrals.testing import Emulator

pytest_plugins = ["pytester"]

KEY = "a-key-that-nobody-may-see"
SPOILT_KEY = KEY + " "


def shown(call: Callable[[], Any]) -> str:
    """Return all that a thorough error page would show of a failure, our frames' variables included."""
    with pytest.raises((GameballError, TypeError, LookupError)) as raised:
        call()
    # The first frames are the test's own, which holds the key anyway.
    trace = raised.value.__traceback__
    while trace and "gameball_referrals" not in trace.tb_frame.f_code.co_filename:
        trace = trace.tb_next
    details = traceback.TracebackException(
        type(raised.value), raised.value, trace, capture_locals=True, lookup_lines=False
    )
    return "".join(details.format()) + repr(raised.value) + str(vars(raised.value))


def spoilt_keys() -> Iterator[str]:
    yield KEY
    # What a generator holds is its own affair; not what it has handed over.
    raise LookupError("no more keys")


@pytest.mark.parametrize(
    "call",
    [
        lambda: Client("key", base_url=f"https://u:{KEY}@gameball.example"),
        lambda: Client("key", base_url=f"ftp://u:{KEY}@gameball.example"),
        lambda: AsyncClient("key", base_url=f"https://u:{KEY}@gameball.example"),
        lambda: ClaimSigner(KEY, max_age=30),  # type: ignore[arg-type]
        lambda: ClaimSigner(KEY, max_age=None),  # type: ignore[arg-type]
        lambda: ClaimSigner(KEY, fallback_keys=spoilt_keys()),
        lambda: ClaimSigner(KEY, fallback_keys=[KEY, 7]),  # type: ignore[list-item]
        lambda: ClaimSigner(KEY, fallback_keys=None),  # type: ignore[arg-type]
        lambda: Vault(KEY, fallback_secrets=spoilt_keys()),
        lambda: Vault(KEY, fallback_secrets=[KEY, 7]),  # type: ignore[list-item]
        lambda: Vault(7, fallback_secrets=[KEY]),  # type: ignore[arg-type]
        lambda: session_token(SECRET_KEY, "u1", 2**70),
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


def test_a_key_in_a_traceback_fails_its_test_and_is_not_shown(pytester: pytest.Pytester) -> None:
    pytester.makeconftest((HERE / "conftest.py").read_text(encoding="utf-8"))
    pytester.makepyfile("""
        from gameball_referrals.testing import API_KEY, SECRET_KEY

        def test_shown():
            assert API_KEY == SECRET_KEY

        def test_printed():
            print(SECRET_KEY)
    """)
    result = pytester.runpytest_subprocess("-p", "no:cacheprovider")
    # What was printed is told again when the test is torn down.
    result.assert_outcomes(failed=2, errors=1)
    text = result.stdout.str()
    assert "test_shown: a key shows up in its traceback" in text
    assert "test_printed: a key shows up in Captured stdout call" in text
    assert API_KEY not in text
    assert SECRET_KEY not in text
