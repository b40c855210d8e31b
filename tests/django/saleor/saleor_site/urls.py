"""The server's URLs."""

from __future__ import annotations

from django.urls import include, path

urlpatterns = [
    path("gameball/", include("gameball_referrals.django.urls")),
    path("saleor/", include("gameball_referrals.saleor.urls")),
]
