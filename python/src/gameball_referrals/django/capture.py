"""Which referrer code counts for a request, and how it is remembered: cookie, session until consent, OAuth state."""

from __future__ import annotations

import logging
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from django.core.exceptions import SynchronousOnlyOperation
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.utils.module_loading import import_string

from gameball_referrals import (
    DEFAULT_PARAMS,
    Claim,
    ClaimSigner,
    _defaults,
    extract_referrer_code,
    typed_referrer_code,
)
from gameball_referrals._time import utc_now
from gameball_referrals._visits import decide

from . import accounts, conf, signals
from .customers import in_short

logger = logging.getLogger(__name__)

SESSION_KEY: Final = "gameball_claim"
VISIT, FIELD, STATE = "visit", "field", "state"


@dataclass(frozen=True)
class CurrentClaim:
    """The referrer code that counts for a request."""

    code: str
    claimed_at: datetime | None
    """When it was captured; in UTC. None where nothing tells."""
    source: str
    """``visit``, ``field`` (typed), ``state`` (back from an identity provider), ``metadata`` (Saleor) or ``api``."""


class Visit:
    """What is known of one request's codes; kept on the request."""

    __slots__ = ("captured", "kept", "read", "remembered", "state", "typed", "was_typed")

    def __init__(self) -> None:
        self.captured: CurrentClaim | None = None
        """From this request's own URL."""
        self.kept: tuple[CurrentClaim | None, CurrentClaim | None] | None = None
        """From the cookie, and from the session; None: not looked up yet."""
        self.state: CurrentClaim | None = None
        self.typed: CurrentClaim | None = None
        self.was_typed = False
        self.remembered: bool | None = None
        self.read = False
        """Whether the answer may depend on the cookie."""


def visit_of(request: HttpRequest) -> Visit:
    """Return the request's visit, begun if need be."""
    request = getattr(request, "_request", request)  # REST framework's wrapper
    visit: Visit | None = request.__dict__.get("_gameball_visit")
    if visit is None:
        visit = request.__dict__["_gameball_visit"] = Visit()
    return visit


def signer() -> ClaimSigner:
    """Return the signer of this shop's claims."""
    # A key that is shared with a storefront comes first; claims from before it was set are still believed.
    shared = conf.get().CLAIM_KEY
    own = [accounts.derived_key("claim"), *accounts.fallback_keys("claim")]
    keys: list[str | bytes] = [shared, *own] if shared else [*own]
    return ClaimSigner(
        keys[0],
        fallback_keys=keys[1:],
        max_age=conf.get().CLAIM_MAX_AGE,
        clock=lambda: utc_now(),
    )


def code_in(query: str) -> str | None:
    """Return the code that a URL or a query carries in one of the shop's parameters."""
    return extract_referrer_code(query, params=conf.get().CAPTURE_PARAMS or DEFAULT_PARAMS)


def code_typed(text: str) -> str | None:
    """Return the code in what somebody typed or pasted, be it a whole referral link; None where there is none."""
    return typed_referrer_code(text, params=conf.get().CAPTURE_PARAMS or DEFAULT_PARAMS)


def note_visit(request: HttpRequest) -> None:
    """Capture what the request's own URL carries; neither a query nor a look at the session."""
    query: str = request.META.get("QUERY_STRING", "")
    if not query:
        return
    if not query.isascii():
        with suppress(UnicodeError):  # WSGI hands bytes over as Latin-1
            query = query.encode("latin-1").decode()
    note_code(request, code_in(f"?{query}"))


def note_code(request: HttpRequest, code: str | None) -> None:
    """Take ``code`` for captured by this request."""
    if code is not None:
        visit_of(request).captured = CurrentClaim(code, utc_now(), VISIT)


def note_typed(request: HttpRequest, code: str | None) -> None:
    """See :func:`.context.typed_code`."""
    visit = visit_of(request)
    if not code:
        visit.typed, visit.was_typed = None, True
        return
    signer().issue(code)
    claim = _counting(request, visit, typed=code)
    if claim is not None and claim.source == FIELD and (visit.typed is None or visit.typed.code != code):
        _tell(request, claim)
    visit.typed, visit.was_typed = claim, True


