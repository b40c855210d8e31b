"""Waiting for verdicts: each comes as soon as it is there, anybody may wake the waiter, and a fork starts afresh."""

from __future__ import annotations

import os
import signal
import threading
import time
from typing import TYPE_CHECKING, Any, Callable

import pytest
from gameball_referrals import _native
from gameball_referrals.courier import Courier, Delivery, Verdict
from support import BlackHole, python

if TYPE_CHECKING:
    from collections.abc import Iterator

    from gameball_referrals.testing import Emulator

PATIENCE = 20.0
"""Far longer than anything here takes: whoever waits for so long was not woken."""


def creation(number: int) -> Delivery:
    return Delivery(number, "createCustomer", f'{{"customerId":"c{number}"}}')


@pytest.fixture(params=["socket", "event"])
def courier(request: pytest.FixtureRequest, emulator: Emulator, monkeypatch: pytest.MonkeyPatch) -> Iterator[Courier]:
    """A courier on a system with socket pairs, and on one without."""
    if request.param == "event":
        completions: Callable[..., Any] = _native.Completions

        def without_sockets(wake: Callable[[], object] | None = None) -> Any:
            if wake is None:
                raise NotImplementedError
            return completions(wake)

        monkeypatch.setattr(_native, "Completions", without_sockets)
    with Courier(emulator.api_key, emulator.secret_key, base_url=emulator.url) as courier:
        yield courier


def all_verdicts(courier: Courier) -> list[Verdict]:
    verdicts: list[Verdict] = []
    while courier.in_flight:
        came = courier.verdicts(PATIENCE)
        assert came, "nothing came"
        verdicts += came
    return verdicts


def test_each_verdict_comes_as_soon_as_it_is_there(emulator: Emulator, courier: Courier) -> None:
    emulator.inject("latency", ms=400, customer_id="c1")
    courier.submit(creation(number) for number in (1, 2, 3))
    assert courier.in_flight == 3
    early: list[int] = []
    while len(early) < 2:
        early += [verdict.id for verdict in courier.verdicts(PATIENCE)]
    assert sorted(early) == [2, 3]
    assert courier.in_flight == 1
    assert [verdict.id for verdict in courier.verdicts(PATIENCE)] == [1]
    assert courier.in_flight == 0


def test_more_can_be_submitted_meanwhile(emulator: Emulator, courier: Courier) -> None:
    for number in range(50):
        courier.submit([creation(number)])
    assert sorted(verdict.id for verdict in all_verdicts(courier)) == list(range(50))
    courier.submit([])
    assert courier.in_flight == 0


def test_a_timeout_comes_back_with_nothing(courier: Courier) -> None:
    began = time.monotonic()
    assert courier.verdicts(0) == []
    assert courier.verdicts(0.05) == []
    assert 0.05 <= time.monotonic() - began < 5


def test_another_thread_wakes_the_waiter(courier: Courier) -> None:
    began = time.monotonic()
    threading.Timer(0.05, courier.wake).start()
    assert courier.verdicts(None) == []
    assert courier.verdicts(0) == []
    assert time.monotonic() - began < PATIENCE / 2


def test_a_wake_up_before_the_wait_is_not_lost(courier: Courier) -> None:
    began = time.monotonic()
    courier.wake()
    courier.wake()
    assert courier.verdicts(PATIENCE) == []
    assert time.monotonic() - began < PATIENCE / 2
    assert courier.verdicts(0.01) == [], "and it wakes once"


def test_a_wake_up_loses_no_verdict(emulator: Emulator, courier: Courier) -> None:
    courier.submit(creation(number) for number in range(20))
    verdicts: list[Verdict] = []
    while courier.in_flight:
        courier.wake()
        verdicts += courier.verdicts(PATIENCE)
    assert sorted(verdict.id for verdict in verdicts) == list(range(20))


@pytest.mark.skipif(not hasattr(signal, "setitimer"), reason="needs setitimer")
def test_a_signals_handler_wakes_the_waiter(courier: Courier) -> None:
    began = time.monotonic()
    before = signal.signal(signal.SIGALRM, lambda *_: courier.wake())
    try:
        signal.setitimer(signal.ITIMER_REAL, 0.05)
        assert courier.verdicts(PATIENCE) == []
    finally:
        signal.signal(signal.SIGALRM, before)
    assert time.monotonic() - began < PATIENCE / 2


