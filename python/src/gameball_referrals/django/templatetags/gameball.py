"""``{% load gameball %}``: the referral link, the share block, the banner, capture for cached pages, the widget."""

from __future__ import annotations

import logging
from typing import Any, Final
from urllib.parse import quote

from django import template
from django.http import HttpRequest
from django.template import Context
from django.urls import NoReverseMatch, reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _

from gameball_referrals import DEFAULT_PARAMS
from gameball_referrals.django import capture, conf, profiles, widget
from gameball_referrals.django.context import current_request

logger = logging.getLogger(__name__)
register = template.Library()

THEMES: Final = ("light", "dark")


@register.simple_tag(name="referral_link", takes_context=True)
def referral_link(context: Context, user: Any = None) -> str:
    """``{% referral_link %}``: the URL that carries a customer's code; "" as long as the code is not known.

    It is made from the setting ``REFERRAL_LINK``, else it is Gameball's own, else the site's front page with the code.
    """
    request = _request(context)
    profile = profiles.profile_of(user or getattr(request, "user", None))
    return profiles.link_of(profile, request)


@register.inclusion_tag("gameball/share.html", takes_context=True)
def referral_share(
    context: Context,
    user: Any = None,
    *,
    title: str | None = None,
    text: str | None = None,
    message: str | None = None,
    theme: str | None = None,
) -> dict[str, Any]:
    """``{% referral_share %}``: the block with which a customer passes their link on; nothing for visitors.

    ``title``, ``text`` and ``message`` (what goes into WhatsApp and e-mails before the link) replace the texts,
    ``theme`` ("light" or "dark") the visitor's own preference.
    """
    request = _request(context)
    user = user or getattr(request, "user", None)
    customer = profiles.customer_of(user)
    if customer is None:
        return {}
    profile = profiles.profile_for(customer.id, account=customer.account)
    link = profiles.link_of(profile, request)
    message = message or _("I would like to invite you. Here is my link:")
    full_message = f"{message} {link}"
    number = (context.render_context.get("gameball_shares") or 0) + 1
    context.render_context["gameball_shares"] = number
    share = {
        "id": f"gameball-share-{number}",
        "title": title or _("Invite your friends"),
        "text": text or _("Send a friend your link. When they sign up with it, we know that you invited them."),
        "theme": theme if theme in THEMES else "",
        "link": link,
        "message": message,
        "whatsapp": f"https://wa.me/?text={quote(full_message, safe='')}",
        "email": f"mailto:?subject={quote(_('An invitation for you'), safe='')}&body={quote(full_message, safe='')}",
        "qr": qr_code(link) if link else "",
        "friends": profiles.friends_of(profile.referral_code, account=customer.account) if profile and link else 0,
    }
    return {"share": share}


@register.inclusion_tag("gameball/banner.html", takes_context=True)
def referral_banner(
    context: Context, *, text: str | None = None, href: str = "", theme: str | None = None
) -> dict[str, Any]:
    """``{% referral_banner %}``: "A friend sent you", for visitors with a claim; ``href`` leads to the sign-up.

    With ``CACHE_SAFE`` it is on every page, hidden, and ``{% referral_capture %}``'s script shows it.
    """
    by_script = conf.get().CACHE_SAFE
    request = _request(context)
    if not by_script:
        claim = capture.claim_of(request) if request is not None else None
        if claim is None or getattr(getattr(request, "user", None), "is_authenticated", False):
            return {}
    banner = {
        "text": text or _("Sign up, and your invitation counts."),
        "href": href,
        "theme": theme if theme in THEMES else "",
        "by_script": by_script,
    }
    return {"banner": banner}


@register.inclusion_tag("gameball/capture.html")
def referral_capture() -> dict[str, Any]:
    """``{% referral_capture %}``: the script that captures codes on pages from a full-page cache (``CACHE_SAFE``)."""
    params = conf.get().CAPTURE_PARAMS or DEFAULT_PARAMS
    names = " ".join(dict.fromkeys(name.lower() for name in params))
    return {"url": reverse("gameball:capture"), "params": names}


@register.inclusion_tag("gameball/widget.html", takes_context=True)
def gameball_widget(context: Context, *, wait: bool = True) -> dict[str, Any]:
    """``{% gameball_widget %}``: Gameball's widget for the signed-in customer; nothing for visitors.

    Until the customer's creation is acknowledged the page's script asks for it now and then, since the widget would
    create the customer without their referrer; with ``wait=False`` there is nothing until a later page.
    """
    request = _request(context)
    user = getattr(request, "user", None)
    if request is None or profiles.customer_of(user) is None:
        return {}
    if widget.may_start(user):
        return {"config": widget.config_for(request)}
    try:
        return {"config": {"wait": reverse("gameball:widget")} if wait else None}
    except NoReverseMatch:
        # Only new customers' pages get here, which is too rare an error for whoever set the shop up to see.
        logger.error("The widget of a new customer is left out: include gameball_referrals.django.urls in your URLs.")
        return {}


def qr_code(link: str) -> SafeString:
    """Draw a link as a QR code, an inline SVG; "" without the package ``segno`` (``gameball-referrals[qr]``)."""
    try:
        import segno
    except ImportError:
        return SafeString("")
    try:
        svg = segno.make(link, error="m", micro=False).svg_inline(
            border=4, omitsize=True, svgclass="gameball-qr", lineclass=None, dark="#000", light="#fff"
        )
    except segno.DataOverflowError:
        return SafeString("")
    # Modules and numbers only: nothing of the link's text is in it.
    return format_html('<div role="img" aria-label="{}">{}</div>', _("QR code"), mark_safe(svg))  # noqa: S308


def _request(context: Context) -> HttpRequest | None:
    request: HttpRequest | None = context.get("request")
    return request if request is not None else current_request()
