"""The app's public endpoints: capture for cached pages, lookups of typed codes, own links, the widget, webhooks."""

from __future__ import annotations

import json
import logging
from datetime import datetime, timedelta, timezone
from typing import Any, Final

from django.conf import settings as django_settings
from django.db import transaction
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils.dateparse import parse_datetime
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_GET, require_POST

from gameball_referrals import GameballError, verify_webhook
from gameball_referrals._defaults import VISIT_LIMITS
from gameball_referrals._visits import decide

from . import accounts, caching, capture, conf, lookup, profiles, throttle, widget
from .models import Account, Receipt

logger = logging.getLogger(__name__)

MAX_TOLD: Final[int] = VISIT_LIMITS["max_told"]
MAX_WEBHOOK: Final = 64 * 1024
WEBHOOK_MAX_AGE: Final = timedelta(hours=3)
"""Gameball repeats a webhook for 85 minutes; an older one is somebody else's."""
WEBHOOK_MAX_AHEAD: Final = timedelta(minutes=5)


# Exempt from CSRF tokens, since a page from a shared cache has none of this visitor's. Instead the browser must say
# that the shop's own page calls, by JSON, which no form of another site can send.
@never_cache
@csrf_exempt
@require_POST
def capture_code(request: HttpRequest) -> HttpResponse:
    """Take the query of a cached page's URL (``{"query": "?ref=CODE"}``) and keep its code as the middleware would."""
    query = _told(request, "query", MAX_TOLD)
    if query is None:
        return JsonResponse({"captured": False}, status=400)
    if not throttle.allows(request, "capture", VISIT_LIMITS["captures_per_minute"]):
        return JsonResponse({"captured": False}, status=429)
    capture.note_code(request, capture.code_in(query))
    claim = capture.claim_of(request)
    response = JsonResponse({"captured": claim is not None})
    if capture.remember(request, response) and claim is not None:
        until = (claim.claimed_at or datetime.now(timezone.utc)) + conf.get().CLAIM_MAX_AGE
        content = json.dumps({"captured": True, "until": int(until.timestamp() * 1000)})
        response.content = content.encode()
    return response


@never_cache
@csrf_exempt
@require_POST
@transaction.non_atomic_requests
def validate_code(request: HttpRequest) -> HttpResponse:
    """Say whether a typed code (``{"code": "CODE"}``) is ``valid``, ``invalid`` or ``unknown``; never whose it is.

    It changes nothing, so it needs no CSRF token; sign-up doesn't wait for it and works without it.
    """
    code = _told(request, "code", MAX_TOLD)
    if code is None:
        return JsonResponse({"result": "unknown"}, status=400)
    code = capture.code_typed(code) or ""
    if not code:
        return JsonResponse({"result": "invalid"})
    if not throttle.allows(request, "validate", VISIT_LIMITS["validations_per_minute"]):
        return JsonResponse({"result": "unknown"}, status=429)
    return JsonResponse({"result": lookup.validate(code)})


@never_cache
@require_GET
def own_referrals(request: HttpRequest) -> HttpResponse:
    """Answer a storefront of its own: the customer's code, link and friends; nulls while they are asked for."""
    customer = profiles.customer_of(getattr(request, "user", None))
    if customer is None:
        return JsonResponse({"code": None, "link": None, "friends": None}, status=401)
    profile = profiles.profile_for(customer.id, account=customer.account)
    code = profile.referral_code if profile else ""
    friends = {"linked": 0, "pending": 0}
    if code:
        friends["linked"] = profiles.friends_of(code, account=customer.account)
        friends["pending"] = profiles.friends_of(code, account=customer.account, receipt=Receipt.PENDING)
    link = profiles.link_of(profile, request)
    return JsonResponse({"code": code or None, "link": link or None, "friends": friends})


@never_cache
@require_GET
def widget_config(request: HttpRequest) -> HttpResponse:
    """Answer a page that waits for the widget: its configuration once the customer is known at Gameball."""
    if not throttle.allows(request, "widget", 60):
        return JsonResponse({"ready": False}, status=429)
    user = getattr(request, "user", None)
    if profiles.customer_of(user) is None:
        return JsonResponse({"ready": False}, status=404)
    config = widget.config_for(request) if widget.may_start(user) else None
    return JsonResponse({"ready": True, **config} if config else {"ready": False})


