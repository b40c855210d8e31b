"""An interpreter ends while calls are under way, or makes its last ones."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from support import BlackHole, python

if TYPE_CHECKING:
    from gameball_referrals.testing import Emulator

AT_EXIT = {
    "a task is pending": """
import asyncio, sys
from gameball_referrals import AsyncClient
async def main():
    task = asyncio.ensure_future(AsyncClient("key", base_url=sys.argv[1], timeout=30).get_customer("u1"))
    await asyncio.sleep(0.1)
    sys.exit(0)
asyncio.run(main())
""",
    "a loop is left as it is": """
import asyncio, sys
from gameball_referrals import AsyncClient
client = AsyncClient("key", base_url=sys.argv[1], timeout=30)
loop = asyncio.new_event_loop()
task = loop.create_task(client.get_customer("u1"))
task._log_destroy_pending = False
loop.run_until_complete(asyncio.sleep(0.1))
""",
    "daemon threads wait": """
import sys, threading
from gameball_referrals import Client
client = Client("key", base_url=sys.argv[1], timeout=30)
for _ in range(8):
    threading.Thread(target=client.get_customer, args=("u1",), daemon=True).start()
threading.Event().wait(0.2)
""",
    "daemon threads reach their deadlines": """
import sys, threading
from gameball_referrals import Client
def work(number):
    client = Client("key", base_url=sys.argv[1], timeout=0.2 + number / 400)
    while True:
        try: client.get_customer("u1")
        except Exception: pass
for number in range(16):
    threading.Thread(target=work, args=(number,), daemon=True).start()
threading.Event().wait(0.21)
""",
}


@pytest.mark.parametrize("when", ["before", "after"])
def test_calls_at_exit(emulator: Emulator, when: str) -> None:
    emulator.add_customer("u1")
    handler = "atexit.register(lambda: print(client.get_customer('u1').customer_id))"
    code = f"""
import atexit, sys
{handler if when == "before" else ""}
from gameball_referrals import Client
{handler if when == "after" else ""}
client = Client(*sys.argv[1:3], base_url=sys.argv[3])
"""
    done = python(code, emulator.api_key, emulator.secret_key, emulator.url, timeout=20)
    assert (done.stdout, done.stderr) == ("u1\n", "")


@pytest.mark.parametrize("how", sorted(AT_EXIT))
def test_a_call_under_way_keeps_no_interpreter_alive(how: str) -> None:
    with BlackHole() as server:
        done = python(AT_EXIT[how], server.url, timeout=15)
    assert "panic" not in done.stderr
    assert "Fatal" not in done.stderr


def test_an_exit_handler_may_wait_for_a_thread() -> None:
    code = """
import atexit, sys, threading, time
def join():
    started = time.monotonic()
    thread.join()
    print(time.monotonic() - started)
# Before the package is imported, so that it runs after the package's own handler.
atexit.register(join)
from gameball_referrals import Client
client = Client("key", base_url=sys.argv[1], timeout=1)
def work():
    try: client.get_customer("u1")
    except TimeoutError: print("timeout")
thread = threading.Thread(target=work, daemon=True)
thread.start()
threading.Event().wait(0.2)
"""
    with BlackHole() as server:
        done = python(code, server.url, timeout=30)
    said, waited = done.stdout.split()
    assert said == "timeout"
    # What is left of the deadline, and one pause that keeps the thread from an interpreter that may be gone.
    assert 5 <= float(waited) < 1 + 5 + 1


@pytest.mark.parametrize("turn", range(5))
def test_daemon_threads_that_call_all_the_time(emulator: Emulator, turn: int) -> None:
    emulator.add_customer("u1")
    code = """
import asyncio, sys, threading
from gameball_referrals import AsyncClient, Client
client = Client(*sys.argv[1:3], base_url=sys.argv[3])
async_client = AsyncClient(*sys.argv[1:3], base_url=sys.argv[3])
def hammer():
    while True: client.get_customer("u1")
async def hammer_async():
    while True: await asyncio.gather(*(async_client.get_customer("u1") for _ in range(5)))
for _ in range(6):
    threading.Thread(target=hammer, daemon=True).start()
threading.Thread(target=lambda: asyncio.run(hammer_async()), daemon=True).start()
threading.Event().wait(0.2)
"""
    done = python(code, emulator.api_key, emulator.secret_key, emulator.url, timeout=30)
    assert "Fatal" not in done.stderr, done.stderr
