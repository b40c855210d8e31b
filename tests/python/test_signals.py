"""Ctrl-C, and signal handlers, while a call waits."""

from __future__ import annotations

import os
import signal
import sys
import time

import pytest
from support import BlackHole, python, running

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="needs POSIX signals")

# Signals are looked for every 50 ms, and 100 ms are promised; the rest is what a busy machine may add.
LATEST = 0.1 + 0.15

WAIT = """
import signal, sys, time
signal.signal(signal.SIGINT, signal.default_int_handler)  # a background job inherits that it is ignored
from gameball_referrals import Client
client = Client("key", "secret", base_url=sys.argv[1], timeout=30)
try:
    {call}
except KeyboardInterrupt:
    print(time.monotonic())
"""


@pytest.mark.parametrize(
    "call",
    [
        "client.get_customer('u1')",
        "client.call_many([('get_customer', {'customer_id': 'u1'})] * 3, concurrency=3)",
    ],
)
def test_ctrl_c_ends_a_waiting_call(call: str) -> None:
    with BlackHole() as server, running(WAIT.format(call=call), server.url) as process:
        assert server.got_request.wait(30)
        signalled = time.monotonic()
        os.kill(process.pid, signal.SIGINT)
        out, err = process.communicate(timeout=30)
        assert process.returncode == 0, err
        # CLOCK_MONOTONIC is the same for all processes.
        assert float(out) - signalled <= LATEST
        assert server.peer_left.wait(5), "the call goes on"


def test_ctrl_c_ends_an_event_loop() -> None:
    code = """
import asyncio, signal, sys, time
signal.signal(signal.SIGINT, signal.default_int_handler)
from gameball_referrals import AsyncClient
async def main():
    await AsyncClient("key", base_url=sys.argv[1], timeout=30).get_customer("u1")
try:
    asyncio.run(main())
except KeyboardInterrupt:
    print(time.monotonic())
"""
    with BlackHole() as server, running(code, server.url) as process:
        assert server.got_request.wait(30)
        signalled = time.monotonic()
        os.kill(process.pid, signal.SIGINT)
        out, err = process.communicate(timeout=30)
        assert process.returncode == 0, err
        assert float(out) - signalled <= LATEST


def test_a_handler_may_make_calls_and_the_waiting_one_goes_on() -> None:
    code = """
import signal, sys
from gameball_referrals import Client
from gameball_referrals.testing import Emulator
with Emulator() as emulator, emulator.client() as client:
    client.create_customer("u1")
    emulator.inject("latency", ms=400)
    seen = []
    signal.signal(signal.SIGALRM, lambda *_: seen.append(client.get_customer("u1").customer_id))
    signal.setitimer(signal.ITIMER_REAL, 0.1)
    assert client.get_customer("u1").customer_id == "u1"
    assert seen == ["u1"], seen
"""
    python(code)


def test_an_exception_of_a_handler_comes_through() -> None:
    code = """
import signal, sys
from gameball_referrals import Client
class SoftTimeLimit(Exception): pass
def handler(*_): raise SoftTimeLimit
signal.signal(signal.SIGALRM, handler)
signal.setitimer(signal.ITIMER_REAL, 0.1)
try:
    Client("key", base_url=sys.argv[1], timeout=30).get_customer("u1")
except SoftTimeLimit:
    print("soft")
"""
    with BlackHole() as server:
        assert python(code, server.url).stdout == "soft\n"
