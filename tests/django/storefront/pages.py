"""A shop's pages as far as the storefront's tests need them: one that is plain, and some that use the tags."""

from __future__ import annotations

from asgiref.sync import sync_to_async
from django.contrib.auth import get_user_model, login
from django.contrib.auth.forms import UserCreationForm
from django.contrib.auth.models import User
from django.http import HttpRequest, HttpResponse
from django.template import RequestContext, Template
from django.urls import include, path
from django.views.decorators.cache import cache_page
from gameball_referrals.django import context
from gameball_referrals.django.forms import ReferrerCodeFormMixin


class SignUpForm(ReferrerCodeFormMixin, UserCreationForm):  # type: ignore[type-arg]
    class Meta:
        model = get_user_model()
        fields = ("username",)


def plain(request: HttpRequest) -> HttpResponse:
    return HttpResponse("a page")


async def plain_async(request: HttpRequest) -> HttpResponse:
    claim = context.current_claim()
    in_thread = await sync_to_async(context.current_claim)()
    assert claim == in_thread
    return HttpResponse(claim.code if claim else "")


def public(request: HttpRequest) -> HttpResponse:
    response = HttpResponse("a page for everybody")
    response["Cache-Control"] = "public, max-age=60, s-maxage=600"
    response["Surrogate-Control"] = "max-age=600"
    return response


@cache_page(60)
def cached(request: HttpRequest) -> HttpResponse:
    return HttpResponse("a cached page")


def whose(request: HttpRequest) -> HttpResponse:
    claim = context.current_claim()
    return HttpResponse(f"{claim.code} {claim.source}" if claim else "nobody's")


def uses_session(request: HttpRequest) -> HttpResponse:
    request.session["visited"] = True
    return HttpResponse("a page with a session")


def breaks(request: HttpRequest) -> HttpResponse:
    raise ValueError("the shop's own mistake")


def tags(request: HttpRequest) -> HttpResponse:
    source = request.GET.get("template") or request.POST["template"]
    return HttpResponse(Template("{% load gameball %}" + source).render(RequestContext(request)))


def sign_up(request: HttpRequest) -> HttpResponse:
    form = SignUpForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        user = form.save()
        assert isinstance(user, User)
        login(request, user, backend="django.contrib.auth.backends.ModelBackend")
        return HttpResponse(status=201)
    return HttpResponse(Template("{{ form.media }}{{ form.as_p }}").render(RequestContext(request, {"form": form})))


urlpatterns = [
    path("gameball/", include("gameball_referrals.django.urls")),
    path("", plain),
    path("async/", plain_async),
    path("public/", public),
    path("cached/", cached),
    path("whose/", whose),
    path("cached-whose/", cache_page(60)(whose)),
    path("session/", uses_session),
    path("breaks/", breaks),
    path("tags/", tags),
    path("sign-up/", sign_up),
]
