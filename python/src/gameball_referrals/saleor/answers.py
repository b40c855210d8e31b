"""How this app's endpoints answer a machine: a status, a code and a sentence, and nothing of what was sent."""

from __future__ import annotations

from django.http import HttpRequest, JsonResponse


def done(note: str = "") -> JsonResponse:
    """Answer that it is done, stored and committed."""
    return JsonResponse({"success": True, **({"note": note} if note else {})})


def refused(status: int, code: str, message: str) -> JsonResponse:
    """Answer that it is not done; the status tells whether another try can help (5xx) or not (4xx)."""
    return JsonResponse({"success": False, "error": {"code": code, "message": message}}, status=status)


def bounded_body(request: HttpRequest, most: int) -> bytes | None:
    """Return the body; None if it is larger than ``most`` bytes, of which no more are read then."""
    body = request.read(most + 1)
    return None if len(body) > most else body
