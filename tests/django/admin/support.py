"""Rows as the engine would leave them, for the tests of the admin and its browser tests."""

from __future__ import annotations

import json
import random
from collections import Counter
from datetime import datetime, timedelta
from typing import Any

from django.utils import timezone
from gameball_referrals import courier
from gameball_referrals.django import accounts
from gameball_referrals.django.models import Account, Delivery, Ledger, Receipt, Referral, Tally

API_KEY = "gb_test_api_key"
SECRET_KEY = "gb_test_secret_key_0123456789abc"

WINDOW = timedelta(minutes=5)


def account(**values: Any) -> Account:
    """Give the default account keys of its own."""
    row, _new = Account.objects.get_or_create(pk="default")
    for name, value in values.items():
        setattr(row, name, value)
    accounts.set_keys(row, api_key=API_KEY, secret_key=SECRET_KEY)
    row.save()
    return row


def call(operation: str, at: datetime, outcome: str = "applied", **answer: Any) -> dict[str, Any]:
    """One entry of a delivery's history."""
    return {
        "at": at.isoformat(),
        "operation": operation,
        "outcome": outcome,
        "status": answer.get("status", 200),
        "gameball_code": answer.get("gameball_code"),
        "request_id": answer.get("request_id", ""),
        "kind": answer.get("kind"),
        "reason": answer.get("reason"),
    }


def delivery(customer: str, operation: str = "createCustomer", **values: Any) -> Delivery:
    """Write a delivery."""
    created = values.pop("created_at", timezone.now())
    order = values.get("order_id", "")
    key = {"createCustomer": f"c:{customer}", "trackOrder": f"f:{customer}", "deleteCustomer": f"d:{customer}"}[
        operation
    ]
    defaults: dict[str, Any] = {
        "customer_id": customer,
        "operation": operation,
        "dedupe_key": key,
        "arguments": json.dumps({"customerId": customer, "email": "private@example.org"}),
        "priority": {"createCustomer": 2, "trackOrder": 3}.get(operation, 4),
        "deadline_at": created + WINDOW,
        "due_at": created,
        "created_at": created,
        "order_id": order,
        "bucket": operation if operation in ("createCustomer", "trackOrder") else "other",
    }
    if values.get("state") in (Delivery.State.APPLIED, Delivery.State.CANCELLED):
        defaults["arguments"] = ""
    return Delivery.objects.create(**{**defaults, **values})


def referral(customer: str, **values: Any) -> Referral:
    """Write a referral."""
    registered = values.pop("registered_at", timezone.now())
    defaults: dict[str, Any] = {
        "customer_id": customer,
        "referrer_code": "ANNA1",
        "source": "visit",
        "claimed_at": registered - timedelta(hours=3),
        "registered_at": registered,
        "deadline_at": registered + WINDOW,
    }
    return Referral.objects.create(**{**defaults, **values})


def refused_ledger(
    row: Account, *, now: datetime, wrong_key: str = "gb_test_wrong_key_0000000000000000", url: str
) -> None:
    """Let Gameball (the emulator at ``url``) refuse a key, and keep what the ledger learns from it."""
    accounts.set_keys(row, api_key=wrong_key)
    row.base_url = url
    row.save()
    credentials = accounts.credentials(row)
    assert credentials
    sender = courier.Courier(credentials.api_key, credentials.secret_key, **credentials.options)
    prepared = courier.prepare("createCustomer", {"customer_id": "held"}, now=now)
    verdicts = sender.deliver([courier.Delivery(id=1, operation="createCustomer", arguments=prepared.arguments)])
    assert verdicts[0].outcome == "hold", verdicts
    ledger, _new = Ledger.objects.get_or_create(account=row)
    ledger.state = sender.record(ledger.state, now, verdicts)
    ledger.save()
    sender.close()