@never_cache
@csrf_exempt
@require_POST
def webhook(request: HttpRequest, account: str) -> HttpResponse:
    """Take a webhook of Gameball's. Its signature stands in for a CSRF token.

    One that came before does nothing, and is told so by a success, which ends Gameball's honest repetitions.
    """
    body = request.read(MAX_WEBHOOK + 1)
    if len(body) > MAX_WEBHOOK:
        return HttpResponse(status=413)
    row = Account.objects.filter(pk=account).first()
    secret_key = _secret_key(row)
    signature = request.headers.get("X-GB-Signature", "")
    # One answer, whether the account is missing, has no key, or the signature is wrong.
    if row is None or secret_key is None or not verify_webhook(body, signature, secret_key):
        return HttpResponse(status=403)
    try:
        event = json.loads(body)
        created_at = _moment(event["created_at"])
        age = datetime.now(timezone.utc) - created_at
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError):
        return HttpResponse(status=400)
    if not -WEBHOOK_MAX_AHEAD <= age <= WEBHOOK_MAX_AGE:
        return HttpResponse(status=403)
    seen = caching.key("webhook", account, signature.lower())
    if caching.get(seen):
        return HttpResponse("Received before.", content_type="text/plain")
    if event.get("event") == "customer.profile.updated":
        _profile_updated(event, row.pk, created_at)
    # After storing, and for as long as the time alone would let it in again.
    caching.put(seen, True, WEBHOOK_MAX_AGE + WEBHOOK_MAX_AHEAD)
    return HttpResponse(status=204)


def _profile_updated(event: dict[str, Any], account: str, created_at: datetime) -> None:
    customer_id, data = _text(event.get("customer_id"), 255), event.get("data")
    if customer_id is None or not isinstance(data, dict):
        return
    # What was stored later stays, so that neither a replay nor a late repetition turns anything back.
    profiles.update(
        customer_id,
        account=account,
        at=min(created_at, datetime.now(timezone.utc)),
        referral_code=_text(data.get("referral_code"), 255),
        referral_link=_text(data.get("referral_link"), 2000),
        gameball_id=_number(event.get("gb_customer_id")),
        is_referred=data.get("is_referred") if isinstance(data.get("is_referred"), bool) else None,
    )


def _moment(text: str) -> datetime:
    """Read a time; one without a zone is in UTC, as all of Gameball's are."""
    moment = parse_datetime(text)
    if moment is None:
        raise ValueError("no time")
    return moment if moment.tzinfo else moment.replace(tzinfo=timezone.utc)


def _text(value: Any, longest: int) -> str | None:
    return value if isinstance(value, str) and 0 < len(value) <= longest and value.isprintable() else None


def _number(value: Any) -> int | None:
    return value if isinstance(value, int) and 0 < value < 2**63 else None


def _secret_key(row: Account | None) -> str | None:
    try:
        credentials = accounts.credentials(row) if row else None
    except GameballError as error:
        logger.error("A webhook can't be verified: %s", error)
        return None
    return credentials.secret_key if credentials else None


def _told(request: HttpRequest, name: str, longest: int) -> str | None:
    """Return a text of the JSON that the shop's own page sent; None where it isn't one, or another site asks."""
    if not _is_own_page(request) or request.content_type != "application/json":
        return None
    body = request.read(longest + 1)
    if len(body) > longest:
        return None
    try:
        value = json.loads(body)[name]
    except (ValueError, TypeError, KeyError, RecursionError):
        return None
    return value if isinstance(value, str) else None


def _is_own_page(request: HttpRequest) -> bool:
    return bool(
        decide(
            "isOwnPage",
            secFetchSite=request.headers.get("Sec-Fetch-Site"),
            origin=request.headers.get("Origin"),
            host=request.get_host(),
            trustedOrigins=list(django_settings.CSRF_TRUSTED_ORIGINS),
        )
    )