def claim_of(request: HttpRequest) -> CurrentClaim | None:
    """See :func:`.context.current_claim`."""
    visit = visit_of(request)
    claim = visit.typed if visit.was_typed else _counting(request, visit)
    if claim is not None:
        # What shows a visitor's claim is no page for others: `cache_page` stores it before the middleware's `Vary`.
        request._cache_update_cache = False  # type: ignore[attr-defined]
    return claim


def claim_for_state(request: HttpRequest) -> str:
    """Return the current claim as a token to carry in an OAuth ``state``; "" where there is none.

    A provider that answers by POST (Apple's ``form_post``) brings none of the ``SameSite=Lax`` cookies back, so neither
    the claim nor the session. allauth works around that for Apple itself and needs nothing here.
    """
    claim = claim_of(request)
    return signer().issue(claim.code, at=claim.claimed_at or utc_now()) if claim else ""


def claim_from_state(request: HttpRequest, token: str | None) -> None:
    """Give the request the claim that :func:`claim_for_state` made; what is forged or too old counts as none.

    A claim that the visitor's own cookies carry goes before it.
    """
    claim = _read(token, STATE)
    if claim is not None:
        visit_of(request).state = claim


def remember(request: HttpRequest, response: HttpResponseBase) -> bool:
    """Keep the request's claim in the response's cookie, or in the session while there is no consent; once a request.

    Returns:
        whether the claim that counts is in the visitor's cookie now.

    """
    visit = visit_of(request)
    if visit.remembered is None:
        visit.remembered = _remember(request, response, visit)
    return visit.remembered


def _remember(request: HttpRequest, response: HttpResponseBase, visit: Visit) -> bool:
    settings = conf.get()
    captured, has_cookie = visit.captured, settings.COOKIE_NAME in request.COOKIES
    # A session that the page itself didn't load is left alone, so that a visit without a code costs no query.
    if captured is None and not has_cookie and not _session_is_loaded(request):
        return False
    cookie, waiting = _kept(request, visit)
    token = _session_token(request) if _session_is_loaded(request) else None
    known = {
        "attribution": settings.ATTRIBUTION,
        "captured": _code_of(captured),
        "hasCookie": has_cookie,
        "cookie": _code_of(cookie),
        "hasWaiting": token is not None,
        "waiting": _code_of(waiting),
    }
    keeping = decide("keepCode", **known, consent=None if settings.CONSENT else True)
    if keeping["asksConsent"]:
        keeping = decide("keepCode", **known, consent=consents(request))
    if keeping["isNews"] and captured is not None:
        _tell(request, captured)
    if keeping["dropsCookie"]:
        response.delete_cookie(settings.COOKIE_NAME, domain=settings.COOKIE_DOMAIN, samesite="Lax")
        _keep_private(response)
    if keeping["waits"] and captured is not None and hasattr(request, "session"):
        request.session[SESSION_KEY] = signer().issue(captured.code)
        _keep_private(response)
    if keeping["dropsWaiting"]:
        del request.session[SESSION_KEY]
    claim = {"captured": captured, "cookie": cookie, "waiting": waiting, None: None}[keeping["intoCookie"]]
    if claim is not None:
        _set_cookie(request, response, claim)
    return bool(keeping["isRemembered"])


def consents(request: HttpRequest) -> bool:
    """Ask the shop's consent callable; a callable that raises says no."""
    path = conf.get().CONSENT
    if not path:
        return True
    try:
        consent: Callable[[HttpRequest], Any] = import_string(path)
        return bool(consent(request))
    except Exception as error:  # noqa: BLE001 (the shop's own code)
        logger.error("The consent callable failed, which counts as no consent: %s", in_short(error))
        return False


