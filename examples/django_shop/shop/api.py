"""The shop as JSON, for a storefront of its own (`examples/next_storefront`): products, signing up, logging in."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from django.contrib.auth import authenticate, login
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.urls import path
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST, require_safe

from .forms import SignUpForm
from .models import Product

View = Callable[..., HttpResponse]


def takes_json(view: View) -> View:
    """Hand the view the body of a JSON request: no page of another site can send one, so it needs no CSRF token."""

    @csrf_exempt
    @require_POST
    def read(request: HttpRequest) -> HttpResponse:
        try:
            told = json.loads(request.body) if request.content_type == "application/json" else None
        except ValueError:
            told = None
        if not isinstance(told, dict):
            return JsonResponse({"errors": {"__all__": ["Send a JSON object."]}}, status=400)
        return view(request, told)

    return read


@require_safe
def products(request: HttpRequest) -> HttpResponse:
    rows = Product.objects.all()
    told = [{"slug": row.slug, "name": row.name, "tagline": row.tagline, "price": str(row.price)} for row in rows]
    return JsonResponse({"products": told})


@takes_json
def sign_up(request: HttpRequest, told: dict[str, Any]) -> HttpResponse:
    # The shop's own form: whose friend this is, it knows from the visitor's claim, or from the code that was typed.
    form = SignUpForm({**told, "password1": told.get("password"), "password2": told.get("password")})
    if not form.is_valid():
        return JsonResponse({"errors": form.errors}, status=400)
    user = form.save()
    login(request, user)
    return JsonResponse({"name": user.username}, status=201)


@takes_json
def log_in(request: HttpRequest, told: dict[str, Any]) -> HttpResponse:
    user = authenticate(request, username=told.get("username"), password=told.get("password"))
    if user is None:
        return JsonResponse({"errors": {"__all__": ["This name and password do not fit."]}}, status=400)
    login(request, user)
    return JsonResponse({"name": user.get_username()})


@require_safe
def me(request: HttpRequest) -> HttpResponse:
    return JsonResponse({"name": request.user.get_username() or None})


urlpatterns = [
    path("products/", products),
    path("sign-up/", sign_up),
    path("log-in/", log_in),
    path("me/", me),
]
