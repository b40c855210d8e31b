"""``path("gameball/", include("gameball_referrals.django.urls"))``."""

from __future__ import annotations

from django.apps import apps
from django.urls import path

from . import views

app_name = "gameball"
urlpatterns = [
    path("capture/", views.capture_code, name="capture"),
    path("validate/", views.validate_code, name="validate"),
    path("me/", views.own_referrals, name="me"),
    # As storefronts of their own ask: their proxies take slashes away.
    path("capture", views.capture_code),
    path("validate", views.validate_code),
    path("me", views.own_referrals),
    path("widget/", views.widget_config, name="widget"),
    path("webhooks/<slug:account>/", views.webhook, name="webhook"),
]

if apps.is_installed("gameball_referrals.oscar"):
    from gameball_referrals.oscar.urls import urlpatterns as oscar_urlpatterns

    urlpatterns += oscar_urlpatterns
