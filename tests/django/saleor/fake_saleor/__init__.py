"""A contract fake of a Saleor core: it does towards an app what a real one was seen to do, and nothing else.

``README.md`` beside this file lists its behaviours one by one, each with the fact it stands on; the code names them by
their numbers (F1, F2, …). It shares no code with the app: its signatures are jwcrypto's, the app's check is PyJWT's.
"""

from __future__ import annotations

from .core import App, Delivery, FakeSaleor, InstallError
from .signing import SigningKeys
from .transport import Answer, HttpTransport, NetworkError, Transport

__all__ = [
    "Answer",
    "App",
    "Delivery",
    "FakeSaleor",
    "HttpTransport",
    "InstallError",
    "NetworkError",
    "SigningKeys",
    "Transport",
]
