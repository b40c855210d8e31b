"""Retry, replay and cancel: who may, what happens, and what is written down."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from admin import support
from django.contrib.admin.models import LogEntry
from django.test import Client
from django.utils import timezone
from gameball_referrals.django.admin import deliveries
from gameball_referrals.django.models import Delivery, Referral

LIST = "/admin/gameball/delivery/"
State = Delivery.State


@pytest.fixture
def failed(db: None) -> Delivery:
    now = timezone.now()
    return support.delivery("7", state=State.DEAD, attempts=12, settled_at=now, error_kind="server")


@pytest.fixture
def later(db: None) -> Delivery:
    return support.delivery("8", due_at=timezone.now() + timedelta(hours=1), attempts=3)


def act(client: Client, action: str, *rows: Delivery, **more: Any) -> Any:
    data = {"action": action, "_selected_action": [row.pk for row in rows], **more}
    return client.post(LIST, data, follow=True)


def test_what_failed_is_replayed(boss: Client, failed: Delivery, later: Delivery) -> None:
    page = act(boss, "replay", failed, later)
    failed.refresh_from_db()
    later.refresh_from_db()
    assert (failed.state, failed.attempts) == (State.PENDING, 0)
    assert later.attempts == 3
    assert "1 delivery is sent again." in page.content.decode()


def test_all_pages_of_a_filter_are_done_in_portions(boss: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(deliveries, "AT_ONCE", 5)
    now = timezone.now()
    for number in range(7):
        support.delivery(str(number), state=State.DEAD, settled_at=now)
    data = {"action": "replay", "select_across": "1", "index": "0", "_selected_action": "1"}
    page = boss.post(f"{LIST}?state=dead", data, follow=True).content.decode()
    assert "5 deliveries are sent again." in page
    assert "These were the first 5; repeat it for the others." in page
    assert Delivery.objects.filter(state=State.DEAD).count() == 2


def test_what_waits_is_due_at_once(boss: Client, later: Delivery) -> None:
    act(boss, "retry_now", later)
    later.refresh_from_db()
    assert later.due_at <= timezone.now()


def test_an_action_that_fits_no_row_says_so(boss: Client, failed: Delivery) -> None:
    page = act(boss, "retry_now", failed)
    assert "None of them waits" in page.content.decode()
    assert not LogEntry.objects.exists()


def test_a_cancellation_is_asked_for_twice(boss: Client, later: Delivery) -> None:
    support.referral("8")
    Delivery.objects.filter(pk=later.pk).update(priority=0)
    page = act(boss, "cancel", later).content.decode()
    later.refresh_from_db()
    assert later.state == State.PENDING
    assert "1 delivery will never be sent." in page
    assert "1 of them registers a referred friend" in page

    act(boss, "cancel", later, confirmed="yes")
    later.refresh_from_db()
    assert (later.state, later.arguments) == (State.CANCELLED, "")
    assert Referral.objects.get(customer_id="8").reason == "cancelled"


@pytest.mark.parametrize("do", ["replay", "cancel"])
def test_a_deliverys_own_page_has_the_same_buttons(boss: Client, failed: Delivery, do: str) -> None:
    page = boss.post(f"{LIST}{failed.pk}/operate/", {"do": do})
    if do == "cancel":
        assert "will never be sent" in page.content.decode()
        page = boss.post(f"{LIST}{failed.pk}/operate/", {"do": do, "confirmed": "yes"})
    assert page.status_code == 302
    failed.refresh_from_db()
    assert failed.state == {"replay": State.PENDING, "cancel": State.CANCELLED}[do]


def test_it_is_written_down_who_did_what_and_to_nobody_by_name(boss: Client) -> None:
    row = support.delivery("guest-77", state=State.DEAD, settled_at=timezone.now())
    act(boss, "replay", row)
    entry = LogEntry.objects.get()
    assert (entry.object_id, entry.get_change_message()) == (str(row.pk), "Replay")
    assert "guest-77" not in entry.object_repr
    assert "Replay" in boss.get(f"{LIST}{row.pk}/history/").content.decode()


@pytest.mark.parametrize("action", ["retry_now", "replay", "cancel"])
def test_whoever_may_only_look_cannot_act(viewer: Client, failed: Delivery, later: Delivery, action: str) -> None:
    before = list(Delivery.objects.order_by("pk").values())
    act(viewer, action, failed, later, confirmed="yes")
    assert viewer.post(f"{LIST}{failed.pk}/operate/", {"do": action, "confirmed": "yes"}).status_code == 403
    assert list(Delivery.objects.order_by("pk").values()) == before
    page = viewer.get(LIST).content.decode()
    assert 'name="action"' not in page


def test_the_change_permission_is_enough_to_act(staff: Any, failed: Delivery) -> None:
    operator = staff("operator", "view_delivery", "change_delivery")
    act(operator, "replay", failed)
    failed.refresh_from_db()
    assert failed.state == State.PENDING


def test_acting_takes_a_post(boss: Client, failed: Delivery) -> None:
    page = boss.get(f"{LIST}{failed.pk}/operate/?do=replay")
    assert page["Location"] == f"{LIST}{failed.pk}/change/"
    failed.refresh_from_db()
    assert failed.state == State.DEAD


@pytest.mark.parametrize("page", ["add/", "{pk}/delete/"])
def test_rows_are_neither_added_nor_deleted(boss: Client, failed: Delivery, page: str) -> None:
    assert boss.get(LIST + page.format(pk=failed.pk)).status_code == 403
    assert boss.post(LIST + page.format(pk=failed.pk), {"post": "yes"}).status_code == 403
    assert Delivery.objects.exists()


def test_a_delivery_cannot_be_edited(boss: Client, failed: Delivery) -> None:
    assert boss.post(f"{LIST}{failed.pk}/change/", {"state": "applied"}).status_code == 403
    failed.refresh_from_db()
    assert failed.state == State.DEAD
