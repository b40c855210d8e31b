"""``path("saleor/", include("gameball_referrals.saleor.urls"))``."""

from __future__ import annotations

from django.urls import path

from . import dashboard, manifest, registration, webhooks

app_name = "gameball_saleor"
urlpatterns = [
    path("manifest", manifest.manifest, name="manifest"),
    path("register", registration.register, name="register"),
    path("webhooks/<slug:name>", webhooks.receive, name="webhook"),
    path("app", dashboard.page, name="app"),
    path("app/status", dashboard.status, name="status"),
    path("app/keys", dashboard.save_keys, name="keys"),
    path("app/test", dashboard.test_connection, name="test"),
    path("app/referrals", dashboard.referrals, name="referrals"),
    path("app/friend", dashboard.friend, name="friend"),
    path("app/deliveries", dashboard.deliveries, name="deliveries"),
    path("app/replay/<int:pk>", dashboard.replay, name="replay"),
    path("assets/<str:name>", dashboard.asset, name="asset"),
]
