"""An instance installs the app: its token is tried at its own address, its keys are stored, it gets its account."""

from __future__ import annotations

import json
import logging
from typing import Any, Final

from django.db import router, transaction
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.debug import sensitive_variables
from django.views.decorators.http import require_POST

from gameball_referrals.django import throttle
from gameball_referrals.django.database import persistently
from gameball_referrals.django.models import Account

from . import answers, keys, remote, tenants
from .models import Instance

logger = logging.getLogger(__name__)

MAX_BODY: Final = 16 * 1024
QUERY: Final = "query { app { id } }"


# Nobody is authenticated here, and the address is the caller's: so it has to be on the list before anything is asked.
@never_cache
@csrf_exempt
@require_POST
@transaction.non_atomic_requests
@sensitive_variables()
def register(request: HttpRequest) -> HttpResponse:
    """Take Saleor's token call, and answer once the instance is stored."""
    api_url = tenants.normal(request.headers.get("Saleor-Api-Url"))
    if api_url is None or not tenants.is_allowed(api_url):
        return answers.refused(
            403,
            "api_url_not_allowed",
            "This Saleor API URL is not on the list of those that may install the app: add it to SALEOR_API_URLS "
            "(standalone: ALLOWED_SALEOR_API_URLS), exactly as Saleor sends it.",
        )
    if not throttle.allows(request, "saleor-register", 10):
        return answers.refused(429, "too_many", "Too many registrations from one address: try again in a minute.")
    body = answers.bounded_body(request, MAX_BODY)
    if body is None:
        return answers.refused(413, "too_large", "The body is larger than a token call can be.")
    token = _token(body)
    if token is None:
        return answers.refused(400, "no_token", 'The body must be {"auth_token": "…"}.')
    try:
        app_id = _app_id(remote.ask(api_url, api_url, query=QUERY, token=token))
        if app_id is None:
            return answers.refused(403, "token_not_accepted", "This Saleor does not know the token that was sent.")
        jwks = keys.fetch(api_url)
    except remote.UnreachableError as error:
        return answers.refused(
            502, "saleor_unreachable", f"{tenants.origin(api_url)} {error}: this server must be able to reach it."
        )
    using = router.db_for_write(Instance)
    schema = request.headers.get("Saleor-Schema-Version", "")[:32]
    persistently(using, lambda: _store(using, api_url, app_id, jwks, schema))
    logger.info("The app is installed at %s.", tenants.origin(api_url))
    return answers.done()


def _token(body: bytes) -> str | None:
    try:
        token = json.loads(body)["auth_token"]
    except (ValueError, TypeError, KeyError, RecursionError):
        return None
    return (
        token if isinstance(token, str) and 0 < len(token) <= 4096 and token.isascii() and token.isprintable() else None
    )


def _app_id(answer: Any) -> str | None:
    try:
        found = answer["data"]["app"]["id"]
    except (TypeError, KeyError):
        return None
    return found if isinstance(found, str) and 0 < len(found) <= 255 else None


def _store(using: str, api_url: str, app_id: str, jwks: dict[str, Any], schema: str) -> None:
    """Write the instance, or what is new about it; its account stays the same, with keys, limits and history."""
    now = timezone.now()
    with transaction.atomic(using=using):
        account, _ = Account.objects.using(using).get_or_create(pk=tenants.account_key(api_url))
        told = {
            "app_id": app_id,
            "jwks": jwks,
            "jwks_asked_at": now,
            "schema_version": schema,
            "active": True,
            "status_at": None,
            "registered_at": now,
            "removed_at": None,
        }
        instance, _ = Instance.objects.using(using).get_or_create(
            api_url=api_url, defaults={"account": account, **told}
        )
        Instance.objects.using(using).filter(pk=instance.pk).update(**told)
        # What was switched off with the app's removal.
        Account.objects.using(using).filter(pk=account.pk).update(enabled=True)
