"""What Saleor reads when an operator installs the app: who we are, what we may see, and what to tell us of."""

from __future__ import annotations

import re
from importlib.metadata import PackageNotFoundError, version
from typing import Any, Final

from django.http import HttpRequest, JsonResponse
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from gameball_referrals.django import conf

NAME: Final = "Gameball referrals"
PERMISSIONS: Final = ("MANAGE_USERS", "MANAGE_ORDERS")
CLEAN_UP_SINCE: Final = (3, 23)
"""From here on Saleor tells an app of its own removal."""

_USER: Final = "user{id email firstName lastName isConfirmed dateJoined metadata{key value}}"
# Never a private metafield: it would put secrets into the payloads that Saleor stores.
SUBSCRIPTIONS: Final = {
    "customer-created": (
        "CUSTOMER_CREATED",
        f"subscription{{event{{__typename issuedAt ... on CustomerCreated{{{_USER}}}}}}}",
    ),
    "account-confirmed": (
        "ACCOUNT_CONFIRMED",
        f"subscription{{event{{__typename issuedAt ... on AccountConfirmed{{{_USER}}}}}}}",
    ),
    "order-fully-paid": (
        "ORDER_FULLY_PAID",
        (
            "subscription{event{__typename ... on OrderFullyPaid{order{id number created userEmail checkoutId "
            "metadata{key value} user{id email orders(first:2){totalCount}} channel{slug} "
            "total{gross{amount currency}} totalCharged{amount} lines{id quantity productSku}}}}}"
        ),
    ),
    "app-deleted": (
        "APP_DELETED",
        "subscription{event{__typename issuedAt ... on AppDeleted{app{id isActive}}}}",
    ),
    "app-status-changed": (
        "APP_STATUS_CHANGED",
        "subscription{event{__typename issuedAt ... on AppStatusChanged{app{id isActive}}}}",
    ),
}
"""By the webhook's name in the URL: Saleor's event, and the query for its payload."""
CLEAN_UP: Final = ("app-deleted", "app-status-changed")


@never_cache
@require_safe
def manifest(request: HttpRequest) -> JsonResponse:
    """Answer Saleor's first question. Nothing in it is a secret.

    ``?schema=3.20`` stands in for the header ``Saleor-Schema-Version``, for an older Saleor that doesn't send it.
    """
    told = request.GET.get("schema") or request.headers.get("Saleor-Schema-Version", "")
    return JsonResponse(build(public_url(request), schema=told))


def build(base_url: str, *, schema: str = "") -> dict[str, Any]:
    """Return the manifest.

    Args:
        base_url: where this server is reached, without a slash at its end.
        schema: Saleor's version; "" where nobody knows, which is taken for a present one.

    """
    names = [name for name in SUBSCRIPTIONS if name not in CLEAN_UP or _since(schema, CLEAN_UP_SINCE)]
    return {
        "id": conf.get().SALEOR_APP_ID,
        "name": NAME,
        "version": _version(),
        "about": "Tells Gameball who brought whom, and proves that it counts.",
        "author": "gameball-referrals",
        "permissions": list(PERMISSIONS),
        "appUrl": base_url + reverse("gameball_saleor:app"),
        "tokenTargetUrl": base_url + reverse("gameball_saleor:register"),
        "supportUrl": "https://help.gameball.co",
        "brand": {"logo": {"default": base_url + reverse("gameball_saleor:asset", args=["logo.png"])}},
        "webhooks": [
            {
                "name": f"{NAME}: {SUBSCRIPTIONS[name][0].lower().replace('_', ' ')}",
                "targetUrl": base_url + reverse("gameball_saleor:webhook", args=[name]),
                "query": SUBSCRIPTIONS[name][1],
                "asyncEvents": [SUBSCRIPTIONS[name][0]],
                "isActive": True,
            }
            for name in names
        ],
    }


def public_url(request: HttpRequest) -> str:
    """Return where this server is reached, by the setting, else as the request says."""
    return (conf.get().SALEOR_PUBLIC_URL or request.build_absolute_uri("/")).rstrip("/")


def _since(schema: str, first: tuple[int, int]) -> bool:
    found = re.match(r"(\d{1,3})\.(\d{1,3})", schema)
    return found is None or (int(found[1]), int(found[2])) >= first


def _version() -> str:
    try:
        return version("gameball-referrals")
    except PackageNotFoundError:
        return "0"
