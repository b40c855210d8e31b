"""Which Saleor instances there may be, and where each of them is: its API, its keys, its Dashboard."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable
from typing import Final
from urllib.parse import urlsplit, urlunsplit

from django.utils.text import slugify

from gameball_referrals.django import conf

from .models import Instance

LONGEST_URL: Final = 500
LOOPBACK: Final = ("localhost", "127.0.0.1", "::1")
_DEFAULT_PORTS: Final = {"http": 80, "https": 443}


def normal(url: object) -> str | None:
    """Return an API URL in the one spelling by which it is compared and stored; None if it is none."""
    if not isinstance(url, str) or not 0 < len(url) <= LONGEST_URL or not url.isascii() or not url.isprintable():
        return None
    try:
        parts = urlsplit(url.strip())
        host, port = parts.hostname, parts.port
    except ValueError:
        return None
    if parts.scheme not in _DEFAULT_PORTS or not host or parts.username is not None or parts.query or parts.fragment:
        return None
    name = f"[{host}]" if ":" in host else host
    netloc = name if port in (None, _DEFAULT_PORTS[parts.scheme]) else f"{name}:{port}"
    return urlunsplit((parts.scheme, netloc, f"{parts.path.rstrip('/')}/", "", ""))


def allowed() -> set[str]:
    """Return the API URLs of the setting ``SALEOR_API_URLS`` that can be used."""
    return {url for each in conf.get().SALEOR_API_URLS if (url := normal(each)) and is_safe(url)}


def is_safe(url: str) -> bool:
    """Tell whether an instance may be talked to over this URL: over https, or on this machine, or by setting."""
    parts = urlsplit(url)
    return parts.scheme == "https" or parts.hostname in LOOPBACK or conf.get().SALEOR_ALLOW_PLAIN_HTTP


def is_allowed(url: str | None) -> bool:
    """Tell whether an instance may have the app. One that is taken off the list is refused from then on."""
    return url is not None and url in allowed()


def origin(url: str) -> str:
    """Return a URL's origin."""
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}"


def jwks_url(api_url: str) -> str:
    """Return where an instance tells its public keys."""
    return f"{origin(api_url)}/.well-known/jwks.json"


def dashboard_origins(api_url: str) -> list[str]:
    """Return where an instance's Dashboard may be: what may embed the page and speak to it."""
    given: object = None
    for url, origins in (conf.get().SALEOR_DASHBOARDS or {}).items():
        if normal(url) == api_url:
            given = origins
    if given is None:
        return [origin(api_url)]
    listed: Iterable[object] = [given] if isinstance(given, str) else given if isinstance(given, Iterable) else []
    # Into a header they go, and so nothing but origins.
    return [text for each in listed if (text := _origin_of(each)) is not None]


def _origin_of(text: object) -> str | None:
    url = normal(text)
    return origin(url) if url is not None else None


def account_key(api_url: str) -> str:
    """Return the name of an instance's account: readable, and never another one's."""
    digest = hashlib.sha256(api_url.encode()).hexdigest()[:10]
    host = slugify(re.sub(r"[^a-z0-9]+", "-", urlsplit(api_url).netloc.lower()))[:40].strip("-")
    return f"saleor-{host}-{digest}"


def find(api_url: object) -> Instance | None:
    """Return the instance that has the app installed under this API URL; None where there is none."""
    url = normal(api_url)
    if not is_allowed(url):
        return None
    return Instance.objects.filter(api_url=url, removed_at=None).select_related("account").first()
