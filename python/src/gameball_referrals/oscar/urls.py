"""The page's address; part of ``gameball_referrals.django.urls`` where this app is installed."""

from __future__ import annotations

from django.urls import path

from . import dashboard

urlpatterns = [path("dashboard/referrals/", dashboard.referrals, name="oscar-referrals")]
