"""What `Client` and `AsyncClient` have in common: their options, and that they show and give away nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar, NoReturn

from . import _defaults
from ._calls import arguments

if TYPE_CHECKING:
    from . import _native


class BaseClient:
    """A client's options. The keys stay in the native module."""

    # The emulator that built the client, if one did: it is not to stop before.
    _emulator: object = None
    _native_class: ClassVar[type[_native.Client | _native.AsyncClient | _native.Courier]]

    def __init__(
        self,
        api_key: str,
        secret_key: str | None = None,
        *,
        base_url: str = _defaults.BASE_URL,
        api_version: str = _defaults.API_VERSION,
        high_security: bool = False,
        timeout: float = _defaults.TIMEOUT,
        max_retries: int = _defaults.MAX_RETRIES,
        allow_plain_http: bool = False,
    ) -> None:
        try:
            self._native: Any = self._native_class(arguments(locals()))
        finally:
            # A traceback may be shown with its frames' variables; a URL may hold a password.
            del api_key, secret_key, base_url

    @property
    def base_url(self) -> str:
        """Where the calls go."""
        return str(self._native.base_url)

    @property
    def api_version(self) -> str:
        """The API version in use."""
        return str(self._native.api_version)

    def __repr__(self) -> str:
        name = type(self).__name__
        if not hasattr(self, "_native"):
            return f"<{name} without options>"
        return f"{name}(base_url={self.base_url!r}, api_version={self.api_version!r})"

    def __reduce__(self) -> NoReturn:
        raise TypeError(
            f"{type(self).__name__} holds keys and connections, and can be neither copied nor pickled: "
            "build one in each process, once"
        )
