"""Saleor's webhooks: verified over the raw body, stored and queued in one transaction, and only then acknowledged.

The answer is all that Saleor needs: 2xx once it is committed; 5xx for what may pass (it tries again after 10, 20, 40,
80 and 160 seconds); 4xx for what never can succeed (it doesn't try again).
"""

from __future__ import annotations

import json
import logging
from collections.abc import Callable
from decimal import Decimal
from typing import Any, Final

from django.db import DatabaseError, router, transaction
from django.http import HttpRequest, HttpResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.debug import sensitive_variables
from django.views.decorators.http import require_POST

from gameball_referrals.django.customers import in_short
from gameball_referrals.django.database import persistently
from gameball_referrals.django.failpoints import reached

from . import answers, signatures, tenants
from .events import HANDLERS, MalformedError, Payload, UnsendableError
from .keys import RefusedError, UndecidedError
from .models import Instance

logger = logging.getLogger(__name__)

MAX_BODY: Final = 4 * 1024 * 1024
FAILPOINTS: Final = ("webhook.received", "webhook.verified", "webhook.recorded", "webhook.written", "webhook.committed")
"""Where the kill tests let a process die besides those in ``gameball_referrals.django.failpoints``: the body is here;
it is verified; the event is recorded, its deliveries are not; they are, and nothing is committed; all is, and nothing
is answered."""


# The signature stands in for a CSRF token. The transaction ends before the answer, whatever ATOMIC_REQUESTS says.
@never_cache
@csrf_exempt
@require_POST
@transaction.non_atomic_requests
@sensitive_variables()
def receive(request: HttpRequest, name: str) -> HttpResponse:
    """Take one delivery of Saleor's."""
    if name not in HANDLERS:
        return answers.refused(404, "unknown_webhook", "There is no such webhook: install the app anew.")
    body = answers.bounded_body(request, MAX_BODY)
    if body is None:
        return answers.refused(413, "too_large", f"The payload is larger than {MAX_BODY} bytes.")
    reached("webhook.received")
    try:
        instance = tenants.find(request.headers.get("Saleor-Api-Url"))
        if instance is None:
            return answers.refused(
                403, "not_installed", "The app is not installed at this Saleor API URL, or it is not allowed any more."
            )
        signatures.verify(instance, body, request.headers.get("Saleor-Signature", ""))
        reached("webhook.verified")
        return _take(instance, name, body)
    except RefusedError as error:
        return answers.refused(401, "signature_refused", f"The signature {error}.")
    except UndecidedError as error:
        return answers.refused(503, "keys_unavailable", f"The signature cannot be verified yet: {error}.")
    except DatabaseError as error:
        logger.error("A webhook of Saleor's could not be stored, and comes again: %s", in_short(error))
        return answers.refused(503, "not_stored", "It could not be stored now; send it again.")


@sensitive_variables()
def _take(instance: Instance, name: str, body: bytes) -> HttpResponse:
    typename, handler = HANDLERS[name]
    payload = _read(body)
    # The header that names the event is not signed; the payload is.
    if payload is None or payload.get("__typename") != typename:
        return answers.refused(400, "unexpected_payload", f"The payload is no {typename}: install the app anew.")
    using = router.db_for_write(Instance)
    try:
        is_news = persistently(using, lambda: _store(using, handler, Payload(instance, payload)))
    except MalformedError as error:
        logger.error("A payload of %s (%s) is not complete: %s", tenants.origin(instance.api_url), typename, error)
        return answers.refused(422, "malformed_payload", f"{error}")
    reached("webhook.committed")
    if isinstance(is_news, UnsendableError):
        logger.error("An order of %s cannot be sent to Gameball: %s", tenants.origin(instance.api_url), is_news)
        return answers.refused(422, "cannot_be_sent", f"Gameball cannot be told of this: {is_news}")
    return answers.done("" if is_news else "Nothing new: it had come before, or changes nothing.")


def _store(using: str, handler: Callable[[Payload], bool], payload: Payload) -> bool | UnsendableError:
    with transaction.atomic(using=using):
        try:
            is_news: bool | UnsendableError = handler(payload)
        except UnsendableError as error:
            is_news = error  # committed all the same: with the note of it
        reached("webhook.written")
    return is_news


def _read(body: bytes) -> dict[str, Any] | None:
    try:
        # Money stays what it was: never a binary float.
        payload = json.loads(body, parse_float=Decimal, parse_constant=_no_number)
    except (ValueError, RecursionError, ArithmeticError):
        return None
    return payload if isinstance(payload, dict) else None


def _no_number(text: str) -> None:
    raise ValueError(text)
