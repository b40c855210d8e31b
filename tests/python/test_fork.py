"""Clients survive a fork, in the parent and in the child."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import urllib.request
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from support import python

if TYPE_CHECKING:
    from gameball_referrals.testing import Emulator

pytestmark = pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork")

APPS = Path(__file__).parent / "apps"

FORK = """
import os, signal, sys, warnings
warnings.simplefilter("ignore", DeprecationWarning)
from gameball_referrals import AsyncClient, Client

def in_child(work):
    pid = os.fork()
    if pid == 0:
        signal.alarm(20)
        work()
        # Ends as an interpreter ends, with all that is torn down then.
        sys.exit(0)
    assert os.waitpid(pid, 0)[1] == 0
"""


def test_a_warm_client(emulator: Emulator) -> None:
    emulator.add_customer("u1")
    code = (
        FORK
        + """
client = Client(*sys.argv[1:3], base_url=sys.argv[3], timeout=10)
call = lambda: client.get_customer("u1")
for _ in range(3):
    call()
    in_child(call)
    in_child(lambda: in_child(call))
    call()
in_child(lambda: None)
in_child(client.close)
call()
"""
    )
    python(code, emulator.api_key, emulator.secret_key, emulator.url)


def test_while_other_threads_call(emulator: Emulator) -> None:
    emulator.add_customer("u1")
    code = (
        FORK
        + """
import threading
client = Client(*sys.argv[1:3], base_url=sys.argv[3], timeout=10)
call = lambda: client.get_customer("u1")
done = threading.Event()
def hammer():
    while not done.is_set():
        call()
threads = [threading.Thread(target=hammer) for _ in range(4)]
for thread in threads: thread.start()
for _ in range(10):
    in_child(call)
done.set()
for thread in threads: thread.join()
call()
"""
    )
    python(code, emulator.api_key, emulator.secret_key, emulator.url)


def test_a_warm_async_client(emulator: Emulator) -> None:
    emulator.add_customer("u1")
    code = (
        FORK
        + """
import asyncio
client = AsyncClient(*sys.argv[1:3], base_url=sys.argv[3], timeout=10)
async def calls():
    await asyncio.gather(*(client.get_customer("u1") for _ in range(10)))
call = lambda: asyncio.run(calls())
for _ in range(3):
    call()
    in_child(call)
    call()
async def fork_inside():
    await calls()
    in_child(lambda: os._exit(0))
    await calls()
asyncio.run(fork_inside())
"""
    )
    python(code, emulator.api_key, emulator.secret_key, emulator.url)


def test_multiprocessing(emulator: Emulator) -> None:
    emulator.add_customer("u1")
    code = (
        FORK
        + """
import multiprocessing
client = Client(*sys.argv[1:3], base_url=sys.argv[3], timeout=10)
def work(_):
    return client.get_customer("u1").customer_id
work(0)
with multiprocessing.get_context("fork").Pool(3) as pool:
    assert pool.map_async(work, range(20)).get(30) == ["u1"] * 20
work(0)
"""
    )
    python(code, emulator.api_key, emulator.secret_key, emulator.url)


def test_an_emulator_is_its_parents() -> None:
    code = (
        FORK
        + """
from gameball_referrals.testing import Emulator
with Emulator() as emulator, emulator.client() as client:
    client.create_customer("u1")
    in_child(lambda: client.get_customer("u1"))
    client.get_customer("u1")
"""
    )
    python(code)


def test_an_emulator_cannot_be_commanded_by_a_child() -> None:
    code = (
        FORK
        + """
from gameball_referrals import ClosedError
from gameball_referrals.testing import Emulator
def command():
    try:
        emulator.state()
    except ClosedError as error:
        assert "process that started it" in str(error)
    else:
        raise AssertionError
with Emulator() as emulator:
    in_child(command)
    emulator.state()
"""
    )
    python(code)


def test_greenlets(emulator: Emulator) -> None:
    pytest.importorskip("gevent")
    emulator.add_customer("u1")
    code = (
        "from gevent import monkey; monkey.patch_all()\n"
        + FORK
        + """
import gevent
client = Client(*sys.argv[1:3], base_url=sys.argv[3], timeout=10)
def call():
    calls = [gevent.spawn(client.get_customer, "u1") for _ in range(20)]
    gevent.joinall(calls, raise_error=True)
for _ in range(3):
    call()
    in_child(call)
    # The child is made, and calls, while the parent waits for answers.
    waiting = gevent.spawn(call)
    gevent.sleep(0)
    in_child(call)
    waiting.get(timeout=10)
"""
    )
    python(code, emulator.api_key, emulator.secret_key, emulator.url)


def test_gunicorn_with_a_warm_client(emulator: Emulator) -> None:
    pytest.importorskip("gunicorn")
    emulator.add_customer("u1")
    server = subprocess.Popen(
        [
            sys.executable,
            "-m",
            "gunicorn",
            "--preload",
            "-w",
            "2",
            "-b",
            "127.0.0.1:0",
            "preloading:application",
        ],
        cwd=APPS,
        env={
            **os.environ,
            "API_KEY": emulator.api_key,
            "SECRET_KEY": emulator.secret_key,
            "URL": emulator.url,
        },
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        assert server.stderr
        lines = []
        for line in server.stderr:
            lines.append(line)
            if listening := re.search(r"Listening at: (http://\S+)", line):
                break
        else:
            pytest.fail("".join(lines))
        pids = set()
        for _ in range(200):
            with urllib.request.urlopen(listening.group(1), timeout=20) as answer:
                customer_id, pid, warmed_by = answer.read().decode().split()
            assert customer_id == "u1"
            assert pid != warmed_by
            pids.add(pid)
            if len(pids) == 2:
                break
        assert pids
    finally:
        server.send_signal(signal.SIGTERM)
        server.communicate(timeout=30)
    assert server.returncode == 0