def _counting(request: HttpRequest, visit: Visit, *, typed: str | None = None) -> CurrentClaim | None:
    """Return the claim that counts, if this code was typed, or none was."""
    cookie, waiting = _kept(request, visit)
    claims = {"captured": visit.captured, "kept": cookie or waiting, "state": visit.state}
    codes = {name: _code_of(claim) for name, claim in claims.items()}
    which = decide("countingCode", attribution=conf.get().ATTRIBUTION, **codes, wasTyped=typed is not None, typed=typed)
    if which == "typed" and typed is not None:
        return CurrentClaim(typed, utc_now(), FIELD)
    return claims[which] if which else None


def _code_of(claim: CurrentClaim | None) -> str | None:
    return claim.code if claim else None


def _kept(request: HttpRequest, visit: Visit) -> tuple[CurrentClaim | None, CurrentClaim | None]:
    visit.read = True
    if visit.kept is None:
        cookie = _read(request.COOKIES.get(conf.get().COOKIE_NAME), VISIT) or _read(_handed_over(request), VISIT)
        # Of a visitor with a cookie only a session that is there anyway is looked at.
        waiting = _session_token(request) if cookie is None or _session_is_loaded(request) else None
        visit.kept = (cookie, _read(waiting, VISIT))
    return visit.kept


def _handed_over(request: HttpRequest) -> str | None:
    """Return what a storefront's server hands over, with requests that no cache answers."""
    return None if request.method in ("GET", "HEAD") else request.headers.get(_defaults.CLAIM_HEADER)


def _read(token: Any, source: str) -> CurrentClaim | None:
    if not token or not isinstance(token, str):
        return None
    claim: Claim | None = signer().read(token)
    return CurrentClaim(claim.code, claim.issued_at, source) if claim else None


def _session_token(request: HttpRequest) -> str | None:
    # Only a consent gate puts claims into sessions, so without one no session is ever looked at.
    if not conf.get().CONSENT or not hasattr(request, "session"):
        return None
    try:
        return request.session.get(SESSION_KEY)
    except SynchronousOnlyOperation:  # read in an event loop, before anything has loaded the session
        return None


def _session_is_loaded(request: HttpRequest) -> bool:
    return bool(getattr(getattr(request, "session", None), "accessed", False))


def _set_cookie(request: HttpRequest, response: HttpResponseBase, claim: CurrentClaim) -> None:
    settings = conf.get()
    now = utc_now()
    at = claim.claimed_at or now
    attributes = decide(
        "claimCookie",
        claimedAtMs=_milliseconds(at),
        nowMs=_milliseconds(now),
        maxAgeSeconds=int(settings.CLAIM_MAX_AGE.total_seconds()),
        isSecure=request.is_secure(),
    )
    response.set_cookie(
        settings.COOKIE_NAME,
        signer().issue(claim.code, at=at),
        max_age=attributes["maxAge"],
        path=attributes["path"],
        domain=settings.COOKIE_DOMAIN,
        secure=attributes["secure"],
        httponly=attributes["httpOnly"],
        samesite=attributes["sameSite"],
    )
    _keep_private(response)


def _milliseconds(at: datetime) -> int:
    return int(at.timestamp() * 1000)


def _keep_private(response: HttpResponseBase) -> None:
    # No cache that several visitors share may hand one's claim to another.
    headers = response.headers
    headers["Vary"] = decide("variesByCookie", header=headers.get("Vary", ""))
    headers["Cache-Control"] = decide("privateCacheControl", header=headers.get("Cache-Control", ""))
    for header in _defaults.SHARED_CACHE_HEADERS:
        headers.pop(header, None)


def _tell(request: HttpRequest, claim: CurrentClaim) -> None:
    for receiver, outcome in signals.referral_captured.send_robust(
        sender=CurrentClaim, request=request, code=claim.code, source=claim.source
    ):
        if isinstance(outcome, Exception):
            logger.error("A receiver of referral_captured failed: %r: %s", receiver, in_short(outcome))