@pytest.mark.skipif(not hasattr(signal, "setitimer"), reason="needs setitimer")
@pytest.mark.parametrize("waiting", ["verdicts", "deliver"])
def test_ctrl_c_comes_through(waiting: str) -> None:
    def stop(*_: object) -> None:
        raise KeyboardInterrupt

    before = signal.signal(signal.SIGALRM, stop)
    try:
        with BlackHole() as nobody, Courier("key", base_url=nobody.url, timeout=PATIENCE) as courier:
            began = time.monotonic()
            signal.setitimer(signal.ITIMER_REAL, 0.1)
            with pytest.raises(KeyboardInterrupt):
                if waiting == "deliver":
                    courier.deliver([creation(1)])
                else:
                    courier.submit([creation(1)])
                    courier.verdicts(None)
            assert time.monotonic() - began < PATIENCE / 2
    finally:
        signal.signal(signal.SIGALRM, before)


def test_nothing_is_opened_before_the_first_delivery(emulator: Emulator) -> None:
    threads = threading.active_count()
    native_threads = len(os.listdir("/proc/self/task")) if os.path.isdir("/proc/self/task") else 0
    courier = Courier(emulator.api_key, base_url=emulator.url)
    courier.wake()
    assert courier.verdicts(0) == []
    assert (threads, emulator.requests()) == (threading.active_count(), [])
    if native_threads:
        assert len(os.listdir("/proc/self/task")) <= native_threads


@pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork")
def test_a_fork_after_warm_up(emulator: Emulator) -> None:
    """The child has nothing in flight, delivers on its own, and takes none of its parent's verdicts."""
    code = """
import os, signal, sys, warnings
warnings.simplefilter("ignore", DeprecationWarning)
from gameball_referrals.courier import Courier, Delivery
from gameball_referrals.testing import Emulator

def creation(number):
    return Delivery(number, "createCustomer", '{"customerId":"c%d"}' % number)

def all_verdicts():
    found = []
    while courier.in_flight:
        found += [(verdict.id, verdict.outcome) for verdict in courier.verdicts(10)]
    return sorted(found)

courier = Courier(*sys.argv[1:3], base_url=sys.argv[3])
assert [verdict.outcome for verdict in courier.deliver([creation(1)])] == ["applied"]
courier.submit([creation(2)])
assert all_verdicts() == [(2, "applied")]
courier.submit([creation(3), creation(4)])
pid = os.fork()
if pid == 0:
    signal.alarm(20)
    assert courier.in_flight == 0
    assert courier.verdicts(0.2) == []
    courier.submit([creation(5)])
    assert all_verdicts() == [(5, "applied")]
    assert [verdict.outcome for verdict in courier.deliver([creation(6)])] == ["applied"]
    courier.wake()
    assert courier.verdicts(10) == []
    sys.exit(0)
assert os.waitpid(pid, 0)[1] == 0
assert courier.in_flight == 2
assert all_verdicts() == [(3, "applied"), (4, "applied")]
"""
    python(code, emulator.api_key, emulator.secret_key, emulator.url)
    assert len(emulator.requests()) == 6


def test_only_the_greenlet_waits(emulator: Emulator) -> None:
    pytest.importorskip("gevent")
    emulator.inject("latency", ms=300, times=None)
    code = """
from gevent import monkey
monkey.patch_all()
import gevent, sys, time
from gameball_referrals.courier import Courier, Delivery

def creation(number):
    return Delivery(number, "createCustomer", '{"customerId":"c%d"}' % number)

courier = Courier(*sys.argv[1:3], base_url=sys.argv[3])
ticks = []
def tick():
    while True:
        gevent.sleep(0.01)
        ticks.append(time.monotonic())
ticker = gevent.spawn(tick)

def progress(work):
    before = len(ticks)
    result = work()
    assert len(ticks) - before >= 10, (work, len(ticks) - before)
    return result

courier.submit([creation(1)])
assert [verdict.id for verdict in progress(lambda: courier.verdicts(10))] == [1]
assert [verdict.outcome for verdict in progress(lambda: courier.deliver([creation(2)]))] == ["applied"]
assert progress(courier.check).ok
assert progress(lambda: courier.verdicts(0.3)) == []
gevent.spawn_later(0.2, courier.wake)
assert progress(lambda: courier.verdicts(None)) == []
ticker.kill()
"""
    python(code, emulator.api_key, emulator.secret_key, emulator.url)


def test_an_interpreter_that_ends_with_deliveries_in_flight(emulator: Emulator) -> None:
    emulator.inject("blackHole", times=None)
    code = """
import sys, threading
from gameball_referrals.courier import Courier, Delivery
courier = Courier(*sys.argv[1:3], base_url=sys.argv[3])
delivery = Delivery(1, "createCustomer", '{"customerId":"c1"}')
courier.submit([delivery])
threading.Thread(target=courier.verdicts, args=(None,), daemon=True).start()
threading.Thread(target=courier.deliver, args=([delivery],), daemon=True).start()
"""
    python(code, emulator.api_key, emulator.secret_key, emulator.url, timeout=15)
