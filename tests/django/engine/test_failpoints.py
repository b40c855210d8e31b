"""Every place where a process may be made to die is one it gets to, and what was in hand is delivered all the same."""

from __future__ import annotations

import inspect
import re
import signal
from pathlib import Path

import pytest
from engine.support import SetClock, receipts, running
from gameball_referrals import django as app
from gameball_referrals.django import conf, failpoints
from gameball_referrals.django.models import Delivery
from gameball_referrals.django.sender import Sender
from gameball_referrals.testing import Emulator


def test_the_list_is_what_the_code_has() -> None:
    sources = Path(inspect.getfile(app)).parent.rglob("*.py")
    used = {name for source in sources for name in re.findall(r'reached\("([\w.]+)"\)', source.read_text("utf-8"))}
    assert tuple(dict.fromkeys(failpoints.NAMES)) == failpoints.NAMES
    assert used == set(failpoints.NAMES)
    for name in failpoints.NAMES:
        assert f"``{name}``" in (failpoints.__doc__ or ""), name


@pytest.mark.parametrize("name", failpoints.NAMES)
def test_a_death_at_each_loses_nothing_and_repeats_nothing(
    name: str, shop: Emulator, child_environment: dict[str, str], clock: SetClock
) -> None:
    program = (
        "import django; django.setup()\n"
        "from engine.support import register, order\n"
        "from gameball_referrals.django.sender import drain\n"
        "register('bo'); order('bo', '1'); print('committed', flush=True); drain()\n"
    )
    if name.startswith("record"):
        shop.inject("status", status=503)
    environment = {
        **child_environment,
        "GAMEBALL_FAILPOINT": name,
        "GAMEBALL_API_KEY": shop.api_key,
        "GAMEBALL_SECRET_KEY": shop.secret_key,
        "GAMEBALL_BASE_URL": shop.url,
    }
    with running(["-c", program], environment) as process:
        output, _ = process.communicate(timeout=60)
    assert process.returncode == -signal.SIGKILL, output
    committed = Delivery.objects.count()
    assert committed == (2 if "committed" in output else 1 if name == "outbox.committed" else 0)
    for _ in range(6):
        clock.advance(conf.get().LEASE + 1)
        Sender(clock=clock).drain()
    assert set(Delivery.objects.values_list("state", flat=True)) <= {"applied"}
    assert receipts() == ({"bo": ("linked", "by_registration")} if committed else {})
    state = shop.state()
    assert [one["orderId"] for one in state["orders"]] == (["1"] if committed == 2 else [])
    assert state["counters"]["refusedInFlight"] == 0
