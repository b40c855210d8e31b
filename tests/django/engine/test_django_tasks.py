"""The task for Django's own task framework."""

from __future__ import annotations

from typing import Any

from engine.support import receipts, register
from gameball_referrals.django import outbox
from gameball_referrals.testing import Emulator


def test_a_commit_may_enqueue_it(shop: Emulator, settings: Any, monkeypatch: Any) -> None:
    settings.TASKS = {"default": {"BACKEND": "django.tasks.backends.immediate.ImmediateBackend"}}
    from gameball_referrals.django import django_tasks

    monkeypatch.setattr(outbox, "_wakers", [])
    outbox.on_new_deliveries(lambda: django_tasks.deliver.enqueue())
    register("bo")
    assert receipts() == {"bo": ("linked", "by_registration")}
    assert django_tasks.deliver.enqueue().return_value == 0
