"""The page "Referrals" in Oscar's dashboard, and its link in the menu."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.conf import settings
from django.db.models import Sum
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import NoReverseMatch, reverse, reverse_lazy
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_safe
from oscar.views.decorators import check_permissions, permissions_required

from gameball_referrals import courier
from gameball_referrals.django import conf
from gameball_referrals.django.models import DEFAULT_ACCOUNT, Ledger, Receipt, Referral, Tally

URL_NAME = "gameball:oscar-referrals"
STAFF = ["is_staff"]
WAITING = "waiting"
"""In the URL, where a receipt that isn't there yet would be empty."""
DAYS = 30
PAGE = 25
COUNTED = 1_000
"""How far waiting referrals are counted."""

BADGES = {
    Receipt.PENDING: "badge-info",
    Receipt.LINKED: "badge-success",
    Receipt.UNVERIFIED: "badge-warning",
}


def add_to_menu() -> None:
    """Put the page under "Customers" in the dashboard's menu, unless the shop has put it somewhere itself."""
    menu: list[dict[str, Any]] = settings.OSCAR_DASHBOARD_NAVIGATION  # type: ignore[misc]
    if any(URL_NAME in (entry.get("url_name"), *_children(entry)) for entry in menu):
        return
    entry = {"label": _("Referrals"), "url_name": URL_NAME, "access_fn": may_see}
    for heading in menu:
        if "dashboard:users-index" in _children(heading):
            heading["children"].append(entry)
            return
    menu.append({**entry, "icon": "fas fa-user-friends"})


def may_see(user: Any, *_: Any) -> bool:
    """Tell who sees the page, as Oscar tells for its own: staff; nobody while the shop has not included its URL."""
    try:
        reverse(URL_NAME)
    except NoReverseMatch:
        return False
    return bool(check_permissions(user, STAFF))


@require_safe
@permissions_required(STAFF, login_url=reverse_lazy("dashboard:login"))  # type: ignore[untyped-decorator]
def referrals(request: HttpRequest) -> HttpResponse:
    """Show what became of the friends whom customers sent: sums, what holds them up, and each with its reason."""
    account = request.GET.get("account", "").replace("\0", "") or DEFAULT_ACCOUNT
    receipt = request.GET.get("receipt")
    rows = Referral.objects.filter(account_id=account).order_by("-registered_at", "-pk")
    if receipt == WAITING:
        rows = rows.filter(receipt=Receipt.PENDING)
    elif receipt in Receipt.values:
        rows = rows.filter(receipt=receipt)
    page = request.GET.get("page", "1")
    number = max(1, min(int(page), COUNTED // PAGE)) if page.isdecimal() and len(page) < 10 else 1
    # One more than is shown tells whether there is a next page; nothing is counted.
    found = list(rows[(number - 1) * PAGE : number * PAGE + 1])
    return render(
        request,
        "gameball/oscar/referrals.html",
        {
            "sums": _sums(account),
            "holds": _holds(account),
            "referrals": [_shown(request, referral) for referral in found[:PAGE]],
            "tabs": [(None, _("All")), *((value or WAITING, label) for value, label in Receipt.choices)],
            "receipt": receipt,
            "account": account,
            "number": number,
            "has_next": len(found) > PAGE,
            "days": DAYS,
            "admin_url": _admin_url(request, "admin:gameball_referral_changelist"),
        },
    )


def _children(entry: dict[str, Any]) -> list[Any]:
    return [child.get("url_name") for child in entry.get("children", [])]


def _sums(account: str) -> list[tuple[Any, int, str]]:
    since = timezone.now().date() - timedelta(days=DAYS)
    tallies = Tally.objects.filter(account_id=account, day__gte=since)
    told = dict(tallies.values_list("what").annotate(Sum("count")))
    waiting = Referral.objects.filter(account_id=account, receipt=Receipt.PENDING).values("pk")[:COUNTED].count()
    not_counted = (Receipt.ALREADY_REFERRED, Receipt.REJECTED, Receipt.LOST, Receipt.UNVERIFIED)
    return [
        (_("Referred friends"), told.get("registered", 0) + waiting, ""),
        (_("Linked"), told.get(Receipt.LINKED, 0), "text-success"),
        (_("Did not count"), sum(told.get(receipt, 0) for receipt in not_counted), ""),
        (_("On their way"), waiting, "text-info" if waiting else ""),
    ]


def _holds(account: str) -> list[str]:
    ledger = Ledger.objects.filter(account_id=account).first()
    if ledger is None:
        return []
    status = courier.status(ledger.state, timezone.now(), conf.get().LIMIT_WINDOWS_DIVISOR)
    sentences = courier.reasons()
    return list(dict.fromkeys(sentences.get(hold.reason, hold.kind) for hold in status.holds))


def _shown(request: HttpRequest, referral: Referral) -> dict[str, Any]:
    return {
        "referral": referral,
        # A guest's is a digest: its beginning tells it from the others on a page.
        "name": referral.customer_id[:14] + "…" if referral.guest else referral.customer_id,
        "badge": BADGES.get(Receipt(referral.receipt), "badge-secondary"),
        "reason": courier.reasons().get(referral.reason, referral.reason),
        "url": _admin_url(request, "admin:gameball_referral_change", referral.pk),
    }


def _admin_url(request: HttpRequest, name: str, *arguments: Any) -> str | None:
    """Return a page of Django's admin, where it is installed and open to this user."""
    if not request.user.has_perm("gameball.view_referral"):
        return None
    try:
        return reverse(name, args=arguments)
    except NoReverseMatch:
        return None
