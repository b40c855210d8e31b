"""Where the admin's pages link to each other."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.contrib.admin.utils import quote
from django.urls import reverse
from django.utils.html import format_html
from django.utils.http import urlencode
from django.utils.safestring import SafeString

from .told import Advice


def customer_url(account: str | None, customer_id: str) -> str:
    """Return the page that answers for one customer."""
    return f"{reverse('admin:gameball_referral_customer')}?{urlencode({'account': account or '', 'id': customer_id})}"


def customer(account: str | None, customer_id: str) -> SafeString:
    """Link to a customer's evidence."""
    return format_html('<a href="{}">{}</a>', customer_url(account, customer_id), customer_id)


def delivery(pk: int | str, page: str = "change") -> str:
    """Return a delivery's page."""
    return reverse(f"admin:gameball_delivery_{page}", args=[quote(pk)])


def account(key: str, page: str = "change") -> str:
    """Return an account's page."""
    return reverse(f"admin:gameball_account_{page}", args=[quote(key)])


def advice_url(advice: Advice) -> str:
    """Return the page on which an advice is followed; "" for none."""
    if advice.target == "account":
        return account(advice.pk)
    return delivery(advice.pk) if advice.target == "delivery" else ""


def resolve(advice: Iterable[Advice]) -> list[dict[str, Any]]:
    """Return advice as templates show it."""
    return [{"text": one.text, "url": advice_url(one)} for one in advice]
