"""`gameball_referrals.testing`, the pytest plugin and the command line."""

from __future__ import annotations

import asyncio
import gc
import re
import signal
import subprocess
import sys
from datetime import datetime, timedelta, timezone
from typing import TYPE_CHECKING, Any

import pytest
from gameball_referrals import AuthenticationError, Client, ConfigurationError, ConnectionFailedError, ReferralError
from gameball_referrals.testing import SECRET_KEY, Emulator

if TYPE_CHECKING:
    from pathlib import Path

pytest_plugins = ["pytester"]


def test_the_fixture(gameball_emulator: Emulator) -> None:
    with gameball_emulator.client() as client:
        client.create_customer("u1")
    (customer,) = gameball_emulator.state()["customers"]
    assert customer["customerId"] == "u1"


def test_the_plugin_is_registered_and_lazy(pytester: pytest.Pytester) -> None:
    pytester.makepyfile("""
        import sys

        def test_lazy():
            assert "gameball_referrals.testing" not in sys.modules

        def test_used(gameball_emulator):
            assert gameball_emulator.url.startswith("http://127.0.0.1:")
    """)
    pytester.runpytest_subprocess("-p", "no:cacheprovider").assert_outcomes(passed=2)


def test_it_is_commanded_by_methods() -> None:
    start = datetime(2026, 1, 1, tzinfo=timezone.utc)
    with Emulator(clock=start, link_window_seconds=60, switches={"invalid_code": "error7006"}) as emulator:
        assert repr(emulator) == f"Emulator('{emulator.url}')"
        emulator.add_customer("ann", referral_code="ANN", registered_at=(start - timedelta(days=1)).isoformat())
        client = emulator.client()
        with pytest.raises(ReferralError):
            client.create_customer("bob", referrer_code="NOBODY")
        client.create_customer("bob")
        emulator.advance(61)
        client.track_order("o1", customer_id="bob", order_date=start, total_paid=1, referrer_code="ANN")
        assert client.get_customer("bob").is_referred is False
        emulator.configure(disabled=True)
        with pytest.raises(Exception, match="disabled"):
            client.get_customer("bob")
        emulator.configure(disabled=False)
        emulator.inject("status", status=500, times=None)
        emulator.clear_faults()
        client.get_customer("bob")
        assert [request["operation"] for request in emulator.requests("trackOrder")] == ["trackOrder"]
        emulator.reset()
        assert emulator.state()["customers"] == emulator.requests() == []
    emulator.stop()
    with pytest.raises(ConnectionFailedError):
        emulator.client(max_retries=0).get_customer("bob")


@pytest.mark.parametrize("options", [{"no_such_option": 1}, {"port": -1}, {"switches": {"nope": 1}}, {"clock": "noon"}])
def test_options_that_cannot_work(options: dict[str, Any]) -> None:
    with pytest.raises(ConfigurationError):
        Emulator(**options)


def test_commands_that_cannot_be_carried_out(emulator: Emulator) -> None:
    with pytest.raises(ConfigurationError, match="no command"):
        emulator.control("dance")
    with pytest.raises(ConfigurationError, match=r"no switch|cannot be configured"):
        emulator.configure(no_such_switch=True)


def test_keys_may_change_while_it_runs(emulator: Emulator) -> None:
    before = emulator.client()
    emulator.configure(api_key="another", secret_key="another-secret")
    assert (emulator.api_key, emulator.secret_key) == ("another", "another-secret")
    with emulator.client(api_version="v4.1") as client:
        client.create_customer("u1")
    with pytest.raises(AuthenticationError):
        before.create_customer("u1")
    with pytest.raises(ConfigurationError):
        emulator.configure(api_key="", secret_key="third")
    assert (emulator.api_key, emulator.secret_key) == ("another", "another-secret")


def test_one_that_did_not_start_can_be_shown() -> None:
    emulator = Emulator.__new__(Emulator)
    with pytest.raises(ConfigurationError):
        emulator.__init__(no_such_option=1)  # type: ignore[misc]
    assert repr(emulator) == "<Emulator that did not start>"


def test_a_client_keeps_its_emulator() -> None:
    client = Emulator().client(max_retries=0)
    gc.collect()
    client.create_customer("u1")

    async def call() -> None:
        async with Emulator().async_client(max_retries=0) as client:
            gc.collect()
            await client.create_customer("u1")

    asyncio.run(call())


def test_state_tells_no_key(emulator: Emulator, client: Client) -> None:
    client.create_customer("u1")
    assert SECRET_KEY not in str(emulator.state())


@pytest.mark.parametrize("stop", [signal.SIGINT, signal.SIGTERM])
@pytest.mark.skipif(sys.platform == "win32", reason="needs POSIX signals")
def test_the_command_line(stop: signal.Signals, tmp_path: Path) -> None:
    command = [
        sys.executable,
        "-m",
        "gameball_referrals",
        "emulator",
        "--port",
        "0",
        "--secret-key",
        SECRET_KEY,
    ]
    process = subprocess.Popen(command, cwd=tmp_path, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    try:
        assert process.stdout
        for line in process.stdout:
            if api := re.search(r"API +(http://\S+)", line):
                break
        else:
            pytest.fail("it does not say where it is")
        with Client("gb_test_api_key", SECRET_KEY, base_url=api.group(1)) as client:
            client.create_customer("u1")
        process.send_signal(stop)
        _, err = process.communicate(timeout=30)
        assert (process.returncode, err) == (0, "")
    finally:
        process.kill()
        process.communicate()


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        ([], 2, "usage:"),
        (["nonsense"], 2, "usage:"),
        (["--help"], 0, "usage:"),
        (["emulator", "--help"], 0, "--port"),
        (["emulator", "--nope"], 2, "--nope"),
    ],
)
def test_the_command_line_helps(arguments: list[str], code: int, said: str) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "gameball_referrals", *arguments], capture_output=True, text=True, check=False
    )
    assert done.returncode == code
    assert said in done.stdout + done.stderr
