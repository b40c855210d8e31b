"""The shop's rows as the core takes them. No query."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.utils.dateparse import parse_datetime

from gameball_referrals.courier import CallRecord, DeliveryRecord, ReferralRecord
from gameball_referrals.django.models import Delivery, Referral


def referral(row: Referral) -> ReferralRecord:
    """Return a friend's referral."""
    return ReferralRecord(
        referrer_code=row.referrer_code,
        registered_at=row.registered_at,
        deadline_at=row.deadline_at,
        source=row.source,
        claimed_at=row.claimed_at,
        guest=row.guest,
        receipt=str(row.receipt) or None,
        reason=row.reason or None,
        late_by=row.late_by,
        acknowledged_at=row.acknowledged_at,
        settled_at=row.settled_at,
    )


def delivery(row: Delivery) -> DeliveryRecord:
    """Return a delivery with its calls."""
    return DeliveryRecord(
        id=row.pk,
        operation=row.operation,
        state=str(row.state),
        created_at=row.created_at,
        due_at=row.due_at,
        bucket=row.bucket,
        lease_until=row.lease_until,
        settled_at=row.settled_at,
        order_id=row.order_id or None,
        error_kind=row.error_kind or None,
        gameball_code=row.gameball_code,
        request_id=row.request_id or None,
        history=[_call(call) for call in row.history],
    )


def _call(call: dict[str, Any]) -> CallRecord:
    return CallRecord(
        operation=str(call.get("operation") or ""),
        at=call_time(call),
        outcome=call.get("outcome"),
        status=call.get("status"),
        gameball_code=call.get("gameball_code"),
        request_id=call.get("request_id") or None,
        kind=call.get("kind") or None,
    )


def call_time(call: dict[str, Any]) -> datetime | None:
    """Read when a call of a delivery's history was made."""
    try:
        at = parse_datetime(str(call.get("at") or ""))
    except ValueError:
        return None
    return at if at is not None and at.utcoffset() is not None else None
