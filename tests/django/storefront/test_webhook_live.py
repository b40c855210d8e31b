"""Gameball's own webhook, sent by the emulator over HTTP to the running shop."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

import pytest
from django.core.signals import request_finished
from gameball_referrals.django.models import Profile
from gameball_referrals.testing import Emulator


@pytest.mark.django_db(transaction=True)
def test_the_emulators_webhook_reaches_the_profile(
    live_server: Any, gameball: Emulator, configure: Callable[..., None]
) -> None:
    gameball.configure(webhook_url=f"{live_server.url}/gameball/webhooks/default/")
    served = threading.Event()

    def finished(**_: Any) -> None:
        served.set()

    request_finished.connect(finished)
    try:
        with gameball.client() as client:
            client.create_customer("7")
        assert served.wait(10)
    finally:
        request_finished.disconnect(finished)
    (customer,) = [each for each in gameball.state()["customers"] if each["customerId"] == "7"]
    profile = Profile.objects.get(customer_id="7")
    assert profile.referral_code == customer["referralCode"]
    assert profile.gameball_id == customer["gameballId"]
