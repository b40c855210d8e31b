"""What can go wrong, as one exception class a kind.

Whatever goes wrong with a call is a :class:`GameballError`. Catch the subclass for which you have an answer; the
attributes tell the rest. The classes and what leads to each are one table, shared with the other languages.
"""

from __future__ import annotations

from typing import Any, ClassVar


class GameballError(Exception):
    """Base class of all errors of this package.

    ``str()`` says what failed, where known what to do, and how Gameball called it. It never contains a key or
    anything of a request's body.
    """

    kind: ClassVar[str] = "internal"
    """The kind's name, the same in every language."""

    field: str | None
    """Path of the refused argument, such as ``line_items[0].price``."""
    status: int | None
    """HTTP status of the answer."""
    gameball_code: int | None
    """Gameball's own error code."""
    request_id: str | None
    """Gameball's id of the request, to quote to their support."""
    retry_after: float | None
    """Seconds that Gameball asked to wait."""
    attempts: int
    """How often the request was sent; 0 if not at all."""
    retryable: bool
    """Whether the same call may succeed later by itself."""

    def __init__(
        self,
        message: str,
        *,
        field: str | None = None,
        status: int | None = None,
        gameball_code: int | None = None,
        request_id: str | None = None,
        retry_after: float | None = None,
        attempts: int = 0,
        retryable: bool = False,
    ) -> None:
        super().__init__(message)
        self.field = field
        self.status = status
        self.gameball_code = gameball_code
        self.request_id = request_id
        self.retry_after = retry_after
        self.attempts = attempts
        self.retryable = retryable

    def __str__(self) -> str:
        text = str(self.args[0]) if self.args else ""
        if self.field:
            text = f"{self.field}: {text}"
        if self.status is not None:
            code = "" if self.gameball_code is None else f", Gameball code {self.gameball_code}"
            text = f"{text} (HTTP {self.status}{code})"
        if self.request_id:
            text = f"{text} [request {self.request_id}]"
        return text

    def __repr__(self) -> str:
        return f"{type(self).__name__}({str(self)!r})"


class ConfigurationError(GameballError):
    """Keys, base URL or another option cannot work; nothing was sent. Correct the named option."""

    kind = "configuration"


class InvalidArgumentError(GameballError, ValueError):
    """An argument is malformed; nothing was sent. ``field`` names it. Correct the caller."""

    kind = "invalid_argument"


class AuthenticationError(GameballError):
    """Gameball refused the keys. Check that both are right, current and of one account."""

    kind = "authentication"


class PermissionDeniedError(GameballError):
    """The keys are right, but the account may not do this: plan, API version, or Gameball is disabled."""

    kind = "permission"


class NotFoundError(GameballError):
    """Gameball knows no such customer or object. Create the customer first."""

    kind = "not_found"


class ConflictError(GameballError):
    """It exists already (a repeated order), or is being written right now (then ``retryable``)."""

    kind = "conflict"


class ReferralError(GameballError):
    """The referral itself was refused: unknown code, or the customer was referred before. Go on without it."""

    kind = "referral"


class RateLimitedError(GameballError):
    """Over the account's limits. Wait ``retry_after`` seconds, or a second where it is None."""

    kind = "rate_limited"


class ApiError(GameballError):
    """Any other refusal. Read the message; the same call will be refused again unless ``retryable``."""

    kind = "api"


class ServerError(GameballError):
    """Gameball failed. Try again later; an order may have been tracked nevertheless."""

    kind = "server"


class RequestTimeoutError(GameballError, TimeoutError):
    """The call's overall deadline passed. It may have been carried out nevertheless; try again later."""

    kind = "timeout"


class ConnectionFailedError(GameballError, ConnectionError):
    """The connection could not be made, or broke. Check network and base URL; try again later."""

    kind = "connection"


class DecodeError(GameballError):
    """The answer is not what the documents describe: a proxy's page, a broken or oversized body."""

    kind = "decode"


class ClosedError(GameballError):
    """The client was closed. Build a new one."""

    kind = "closed"


class InternalError(GameballError):
    """A defect of this package. Please report it."""

    kind = "internal"


_CLASSES: dict[str, type[GameballError]] = {
    error.kind: error
    for error in (
        ConfigurationError,
        InvalidArgumentError,
        AuthenticationError,
        PermissionDeniedError,
        NotFoundError,
        ConflictError,
        ReferralError,
        RateLimitedError,
        ApiError,
        ServerError,
        RequestTimeoutError,
        ConnectionFailedError,
        DecodeError,
        ClosedError,
        InternalError,
    )
}


def from_record(record: dict[str, Any]) -> GameballError:
    """Make the exception of an error record, as the native module hands it over."""
    details = dict(record)
    error = _CLASSES.get(details.pop("kind"), InternalError)
    return error(details.pop("message"), **details)