def lived_in(now: datetime | None = None) -> None:
    """Fill the shop with three months of life."""
    now = now or timezone.now()
    draw = random.Random(7)
    account()
    codes = ["ANNA1", "MARCO77", "LUCIA-X", "TOM2024", "Zoë9"]
    day, number = 89, 4100
    while day >= 0:
        counts: Counter[str] = Counter()
        for _friend in range(draw.randint(0, 3 if day > 40 else 7)):
            number += 1
            receipt, reason = draw.choices(
                [
                    (Receipt.LINKED, "by_registration"),
                    (Receipt.LINKED, "by_order"),
                    (Receipt.ALREADY_REFERRED, "already_referred"),
                    (Receipt.REJECTED, "code_not_valid"),
                    (Receipt.LOST, "not_linked"),
                    (Receipt.LOST, "late"),
                    (Receipt.UNVERIFIED, "read_back_failed"),
                ],
                [60, 6, 8, 10, 5, 6 if day in (33, 34) else 1, 2],
            )[0]
            counts[receipt] += 1
            counts["registered"] += 1
            counts["late"] += reason == "late"
            if day < 12:
                registered = now - timedelta(days=day, hours=draw.randint(0, 9), minutes=draw.randint(20, 59))
                _settled(str(number), draw.choice(codes), receipt, reason, registered)
        for _customer in range(draw.randint(3, 12)):
            counts["applied"] += 1
        today = now.date() - timedelta(days=day)
        Tally.objects.bulk_create(
            [Tally(account_id="default", day=today, what=what, count=count) for what, count in counts.items() if count]
        )
        day -= 1
    for number, (receipt, reason) in enumerate(
        [
            (Receipt.LINKED, "by_registration"),
            (Receipt.LOST, "late"),
            (Receipt.REJECTED, "code_not_valid"),
            (Receipt.LOST, "not_linked"),
            (Receipt.ALREADY_REFERRED, "already_referred"),
            (Receipt.UNVERIFIED, "read_back_failed"),
        ]
    ):
        _settled(str(4901 + number), codes[number % 5], receipt, reason, now - timedelta(minutes=47 + 31 * number))
    _failed(now)
    _waiting(now)
    ledger = ""
    for spread in range(12):
        ledger = (
            courier.Courier(API_KEY, SECRET_KEY)
            .reserve(
                ledger,
                now - timedelta(seconds=24 - 2 * spread),
                {"createCustomer": 14, "getCustomer": 12, "trackOrder": 5, "other": 1},
            )
            .ledger
        )
    Ledger.objects.update_or_create(account_id="default", defaults={"state": ledger})


def _settled(customer: str, code: str, receipt: str, reason: str, registered: datetime) -> None:
    late = timedelta(minutes=6, seconds=12) if reason == "late" else timedelta()
    sent = registered + (WINDOW + late if late else timedelta(seconds=0.4))
    settled = sent + timedelta(seconds=0.7)
    referral(
        customer,
        referrer_code=code,
        registered_at=registered,
        receipt=receipt,
        reason=reason,
        late_by=late or None,
        acknowledged_at=sent,
        settled_at=settled,
        source="field" if reason == "code_not_valid" else "visit",
        claimed_at=registered if reason == "code_not_valid" else registered - timedelta(hours=5, minutes=3),
    )
    history = []
    if late:
        history += [
            call(
                "createCustomer",
                registered + timedelta(seconds=at),
                "retry",
                status=503,
                gameball_code=5003,
                kind="server",
                request_id=f"0HN-{customer}-{at}",
            )
            for at in (1, 3, 8, 40, 100, 190, 300, 420)
        ]
    history.append(call("createCustomer", sent, "continue"))
    history.append(
        call(
            "getCustomer",
            sent + timedelta(seconds=0.2),
            "continue" if reason in ("code_not_valid", "not_linked", "late") else "applied",
        )
    )
    if reason in ("code_not_valid", "not_linked", "late"):
        history.append(call("validateReferrerCode", sent + timedelta(seconds=0.4)))
    delivery(
        customer,
        created_at=registered,
        priority=0,
        state=Delivery.State.APPLIED,
        attempts=8 if late else 1,
        acknowledged_at=sent,
        settled_at=settled,
        history=history,
    )
    if receipt == Receipt.LINKED:
        paid = registered + timedelta(minutes=14)
        delivery(
            customer,
            "trackOrder",
            order_id=f"2026-{customer}",
            created_at=paid,
            state=Delivery.State.APPLIED,
            attempts=1,
            settled_at=paid + timedelta(seconds=0.3),
            history=[call("trackOrder", paid + timedelta(seconds=0.2))],
        )


