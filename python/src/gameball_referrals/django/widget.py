"""What Gameball's widget needs, and when it may have it: not before the customer's own creation is acknowledged.

Initialising the widget creates the customer at Gameball, without a referrer code. Were it first, the code that the
shop's own call brings would be ignored.
"""

from __future__ import annotations

import logging
from datetime import datetime, timedelta
from typing import Any, Final

from django.db.models import Exists
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import get_language

from gameball_referrals import GameballError, session_token

from . import accounts, caching, conf
from .adapter import get_adapter
from .erasure import is_erased
from .models import Account, Delivery, Profile, Referral
from .profiles import Customer, customer_of

logger = logging.getLogger(__name__)

SESSION: Final = timedelta(hours=1)
"""How long a session token is good."""


def config_for(request: HttpRequest) -> dict[str, Any] | None:
    """Return what the page's script needs to start the widget; None where there is nobody to start it for.

    The account's secret key is no part of it.
    """
    customer = customer_of(getattr(request, "user", None))
    if customer is None:
        return None
    erased = Exists(Delivery.objects.filter(is_erased(*customer)))
    row = Account.objects.filter(~erased, pk=customer.account).first()
    if row is None:
        return None
    try:
        credentials = accounts.credentials(row)
        if credentials is None:
            return None
        init: dict[str, Any] = {
            "APIKey": credentials.api_key,
            "lang": (get_language() or "en").split("-")[0],
            "playerUniqueId": customer.id,
        }
        if credentials.options.get("api_version") == "v4.1":
            if credentials.secret_key is None:
                logger.error("The widget needs the account's secret key on v4.1; it is left out.")
                return None
            init["sessionToken"] = session_token(credentials.secret_key, customer.id, timezone.now() + SESSION)
    except GameballError as error:
        logger.error("The widget is left out: %s", error)
        return None
    return {"src": conf.get().WIDGET_URL, "init": init}


def may_start(user: Any) -> bool:
    """Tell whether the widget can no longer overtake the shop's own creation of this customer."""
    customer = customer_of(user)
    if customer is None:
        return False
    key = caching.key("acknowledged", *customer)
    if caching.get(key):
        return True
    acknowledged = _is_acknowledged(user, customer)
    if acknowledged:
        caching.put(key, True, timedelta(days=1))
    return acknowledged


def _is_acknowledged(user: Any, customer: Customer) -> bool:
    rows = {"account_id": customer.account, "customer_id": customer.id}
    creation = Delivery.objects.filter(**rows, operation="createCustomer").order_by("id").first()
    if creation is not None:
        # One that is dead or cancelled holds nothing back: no call of ours is going to be overtaken.
        return creation.acknowledged_at is not None or creation.state in Delivery.SETTLED
    if Profile.objects.filter(**rows, gameball_id__isnull=False).exists():
        return True
    referral = Referral.objects.filter(**rows).first()
    if referral is not None:  # its delivery was settled so long ago that it is gone
        return referral.acknowledged_at is not None or bool(referral.receipt)
    # Nobody wrote a creation: a customer from before this app, or one whom the reconcile has yet to find. By the end of
    # the referral window there is nothing left to lose.
    joined: datetime | None = getattr(user, get_adapter().joined_field or "", None)
    return joined is None or joined + conf.get().REFERRAL_WINDOW < timezone.now()
