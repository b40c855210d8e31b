"""The second net: what went past the hooks is found, and written once."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from io import StringIO
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.core.management import CommandError, call_command
from django.utils import timezone
from gameball_referrals.django import reconcile
from gameball_referrals.django.adapter import DefaultAdapter
from gameball_referrals.django.models import Account, Delivery, OrderClaim, Referral, Tally
from gameball_referrals.django.sender import Sender
from gameball_referrals.django.testing import deliver_now
from gameball_referrals.testing import Emulator
from hooks.support import arguments, installed, known, queries, told, visit
from hooks.test_mapped_orders import SHOP
from shop.models import Order

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def mapped(settings: Any, db: None) -> None:
    settings.GAMEBALL_REFERRALS = {**settings.GAMEBALL_REFERRALS, "ORDERS": SHOP}
    installed(days=10)


def users(*names: str, **values: Any) -> list[User]:
    User.objects.bulk_create([User(username=name, email=f"{name}@example.com", **values) for name in names])
    return list(User.objects.filter(username__in=names).order_by("pk"))


def orders(**values: Any) -> None:
    Order.objects.bulk_create(
        [Order(**{"number": "A-1", "total": Decimal("9.90"), "paid_at": timezone.now(), **values})]
    )


def run(*options: str) -> str:
    out = StringIO()
    call_command("gameball_reconcile", *options, stdout=out, stderr=out)
    return out.getvalue()


@pytest.mark.parametrize("find", [reconcile.sweep, reconcile.reconcile])
def test_what_was_written_in_bulk(find: Any) -> None:
    told_of = User.objects.create_user("told")
    bo, li = users("bo", "li")
    orders(customer=bo)
    findings = find()
    assert (findings.customers, findings.orders) == (2, 1)
    assert told() == [
        ("createCustomer", str(told_of.pk)), ("createCustomer", str(bo.pk)), ("createCustomer", str(li.pk)),
        ("trackOrder", str(bo.pk)),
    ]  # fmt: skip
    assert arguments(Delivery.objects.get(customer_id=str(li.pk)))["email"] == "li@example.com"
    again = find()
    assert (again.customers, again.orders) == (0, 0)


def test_an_order_brings_its_customer_along() -> None:
    (bo,) = users("bo", date_joined=timezone.now() - timedelta(days=30))
    orders(customer=bo)
    reconcile.reconcile()
    assert told() == [("createCustomer", str(bo.pk)), ("trackOrder", str(bo.pk))]


def test_the_first_order_is_the_first_that_is_sent(settings: Any) -> None:
    (bo,) = users("bo")
    for number in ("1", "2", "3"):
        orders(number=number, customer=bo)
    assert reconcile.sweep().orders == 1
    assert [each.order_id for each in Delivery.objects.filter(operation="trackOrder")] == ["1"]
    settings.GAMEBALL_REFERRALS = {**settings.GAMEBALL_REFERRALS, "SEND_ORDERS": "all"}
    assert reconcile.sweep().orders == 3


def test_who_is_left_alone() -> None:
    users("root", is_superuser=True)
    users("clerk", is_staff=True)
    (old,) = users("old", date_joined=timezone.now() - timedelta(days=11))
    orders(number="1", customer=old, placed_at=timezone.now() - timedelta(days=11))
    orders(number="2", customer=old, paid_at=None)
    assert reconcile.reconcile().samples == []
    assert told() == []


def test_staff_who_became_customers() -> None:
    clerk = User.objects.create_user("clerk", is_staff=True)
    clerk.is_staff = False
    clerk.save()
    reconcile.reconcile()
    assert told() == [("createCustomer", str(clerk.pk))]


def test_the_sweep_reads_the_newest_rows_only() -> None:
    users(*(f"old-{number}" for number in range(1200)), date_joined=timezone.now() - timedelta(days=2))
    users("bo")
    with queries() as captured:
        assert reconcile.sweep().customers == 1
    assert captured.statements.count("SELECT auth_user") == 3  # two pages of ids, and the one row
    with queries() as captured:
        assert reconcile.reconcile().customers == 1200
    assert captured.statements.count("SELECT gameball_delivery") == 3  # one question a batch
    assert reconcile.reconcile().customers == 0


def test_what_retention_has_cleared_away_is_not_sent_again(settings: Any) -> None:
    installed(days=1000)
    users("bo", date_joined=timezone.now() - timedelta(days=400))
    assert reconcile.reconcile().customers == 0


def test_a_dry_run_changes_nothing_and_says_what_it_would_do() -> None:
    (bo,) = users("bo")
    orders(customer=bo)
    orders(number="A-2", email="")
    said = run("--dry-run")
    assert told() == []
    assert "1 customer(s) of whom Gameball was not told; their registrations would be written down." in said
    assert "1 paid order(s) of which Gameball was not told; they would be written down." in said
    assert "1 paid order(s) cannot be sent" in said
    assert f"customer {bo.pk}\n" in said
    assert "order A-1\n" in said


def test_since(settings: Any) -> None:
    users("old", date_joined=timezone.now() - timedelta(days=3))
    (bo,) = users("bo")
    run("--since", (timezone.now() - timedelta(days=1)).date().isoformat())
    assert told() == [("createCustomer", str(bo.pk))]
    with pytest.raises(CommandError):
        run("--since", "yesterday")


def test_an_order_that_cannot_be_sent_is_noted_once_and_sent_once_it_can() -> None:
    orders(email="")
    assert reconcile.sweep().unsendable == 1
    assert reconcile.sweep().unsendable == 0
    assert Delivery.objects.get().state == "dead"
    Order.objects.update(email="bo@example.com")
    assert reconcile.sweep().orders == 1
    reconcile.sweep()
    assert [each.state for each in Delivery.objects.all()] == ["pending"]


class Failing(DefaultAdapter):
    def get_customer_id(self, user: Any) -> str:
        if user.username == "odd":
            raise ValueError(user.email)
        return str(user.pk)


def test_a_user_on_whom_the_adapter_fails_holds_up_nobody(settings: Any, caplog: pytest.LogCaptureFixture) -> None:
    settings.GAMEBALL_REFERRALS = {**settings.GAMEBALL_REFERRALS, "ADAPTER": "hooks.test_reconcile.Failing"}
    users("odd")
    (bo,) = users("bo")
    findings = reconcile.sweep()
    assert (findings.customers, findings.undecided) == (1, 1)
    assert told() == [("createCustomer", str(bo.pk))]
    assert "odd@example.com" not in caplog.text


def test_claims_that_were_kept_with_orders_are_forgotten_once_they_are_too_old() -> None:
    with visit():
        Order.objects.create(number="A-1", email="bo@example.com", total=Decimal("9.90"))
        Order.objects.create(
            number="A-2",
            email="li@example.com",
            total=Decimal("9.90"),
            paid_at=timezone.now(),
        )
    assert reconcile.sweep().abandoned == 0
    OrderClaim.objects.update(kept_at=timezone.now() - timedelta(days=31))
    assert reconcile.reconcile(dry_run=True).abandoned == 1
    assert reconcile.sweep().abandoned == 1
    assert not OrderClaim.objects.exists()
    assert Referral.objects.get().customer_id == Delivery.objects.get().customer_id


def test_a_guests_claim_is_found_with_an_order_that_went_past_the_hooks() -> None:
    with visit():
        Order.objects.create(number="A-1", email="bo@example.com", total=Decimal("9.90"))
    Order.objects.update(paid_at=timezone.now())
    assert reconcile.sweep().orders == 1
    assert Referral.objects.get().customer_id == Delivery.objects.get().customer_id


def test_unverified_referrals_are_read_back(gameball: Emulator, settings: Any) -> None:
    with visit():
        linked, lost, unknown = (User.objects.create_user(name) for name in ("a", "b", "c"))
    deliver_now()
    gameball.add_customer("nobody")
    Referral.objects.update(receipt="unverified", reason="read_back_failed")
    Tally.objects.all().delete()
    Tally.objects.create(
        account_id="default", day=timezone.now().astimezone(tz=None).date(), what="unverified", count=3
    )
    Referral.objects.filter(customer_id=str(lost.pk)).update(customer_id="nobody")
    Referral.objects.filter(customer_id=str(unknown.pk)).update(customer_id="never-heard-of")
    assert "3 referral(s) without a clear receipt, about which Gameball would be asked." in run("--dry-run")
    said = run()
    receipts = dict(Referral.objects.values_list("customer_id", "receipt"))
    assert receipts == {str(linked.pk): "linked", "nobody": "lost", "never-heard-of": "lost"}
    assert "1 referral(s) without a clear receipt were read back: they are linked." in said
    assert "2 referral(s) without a clear receipt were read back: they are not linked." in said


def test_a_friend_whom_gameball_linked_later_counts(gameball: Emulator) -> None:
    with visit():
        User.objects.create_user("a")
    deliver_now()
    Referral.objects.update(receipt="lost", reason="not_linked")
    Tally.objects.filter(what="linked").update(what="lost")
    run()
    assert Referral.objects.get().receipt == "linked"
    assert dict(Tally.objects.filter(what__in=("lost", "linked")).values_list("what", "count")) == {
        "lost": 0,
        "linked": 1,
    }
    Referral.objects.update(receipt="lost", reason="late")
    run()
    assert Referral.objects.get().receipt == "lost", "what came too late stays so"


def test_unverified_referrals_of_an_account_that_gameball_refuses(gameball: Emulator, settings: Any) -> None:
    with visit():
        User.objects.create_user("a")
    deliver_now()
    Referral.objects.update(receipt="unverified")
    gameball.configure(api_key="another")
    with pytest.raises(CommandError, match="its referrals could not be read back"):
        run()
    assert Referral.objects.get().receipt == "unverified"


def test_accounts_have_watermarks_of_their_own(settings: Any) -> None:
    settings.GAMEBALL_REFERRALS = {**settings.GAMEBALL_REFERRALS, "ADAPTER": "hooks.test_reconcile.BySite"}
    Account.objects.create(key="second", installed_at=timezone.now() - timedelta(days=1))
    users("second-old", "first-old", date_joined=timezone.now() - timedelta(days=2))
    users("second-new")
    reconcile.reconcile()
    assert sorted(Delivery.objects.values_list("account_id", flat=True)) == ["default", "second"]


class BySite(DefaultAdapter):
    def get_account(self, user: Any) -> str:
        return "second" if user is not None and user.username.startswith("second") else "default"


def test_sweeps_go_on_where_the_last_one_was() -> None:
    now = timezone.now()
    (bo,) = users("bo", date_joined=now - timedelta(hours=20))
    first = reconcile.sweep_if_due(now)
    assert first is not None
    assert first.customers == 1
    assert reconcile.sweep_if_due(now + timedelta(minutes=4)) is None
    Delivery.objects.all().delete()
    (li,) = users("li", date_joined=now - timedelta(minutes=50))
    second = reconcile.sweep_if_due(now + timedelta(minutes=6))
    assert second is not None
    assert told() == [("createCustomer", str(li.pk))]
    assert str(bo.pk) != str(li.pk)


def test_after_days_without_a_sender_the_sweep_looks_back_as_long() -> None:
    Account.objects.update(swept_at=timezone.now() - timedelta(days=3))
    (bo,) = users("bo", date_joined=timezone.now() - timedelta(days=3))
    reconcile.sweep_if_due()
    assert told() == [("createCustomer", str(bo.pk))]


def test_a_sweep_that_fails_is_not_done() -> None:
    users("bo")
    with pytest.MonkeyPatch.context() as patch, pytest.raises(ZeroDivisionError):
        patch.setattr(reconcile.outbox, "write", lambda rows: 1 / 0)
        reconcile.sweep_if_due()
    findings = reconcile.sweep_if_due()
    assert findings is not None
    assert findings.customers == 1


def test_a_referral_that_no_delivery_will_settle_gets_a_receipt(gameball: Emulator) -> None:
    with visit():
        bo, li = (User.objects.create_user(name) for name in ("bo", "li"))
    deliver_now()
    with visit():
        User.objects.create_user("waits")
        Order.objects.create(number="A-1", email="guest@example.com", total=Decimal("9.90"))
    # Such as an id that somebody had before: its creation stood already.
    Referral.objects.filter(customer_id__in=[str(bo.pk), str(li.pk)]).update(receipt="", settled_at=None)
    assert reconcile.sweep().orphaned == 0
    Referral.objects.update(registered_at=timezone.now() - timedelta(hours=2))
    assert reconcile.sweep().orphaned == 2
    assert sorted(Referral.objects.values_list("receipt", flat=True)) == ["", "unverified", "unverified"]
    assert "2 referral(s) without a clear receipt were read back: they are linked." in run()


def sending() -> Sender:
    sender = Sender()
    sender._sweep_at = 0.0  # as after a minute
    return sender


def test_a_sender_sweeps(gameball: Emulator) -> None:
    (bo,) = users("bo")
    sending().drain()
    assert told() == [("createCustomer", str(bo.pk))]
    deliver_now()
    assert str(bo.pk) in known(gameball)


def test_a_sweep_that_fails_holds_up_no_delivery(
    gameball: Emulator, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    bo = User.objects.create_user("bo")
    monkeypatch.setattr(reconcile, "sweep", lambda since: 1 / 0)
    sending().drain()
    assert str(bo.pk) in known(gameball)
    assert "The search for what the hooks missed failed." in caplog.text