def _failed(now: datetime) -> None:
    at = now - timedelta(hours=7)
    delivery(
        "5001",
        created_at=at,
        state=Delivery.State.DEAD,
        attempts=1,
        settled_at=at + timedelta(seconds=1),
        error_kind="conflict",
        error_message="the e-mail address belongs to another customer",
        status=422,
        gameball_code=3008,
        request_id="0HN7Q2K4M8E1B:00000003",
        history=[
            call(
                "createCustomer",
                at + timedelta(seconds=1),
                "dead",
                status=422,
                gameball_code=3008,
                kind="conflict",
                reason="conflict",
                request_id="0HN7Q2K4M8E1B:00000003",
            )
        ],
    )
    at = now - timedelta(days=2, hours=3)
    delivery(
        "5002",
        "trackOrder",
        order_id="2026-5002",
        created_at=at,
        state=Delivery.State.DEAD,
        attempts=12,
        settled_at=at + timedelta(hours=2),
        error_kind="server",
        error_message="Gameball failed",
        status=503,
        gameball_code=5003,
        request_id="0HN7Q2K4M8E1B:00000411",
        history=[
            call(
                "trackOrder",
                at + timedelta(minutes=n * 9),
                "retry" if n < 11 else "dead",
                status=503,
                gameball_code=5003,
                kind="server",
                reason="server_failed" if n < 11 else "attempts_exhausted",
                request_id=f"0HN7Q2K4M8E1B:000004{n:02}",
            )
            for n in range(12)
        ],
    )


def _waiting(now: datetime) -> None:
    # A referred friend whose creation failed twice, and waits for its next try.
    registered = now - timedelta(seconds=48)
    referral("6001", registered_at=registered, referrer_code="MARCO77")
    delivery(
        "6001",
        created_at=registered,
        priority=0,
        attempts=2,
        due_at=now + timedelta(seconds=14),
        error_kind="timeout",
        error_message="no answer within 10 seconds",
        history=[
            call("createCustomer", registered + timedelta(seconds=10), "retry", status=None, kind="timeout"),
            call("createCustomer", registered + timedelta(seconds=22), "retry", status=None, kind="timeout"),
        ],
    )
    referral("6002", registered_at=now - timedelta(seconds=2), referrer_code="ANNA1", source="state")
    delivery(
        "6002",
        created_at=now - timedelta(seconds=2),
        priority=0,
        state=Delivery.State.IN_FLIGHT,
        lease_token="t",
        lease_until=now + timedelta(minutes=1),
    )
    delivery("6003", created_at=now - timedelta(seconds=1))
    delivery("6004", "trackOrder", order_id="2026-6004", created_at=now - timedelta(seconds=1))
    delivery(
        "6007",
        created_at=now - timedelta(minutes=20),
        attempts=5,
        due_at=now + timedelta(minutes=12),
        error_kind="server",
        error_message="Gameball failed",
        status=500,
        gameball_code=5000,
        request_id="0HN7Q2K4M8E1B:00000777",
    )
    cancelled = now - timedelta(days=4)
    delivery("6005", created_at=cancelled, state=Delivery.State.CANCELLED, settled_at=cancelled + timedelta(hours=1))
    unreferred = now - timedelta(days=1)
    delivery(
        "6006",
        created_at=unreferred,
        state=Delivery.State.APPLIED,
        attempts=1,
        settled_at=unreferred + timedelta(seconds=1),
        history=[call("createCustomer", unreferred + timedelta(seconds=0.5))],
    )


def rush(now: datetime, friends: int) -> None:
    """Have more friends registered at once than Gameball takes in their five minutes."""
    Referral.objects.bulk_create(
        Referral(
            customer_id=f"r{n}", referrer_code="ANNA1", source="visit", registered_at=now, deadline_at=now + WINDOW
        )
        for n in range(friends)
    )
    Delivery.objects.bulk_create(
        Delivery(
            customer_id=f"r{n}",
            operation="createCustomer",
            dedupe_key=f"c:r{n}",
            arguments="{}",
            priority=0,
            bucket="createCustomer",
            created_at=now,
            due_at=now,
            deadline_at=now + WINDOW,
        )
        for n in range(friends)
    )
