"""The dashboard: what came of the referrals, what waits, and what an operator has to do.

Its cost does not depend on how much is settled.
"""

from __future__ import annotations

from collections import Counter
from datetime import datetime, timedelta, timezone
from typing import Any

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.db.models import Count, Min
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import URLPattern
from django.utils import timezone as django_timezone
from django.utils.translation import gettext as _

from gameball_referrals.courier import QueueRecord
from gameball_referrals.django.models import DEFAULT_ACCOUNT, Account, Dashboard, Delivery, Receipt, Referral, Tally

from . import chart, health, links, show, texts
from .customers import LookupForm
from .health import Health
from .lists import COUNTED, account_keys
from .waiting import alerts

PERIODS = (30, 90)
STACK = (Receipt.LINKED, Receipt.ALREADY_REFERRED, Receipt.UNVERIFIED, Receipt.REJECTED, Receipt.LOST)
"""From the bottom up."""

FORECAST = 10_000
"""Deadlines that the forecast looks at; at 12 a second, far more than five minutes take."""

FAILED = 5
"""Failed deliveries that are shown."""


@admin.register(Dashboard)
class DashboardAdmin(admin.ModelAdmin):  # type: ignore[type-arg]
    """One page, in the place of a list."""

    class Media:
        """The look."""

        css = {"all": ("gameball/admin.css",)}  # noqa: RUF012
        js = ("gameball/admin.js",)

    def has_module_permission(self, request: HttpRequest) -> bool:
        """Show the menu's entry to whoever may see it."""
        return self.has_view_permission(request)

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Whoever may see referrals."""
        return any(request.user.has_perm(f"gameball.{name}_referral") for name in ("view", "change"))

    def has_add_permission(self, request: HttpRequest) -> bool:
        """There is nothing to add."""
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """There is nothing to change."""
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """There is nothing to delete."""
        return False

    def get_urls(self) -> list[URLPattern]:
        """Return the page alone."""
        return [url for url in super().get_urls() if url.name == "gameball_dashboard_changelist"]

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        """Show the dashboard."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        now = django_timezone.now()
        keys = account_keys(request)
        chosen = request.GET.get("account", "")
        key = chosen if chosen in keys else (keys[0] if keys and DEFAULT_ACCOUNT not in keys else DEFAULT_ACCOUNT)
        days = PERIODS[1] if request.GET.get("days") == str(PERIODS[1]) else PERIODS[0]
        context = {
            **self.admin_site.each_context(request),
            "title": _("Referral dashboard"),
            "opts": self.opts,
            "media": self.media,
            "accounts": keys if len(keys) > 1 else [],
            "account": key,
            "days": days,
            "periods": PERIODS,
            "now": now,
            "lookup": LookupForm(initial={"account": key}, accounts=keys),
            "may_see_deliveries": _may_see_deliveries(request),
            **gather(key, now, days, failures=_may_see_deliveries(request)),
            **(extra_context or {}),
        }
        return TemplateResponse(request, "admin/gameball/dashboard.html", context)


def _may_see_deliveries(request: HttpRequest) -> bool:
    return any(request.user.has_perm(f"gameball.{name}_delivery") for name in ("view", "change"))


def gather(key: str, now: datetime, days: int, *, failures: bool) -> dict[str, Any]:
    """Gather an account's dashboard: a bounded number of queries, none over settled rows."""
    account = Account.objects.filter(pk=key).first() or Account(pk=key)
    condition = health.of(account, now)
    backlog = _backlog(key, now)
    forecast = _forecast(condition, key, now)
    period = _period(key, now, days)
    failed = _failed(key, now) if failures else {"count": 0, "rows": []}
    return {
        "alerts": _alerts(condition, backlog, forecast, failed, now),
        "backlog": backlog,
        "forecast": forecast,
        "failed": failed,
        "limits": _limits(condition, now),
        **period,
    }


