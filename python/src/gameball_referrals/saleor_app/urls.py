"""The server's addresses. Health and readiness are answered before Django is asked; see ``asgi.py``."""

from __future__ import annotations

from django.urls import include, path

urlpatterns = [
    path("saleor/", include("gameball_referrals.saleor.urls")),
]
