"""The middleware: captures referrer codes, and lends the request to whoever needs its claim."""

from __future__ import annotations

import logging
import os
from collections.abc import Awaitable, Callable
from typing import ClassVar, cast

from asgiref.sync import iscoroutinefunction, markcoroutinefunction, sync_to_async
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.utils.cache import patch_vary_headers

from gameball_referrals._visits import decide

from . import capture, conf, outbox
from .context import use_request

logger = logging.getLogger(__name__)

_Sync = Callable[[HttpRequest], HttpResponseBase]
_Async = Callable[[HttpRequest], Awaitable[HttpResponseBase]]


class ReferralCaptureMiddleware:
    """``MIDDLEWARE += ["gameball_referrals.django.middleware.ReferralCaptureMiddleware"]``.

    A visit to ``?ref=CODE`` (or any documented parameter) leaves a signed claim in a cookie. Visits without a code cost
    no query. It belongs after the session middleware where there is a consent gate, since a claim then waits in the
    session. Whatever goes wrong in here is logged, and the page is served.
    """

    sync_capable: ClassVar = True
    async_capable: ClassVar = True
    _woken_in: ClassVar[int] = 0

    def __init__(self, get_response: _Sync | _Async) -> None:
        self.get_response = get_response
        self._is_async = iscoroutinefunction(get_response)
        if self._is_async:
            markcoroutinefunction(self)

    def __call__(self, request: HttpRequest) -> HttpResponseBase | Awaitable[HttpResponseBase]:
        """Serve a request."""
        if self._is_async:
            return self._serve(request)
        self._begin(request)
        with use_request(request):
            response = cast(_Sync, self.get_response)(request)
            if self._has_to_end(request):
                self._end(request, response)
        return response

    async def _serve(self, request: HttpRequest) -> HttpResponseBase:
        self._begin(request)
        with use_request(request):
            response = await cast(_Async, self.get_response)(request)
            if self._has_to_end(request):
                # Sessions and the shop's consent callable may ask the database.
                await sync_to_async(self._end, thread_sensitive=True)(request, response)
        return response

    def _begin(self, request: HttpRequest) -> None:
        try:
            self._wake_once()
            capture.note_visit(request)
        except Exception:
            logger.exception("A visit's referrer code could not be captured.")

    def _has_to_end(self, request: HttpRequest) -> bool:
        visit = capture.visit_of(request)
        return bool(visit.captured or visit.read or conf.get().CONSENT)

    def _end(self, request: HttpRequest, response: HttpResponseBase) -> None:
        try:
            if capture.visit_of(request).read:
                patch_vary_headers(response, ["Cookie"])
            is_page = request.method in ("GET", "HEAD")
            if not (is_page and conf.get().CACHE_SAFE) and _is_visit(request):
                capture.remember(request, response)
        except Exception:
            logger.exception("A visit's referrer code could not be kept.")

    def _wake_once(self) -> None:
        """Have what a process that died left behind delivered, though this one may have nothing new for hours."""
        process = os.getpid()
        if ReferralCaptureMiddleware._woken_in != process:
            ReferralCaptureMiddleware._woken_in = process
            outbox.wake()


def _is_visit(request: HttpRequest) -> bool:
    """Tell a visit from another site that merely loads this URL (an image, a frame): that leaves no claim."""
    site, dest = request.headers.get("Sec-Fetch-Site"), request.headers.get("Sec-Fetch-Dest")
    return bool(decide("isVisit", secFetchSite=site, secFetchDest=dest))