def _period(key: str, now: datetime, days: int) -> dict[str, Any]:
    # Tallies are kept by days of UTC.
    last = now.astimezone(timezone.utc).date()
    rows = list(
        Tally.objects.filter(account_id=key, day__gt=last - timedelta(days=days), day__lte=last).values_list(
            "day", "what", "count"
        )
    )
    totals: Counter[str] = Counter()
    for _day, what, count in rows:
        totals[what] += count
    drawn = chart.stacked(rows, STACK, last, days)
    labels: dict[str, Any] = dict(Receipt.choices)
    settled = sum(totals[receipt] for receipt in STACK)
    # Tallies count a friend once there is a receipt.
    pending = Referral.objects.filter(
        account_id=key, receipt=Receipt.PENDING, registered_at__gte=now - timedelta(days=days)
    )
    return {
        "pending": pending.order_by().values("pk")[:FORECAST].count(),
        "chart": drawn,
        "bars": [(bar, _spoken(bar, labels)) for bar in drawn.bars if bar.total],
        "middle": drawn.bars[days // 2].day,
        "legend": [{"receipt": str(receipt), "label": labels[receipt], "count": totals[receipt]} for receipt in STACK],
        "rows": [
            {"day": bar.day, "total": bar.total, "counts": _counts(bar)} for bar in reversed(drawn.bars) if bar.total
        ],
        "registered": totals["registered"],
        "linked": totals[Receipt.LINKED],
        "linked_share": round(100 * totals[Receipt.LINKED] / settled) if settled else None,
        "late": totals["late"],
        "applied": totals["applied"],
    }


def _spoken(bar: chart.Bar, labels: dict[str, Any]) -> str:
    return ", ".join(f"{segment.count} {labels[segment.receipt]}" for segment in bar.segments)


def _counts(bar: chart.Bar) -> list[int]:
    found = {segment.receipt: segment.count for segment in bar.segments}
    return [found.get(receipt, 0) for receipt in STACK]


def _backlog(key: str, now: datetime) -> dict[str, Any]:
    open_states = (Delivery.State.PENDING, Delivery.State.IN_FLIGHT)
    found = {
        state: (count, oldest)
        for state, count, oldest in Delivery.objects.filter(account_id=key, state__in=open_states)
        .order_by()
        .values_list("state")
        .annotate(count=Count("pk"), oldest=Min("created_at"))
    }
    waiting, oldest = found.get(Delivery.State.PENDING, (0, None))
    due = (
        Delivery.objects.filter(account_id=key, state=Delivery.State.PENDING, due_at__lte=now)
        .order_by()
        .aggregate(first=Min("due_at"))["first"]
        if waiting
        else None
    )
    return {
        "waiting": waiting,
        "oldest": show.span(now - oldest) if oldest else "",
        "oldest_at": oldest,
        "due_since": due,
        "in_flight": found.get(Delivery.State.IN_FLIGHT, (0, None))[0],
    }


def _forecast(condition: Health, key: str, now: datetime) -> Any:
    deadlines = list(
        Delivery.objects.filter(
            account_id=key, state=Delivery.State.PENDING, bucket="createCustomer", priority=0, acknowledged_at=None
        )
        .order_by("deadline_at")
        .values_list("deadline_at", flat=True)[:FORECAST]
    )
    if not deadlines:
        return None
    return health.forecast(condition, now, deadlines)


def _failed(key: str, now: datetime) -> dict[str, Any]:
    failed = Delivery.objects.filter(account_id=key, state=Delivery.State.DEAD)
    count = failed.order_by().values("pk")[:COUNTED].count()
    rows = failed.order_by("-settled_at").only(
        "operation", "order_id", "customer_id", "account_id", "settled_at", "error_kind", "gameball_code", "status"
    )[:FAILED]
    return {
        "count": count,
        "capped": count >= COUNTED,
        "rows": [
            {
                "url": links.delivery(one.pk),
                "call": texts.operation(one.operation),
                "order": one.order_id,
                "customer": links.customer(one.account_id, one.customer_id),
                "why": texts.error(one.error_kind, one.gameball_code),
                "at": show.moment(one.settled_at, now, brief=True),
            }
            for one in (rows if count else [])
        ],
    }


def _limits(condition: Health, now: datetime) -> list[dict[str, Any]]:
    return [
        {
            "label": label,
            "use": condition.buckets[bucket],
            "paused": show.relative(until, now) if (until := condition.paused_until(bucket, now)) else "",
            "held": condition.held(bucket),
        }
        for bucket, label in texts.BUCKETS.items()
        if bucket in condition.buckets
    ]


# --- What an operator has to know -----------------------------------------------------------------------------


def _alerts(
    condition: Health, backlog: dict[str, Any], forecast: Any, failed: dict[str, Any], now: datetime
) -> list[dict[str, Any]]:
    queue = QueueRecord(
        forecast=forecast,
        due_since=backlog["due_since"],
        failed=failed["count"],
        failed_and_more=failed.get("capped", False),
    )
    return [
        {"tone": one.tone, "title": one.title, "text": one.why, "advice": links.resolve(one.advice)}
        for one in alerts(condition, now, queue)
    ]
