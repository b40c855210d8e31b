"""The shop's URLs, and a sign-in of its own whose provider answers by POST from another site."""

from __future__ import annotations

from django.contrib.auth.models import User
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.urls import include, path
from django.views.decorators.csrf import csrf_exempt
from gameball_referrals.django import capture


def home(request: HttpRequest) -> HttpResponse:
    return HttpResponse("the shop")


def begin(request: HttpRequest) -> HttpResponse:
    return JsonResponse({"state": capture.claim_for_state(request)})


@csrf_exempt
def answer(request: HttpRequest) -> HttpResponse:
    capture.claim_from_state(request, request.POST.get("state"))
    User.objects.create_user(request.POST["name"])
    return HttpResponse(status=201)


urlpatterns = [
    path("", home),
    path("begin/", begin),
    path("answer/", answer),
    path("accounts/", include("allauth.urls")),
    path("gameball/", include("gameball_referrals.django.urls")),
]
