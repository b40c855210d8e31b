"""The test shop's URLs."""

from __future__ import annotations

from django.contrib import admin
from django.urls import include, path
from shop import views

urlpatterns = [
    path("admin/", admin.site.urls),
    path("gameball/", include("gameball_referrals.django.urls")),
    path("", views.home, name="home"),
    path("sign-up/", views.sign_up, name="sign-up"),
    path("orders/", views.place_order, name="place-order"),
    path("orders/<str:number>/pay/", views.pay, name="pay"),
]
