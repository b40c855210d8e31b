"""Referrals in the admin: the list by receipt, and the answer to *why did this friend (not) count?*."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from django.contrib import admin
from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.urls import URLPattern, path
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from gameball_referrals.django.models import Delivery, Receipt, Referral

from . import customers, health, links, show, texts
from .evidence import Evidence, explain
from .lists import AccountFilter, ReadOnlyAdmin, account_keys

NO_RECEIPT = "none"
RECEIPT = "receipt"

SHOWN = 50
"""How many of a customer's deliveries the evidence looks at."""


class ReceiptFilter(admin.SimpleListFilter):
    """By what came of the referral."""

    title = gettext_lazy("receipt")
    parameter_name = RECEIPT

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        """Return the receipts; "on its way" is empty in the database, and cannot be in a URL."""
        return [(value or NO_RECEIPT, label) for value, label in Receipt.choices]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Referral]) -> QuerySet[Referral]:
        """Narrow to one receipt, by the index that begins with the account."""
        value = "" if self.value() == NO_RECEIPT else self.value()
        if value not in Receipt.values:
            return queryset
        return queryset.filter(account_id__in=account_keys(request), receipt=value)


@admin.register(Referral)
class ReferralAdmin(ReadOnlyAdmin):
    """Friends who came with a code."""

    list_display = ("friend", "referrer_code", "outcome", "why", "registered")
    list_filter = (ReceiptFilter, AccountFilter)
    search_help_text = gettext_lazy(
        "The friend's whole customer id, or the whole code of whoever referred them, exactly as it is written."
    )
    actions = None
    change_list_template = "admin/gameball/referral/change_list.html"
    change_form_template = "admin/gameball/referral/change_form.html"

    def get_ordering(self, request: HttpRequest) -> Any:
        """Return newest first, as an index gives it."""
        if request.GET.get(RECEIPT) and (request.GET.get("account") or len(account_keys(request)) == 1):
            return ["-registered_at", "-id"]
        return ["-id"]

    def search_conditions(self, request: HttpRequest, term: str) -> Iterable[Q]:
        """Find a friend, or all friends of a referrer."""
        yield Q(account_id__in=account_keys(request), customer_id=term)
        yield Q(account_id__in=account_keys(request), referrer_code=term)

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        """Say what the page shows."""
        return super().changelist_view(request, {"title": _("Referred friends"), **(extra_context or {})})

    @admin.display(description=gettext_lazy("friend"))
    def friend(self, referral: Referral) -> str:
        """Name the customer who was referred."""
        return str(referral.customer_id)

    @admin.display(description=gettext_lazy("receipt"))
    def outcome(self, referral: Referral) -> SafeString:
        """Show the receipt."""
        return show.badge(referral.get_receipt_display(), texts.RECEIPT_TONES.get(referral.receipt, "quiet"))

    @admin.display(description=gettext_lazy("why"))
    def why(self, referral: Referral) -> Any:
        """Say why in plain words."""
        if referral.reason == "late" and referral.late_by:
            return _("%(time)s too late") % {"time": show.span(referral.late_by)}
        if referral.reason:
            return texts.BRIEFLY.get(referral.reason) or texts.reason(referral.reason).why
        if referral.receipt == Receipt.PENDING:
            now = timezone.now()
            if referral.deadline_at > now:
                return format_html("{} {}", _("links until"), show.moment(referral.deadline_at, now))
            return format_html('<span class="gb-text-bad">{}</span>', _("the time to link has ended"))
        return show.NOTHING

    @admin.display(description=gettext_lazy("registered"))
    def registered(self, referral: Referral) -> SafeString:
        """Show when."""
        return show.moment(referral.registered_at, timezone.now(), brief=True)

    # --- One referral -----------------------------------------------------------------------------------------

    def get_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        """Return no field of the model: the page is written by its template."""
        return ()

    def render_change_form(self, request: HttpRequest, context: Any, *args: Any, **kwargs: Any) -> HttpResponse:
        """Show the evidence."""
        referral: Referral = kwargs["obj"]
        now = timezone.now()
        context["gb"] = page(request, referral.account_id, referral.customer_id, referral, now)
        context["title"] = _("Why did this friend (not) count?")
        context["subtitle"] = _("Customer %(customer)s") % {"customer": referral.customer_id}
        return super().render_change_form(request, context, *args, **kwargs)

    def get_urls(self) -> list[URLPattern]:
        """Add the page that looks up any customer."""
        lookup = self.admin_site.admin_view(self.customer_view)
        return [path("customer/", lookup, name="gameball_referral_customer"), *super().get_urls()]

    def customer_view(self, request: HttpRequest) -> HttpResponse:
        """Answer for any customer, referred or not."""
        return customers.view(self, request)


def page(
    request: HttpRequest, account: str | None, customer_id: str, referral: Referral | None, now: datetime
) -> dict[str, Any]:
    """Gather a customer's evidence: a bounded number of queries."""
    deliveries = list(
        reversed(
            Delivery.objects.filter(account_id=account, customer_id=customer_id)
            .order_by("-id")
            .defer("arguments", "progress", "lease_token", "dedupe_key")[:SHOWN]
        )
    )
    condition = health.of_named(account, now)
    found: Evidence = explain(referral, deliveries, condition, now, ahead=_ahead(deliveries, now))
    may_see = request.user.has_perm("gameball.view_delivery") or request.user.has_perm("gameball.change_delivery")
    return {
        "account": account,
        "customer_id": customer_id,
        "tone": found.tone,
        "headline": found.verdict,
        "why": found.why,
        "advice": links.resolve(found.advice),
        "steps": [
            {
                "at": show.moment(step.at, now) if step.at and not step.now else "",
                "title": step.title,
                "detail": step.detail,
                "tone": step.tone,
                "request_id": show.copyable(step.request_id) if step.request_id else "",
                "now": step.now,
            }
            for step in found.steps
        ],
        "facts": _facts(referral, now) if referral else [],
        "deliveries": [
            {
                "url": links.delivery(one.pk),
                "call": texts.operation(one.operation),
                "order": one.order_id,
                "state": show.badge(one.get_state_display(), texts.STATE_TONES.get(one.state, "quiet")),
                "at": show.moment(one.settled_at or one.created_at, now),
            }
            for one in deliveries
        ]
        if may_see
        else [],
    }


def _ahead(deliveries: Sequence[Delivery], now: datetime) -> int | None:
    """Count, up to a bound, what is sent before the customer's first waiting delivery."""
    first = next((one for one in deliveries if one.state == Delivery.State.PENDING), None)
    if first is None or first.due_at > now:
        return None
    waiting = Delivery.objects.filter(account_id=first.account_id, state=Delivery.State.PENDING, due_at__lte=now)
    sooner = Q(priority__lt=first.priority) | Q(priority=first.priority, deadline_at__lt=first.deadline_at)
    return waiting.filter(sooner).order_by().values("pk")[:1000].count()


def _facts(referral: Referral, now: datetime) -> list[tuple[str, Any]]:
    facts: list[tuple[str, Any]] = [
        (_("Friend"), show.copyable(referral.customer_id)),
        (_("Referrer's code"), show.copyable(referral.referrer_code)),
        (_("Receipt"), show.badge(referral.get_receipt_display(), texts.RECEIPT_TONES.get(referral.receipt, "quiet"))),
        (_("Came by"), texts.SOURCES.get(referral.source, referral.source) or show.NOTHING),
        (_("Account"), referral.account_id),
    ]
    if referral.guest:
        facts.append((_("Guest"), _("yes, ordered without an account")))
    return facts
