"""System checks of the Saleor app, each naming its fix."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from importlib.util import find_spec
from typing import Any

from django.apps import AppConfig
from django.core import checks
from django.core.exceptions import ImproperlyConfigured
from django.urls import NoReverseMatch, reverse

from gameball_referrals.django import conf
from gameball_referrals.django.checks import TAG

LIBRARIES = ("jwt", "cryptography", "urllib3")


def connect() -> None:
    """Register the checks."""
    checks.register(check_saleor, TAG)


def check_saleor(app_configs: Sequence[AppConfig] | None = None, **_: Any) -> list[checks.CheckMessage]:
    """Check what the app needs to be installed by a Saleor."""
    try:
        conf.get()
    except ImproperlyConfigured:
        return []  # E001 tells of it
    missing = [name for name in LIBRARIES if find_spec(name) is None]
    if missing:
        # The rest could not even be imported.
        return [
            checks.Error(
                f"The Saleor app needs libraries that are not installed: {', '.join(missing)}.",
                hint='pip install "gameball-referrals[saleor]"',
                id="gameball.E070",
            )
        ]
    return [*_urls(), *_routes()]


def _urls() -> Iterator[checks.CheckMessage]:
    from . import tenants

    settings = conf.get()
    if not settings.SALEOR_API_URLS:
        yield checks.Warning(
            "No Saleor can install the app: the list of those that may is empty.",
            hint=f"Set {conf.NAME}['SALEOR_API_URLS'] = ['https://shop.example/graphql/'].",
            id="gameball.W070",
        )
    for each in settings.SALEOR_API_URLS:
        url = tenants.normal(each)
        if url is None:
            yield checks.Error(
                f"{conf.NAME}['SALEOR_API_URLS'] has something that is no API URL: {each!r}.",
                hint="Write it as Saleor's Dashboard shows it: https://shop.example/graphql/",
                id="gameball.E071",
            )
        elif not tenants.is_safe(url):
            yield checks.Error(
                f"{each!r} in {conf.NAME}['SALEOR_API_URLS'] is plain HTTP, so the app cannot be installed there: "
                "the keys that prove who calls would come over it.",
                hint="Write https://, or set SALEOR_ALLOW_PLAIN_HTTP = True within a network of your own.",
                id="gameball.E072",
            )
    listed = {tenants.normal(each) for each in settings.SALEOR_API_URLS}
    for each in settings.SALEOR_DASHBOARDS or {}:
        url = tenants.normal(each)
        if url is None or url not in listed or not tenants.dashboard_origins(url):
            yield checks.Warning(
                f"{conf.NAME}['SALEOR_DASHBOARDS'] has {each!r}, which is not in SALEOR_API_URLS or names no origin.",
                hint="Write {'https://shop.example/graphql/': 'https://dashboard.shop.example'}.",
                id="gameball.W071",
            )
    if settings.SALEOR_PUBLIC_URL is not None and tenants.normal(settings.SALEOR_PUBLIC_URL) is None:
        yield checks.Error(
            f"{conf.NAME}['SALEOR_PUBLIC_URL'] is no URL.",
            hint="Write where Saleor reaches this server: https://referrals.shop.example",
            id="gameball.E073",
        )


def _routes() -> Iterator[checks.CheckMessage]:
    try:
        reverse("gameball_saleor:manifest")
    except NoReverseMatch:
        yield checks.Error(
            "The Saleor app's URLs are missing.",
            hint='Add path("saleor/", include("gameball_referrals.saleor.urls")) to your urlpatterns.',
            id="gameball.E074",
        )
