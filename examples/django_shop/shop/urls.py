"""The shop's addresses."""

from django.contrib import admin
from django.contrib.auth import views as auth
from django.templatetags.static import static
from django.urls import include, path
from django.views.generic import RedirectView

from . import api, views

urlpatterns = [
    path("", views.home, name="home"),
    path("products/<slug:slug>/", views.product, name="product"),
    path("basket/", views.basket, name="basket"),
    path("checkout/", views.checkout, name="checkout"),
    path("orders/<str:number>/pay/", views.pay, name="pay"),
    path("orders/<str:number>/", views.order, name="order"),
    path("sign-up/", views.sign_up, name="sign-up"),
    path("log-in/", auth.LoginView.as_view(), name="login"),
    path("log-out/", auth.LogoutView.as_view(), name="logout"),
    path("account/", views.account, name="account"),
    path("api/", include(api.urlpatterns)),
    path("favicon.ico", RedirectView.as_view(url=static("shop/mark.svg"))),
    path("admin/", admin.site.urls),
    path("gameball/", include("gameball_referrals.django.urls")),
]
