"""The core: installs apps, tells them of events, tries again, and shows them in its Dashboard."""

from __future__ import annotations

import base64
import json
import secrets
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta, timezone
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

from . import subscriptions
from .signing import SigningKeys
from .transport import Answer, HttpTransport, NetworkError, Transport

RETRY_AFTER = (10, 20, 40, 80, 160)
"""Seconds after which a delivery is tried again (F10)."""
TOKEN_LIFE = 300
"""Seconds (F17)."""
HERE = Path(__file__).parent


class InstallError(Exception):
    """The core did not install the app, or the app did not take its token."""


@dataclass
class App:
    """An installed app."""

    id: str
    token: str
    manifest: dict[str, Any]
    active: bool = True
    private_metadata: dict[str, str] = field(default_factory=dict)


@dataclass
class Delivery:
    """One event on its way to one webhook."""

    event: str
    url: str
    body: bytes
    due_at: datetime
    attempts: list[int | str] = field(default_factory=list)
    """The statuses of the answers; or what the network did."""
    state: str = "pending"
    """``pending``, ``success``, ``failed`` (dropped)."""


def global_id(kind: str, key: object) -> str:
    return base64.b64encode(f"{kind}:{key}".encode()).decode()


class FakeSaleor:
    """A Saleor at an address of this machine.

    Args:
        clock: the time, which tests move.
        transport: how apps are reached.
        version: of Saleor.

    """

    def __init__(
        self,
        *,
        clock: Callable[[], datetime] | None = None,
        transport: Transport | None = None,
        version: str = "3.24.1",
    ) -> None:
        self.clock = clock or (lambda: datetime.now(timezone.utc))
        self.transport = transport or HttpTransport()
        self.version = version
        self.keys = SigningKeys()
        self.apps: dict[str, App] = {}
        self.deliveries: list[Delivery] = []
        self.asked: list[str] = []
        """The paths that others have asked for, in order."""
        self.answers: dict[str, Callable[[], tuple[int, dict[str, str], bytes]]] = {}
        """What to answer instead, by path: for tests of a core that misbehaves."""
        self._customers: dict[str, dict[str, Any]] = {}
        self._numbers = iter(range(1, 10**6))
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(self))
        threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True).start()
        self.origin = f"http://127.0.0.1:{self._server.server_address[1]}"
        self.api_url = f"{self.origin}/graphql/"

    def __enter__(self) -> FakeSaleor:
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()

    @property
    def _headers(self) -> dict[str, str]:
        # F3, F5
        return {"Saleor-Api-Url": self.api_url, "Saleor-Domain": urlsplit(self.origin).netloc}

    # --- Installing -------------------------------------------------------------------------------------------

    def install(self, manifest_url: str) -> App:
        """Install an app as the Dashboard's *Install external app* does: F1, F2, F3."""
        asked = self.transport.send("GET", manifest_url, {"Saleor-Schema-Version": self.version})
        if asked.status != 200:
            raise InstallError(f"the manifest: HTTP {asked.status}")
        manifest = json.loads(asked.body)
        self._check(manifest)
        app = App(global_id("App", next(self._numbers)), secrets.token_hex(15), manifest)
        self.apps[app.id] = app
        told = self.send_token(app)
        if not 200 <= told.status < 300:
            del self.apps[app.id]
            raise InstallError(f"the token: HTTP {told.status} {told.body.decode()}")
        return app

    def send_token(self, app: App, *, token: str | None = None, api_url: str | None = None) -> Answer:
        """POST the token to the app (F3)."""
        headers = {**self._headers, "Content-Type": "application/json", "Saleor-Schema-Version": self.version}
        if api_url is not None:
            headers["Saleor-Api-Url"] = api_url
        body = json.dumps({"auth_token": token or app.token}).encode()
        return self.transport.send("POST", app.manifest["tokenTargetUrl"], headers, body)

    def _check(self, manifest: dict[str, Any]) -> None:
        for name in ("id", "name", "version"):
            if not manifest.get(name):
                raise InstallError(f"the manifest lacks {name}")
        if "MANAGE_APPS" in manifest.get("permissions", []) and self._is_at_least(3, 24):
            raise InstallError("MANAGE_APPS is refused")
        for webhook in manifest.get("webhooks", []):
            for event in webhook["asyncEvents"]:
                if event not in subscriptions.TYPES:
                    raise InstallError(f"unknown event {event}")
                if event.startswith("APP_") and not self._is_at_least(3, 23):
                    raise InstallError(f"{event} before 3.23")
                try:
                    subscriptions.check(event, webhook["query"])
                except subscriptions.QueryError as error:
                    raise InstallError(str(error)) from error

    def _is_at_least(self, *wanted: int) -> bool:
        return tuple(map(int, self.version.split(".")[:2])) >= wanted

    def uninstall(self, app: App) -> None:
        """Remove an app, and its private metadata with it (F4); it is told (F16)."""
        self._emit("APP_DELETED", {"app": {"id": app.id, "isActive": app.active}}, only=app)
        del self.apps[app.id]

    def set_active(self, app: App, active: bool) -> None:
        """Switch an app off or on; it is told (F16)."""
        app.active = active
        self._emit("APP_STATUS_CHANGED", {"app": {"id": app.id, "isActive": active}}, only=app)

    # --- What happens in the shop -----------------------------------------------------------------------------

    def register(
        self, email: str, *, metadata: dict[str, str] | None = None, confirmed: bool = False, **names: str
    ) -> dict[str, Any] | None:
        """``accountRegister``: F18 and F19. None where the address is known."""
        if email in self._customers:
            return None
        user = self._customers[email] = {
            "id": global_id("User", next(self._numbers)),
            "email": email,
            "firstName": names.get("first_name", "Bo"),
            "lastName": names.get("last_name", "Berg"),
            "isConfirmed": confirmed,
            "dateJoined": self.clock().isoformat(),
            "metadata": _items(metadata),
            "orders": {"totalCount": 0},
        }
        self._emit("CUSTOMER_CREATED", {"user": user})
        return user

    def confirm(self, user: dict[str, Any]) -> None:
        """The customer follows the link in the e-mail."""
        user["isConfirmed"] = True
        self._emit("ACCOUNT_CONFIRMED", {"user": user})

    def pay(
        self,
        *,
        user: dict[str, Any] | None = None,
        email: str = "",
        metadata: dict[str, str] | None = None,
        amount: float = 25.10,
        by_hand: bool = False,
        **changes: Any,
    ) -> dict[str, Any]:
        """Place an order and pay it: by the customer or, ``by_hand``, by staff (F20)."""
        if user is not None:
            user["orders"]["totalCount"] += 1
        number = next(self._numbers)
        order = {
            "id": global_id("Order", f"0f1c{number:08d}-5a5a-4b4b-8c8c-{number:012d}"),
            "number": str(number),
            "created": self.clock().isoformat(),
            "userEmail": email or (user or {}).get("email", ""),
            "checkoutId": global_id("Checkout", number),
            "metadata": _items(metadata),
            "user": user,
            "channel": {"slug": "default-channel"},
            "total": {"gross": {"amount": amount, "currency": "EUR"}},
            "totalCharged": {"amount": amount},
            "lines": [{"id": global_id("OrderLine", number), "quantity": 2, "productSku": "MUG-30"}],
            **changes,
        }
        if not by_hand:
            self._emit("ORDER_PAID", {"order": order})
        self._emit("ORDER_FULLY_PAID", {"order": order})
        return order

    # --- Telling ------------------------------------------------------------------------------------------------

    def _emit(self, event: str, source: dict[str, Any], *, only: App | None = None) -> None:
        for app in list(self.apps.values()):
            # An app that is switched off hears of nothing but that.
            if (only is not None and app is not only) or not (app.active or only is app):
                continue
            for webhook in app.manifest.get("webhooks", []):
                if event in webhook["asyncEvents"] and webhook["isActive"]:
                    body = subscriptions.payload(event, webhook["query"], source, self.clock().isoformat())
                    raw = json.dumps(body).encode()
                    self.deliveries.append(Delivery(event, webhook["targetUrl"], raw, self.clock()))

    def deliver(self) -> list[Delivery]:
        """Try what is due by the clock, once each, and return it (F9, F10, F11)."""
        due = [each for each in self.deliveries if each.state == "pending" and each.due_at <= self.clock()]
        for delivery in due:
            self.attempt(delivery)
        return due

    def attempt(self, delivery: Delivery) -> None:
        """Send a delivery, and see to what comes of it."""
        try:
            status = self.send(delivery).status
        except NetworkError as error:
            delivery.attempts.append(str(error))
            again = True
        else:
            delivery.attempts.append(status)
            again = status >= 500
            if 200 <= status < 300:
                delivery.state = "success"
                return
        tries = len(delivery.attempts)
        if not again or tries > len(RETRY_AFTER):
            delivery.state = "failed"
        else:
            delivery.due_at = self.clock() + timedelta(seconds=RETRY_AFTER[tries - 1])

    def headers(self, delivery: Delivery, **changes: str) -> dict[str, str]:
        """What a delivery is sent with (F5): no id among them."""
        return {
            **self._headers,
            "Content-Type": "application/json",
            "Saleor-Event": delivery.event.lower(),
            # Signed at each attempt, with the present key.
            "Saleor-Signature": self.keys.detached(delivery.body),
            **changes,
        }

    def send(self, delivery: Delivery, **headers: str) -> Answer:
        """POST a delivery once, come what may; ``headers`` replace its own."""
        return self.transport.send("POST", delivery.url, self.headers(delivery, **headers), delivery.body)

    # --- The Dashboard ------------------------------------------------------------------------------------------

    def dashboard_token(self, app: App, /, *, permissions: tuple[str, ...] = ("MANAGE_APPS",), **changes: Any) -> str:
        """The token that the Dashboard hands to an app's page (F17)."""
        now = int(self.clock().timestamp())
        claims = {
            "iat": now,
            "iss": self.api_url,
            "exp": now + TOKEN_LIFE,
            "app": app.id,
            "user_id": global_id("User", 1),
            "permissions": [each for each in permissions if each in app.manifest["permissions"]],
            "user_permissions": list(permissions),
            **changes,
        }
        return self.keys.token({name: value for name, value in claims.items() if value is not None})

    def page_url(self, app: App, *, theme: str = "light") -> str:
        """What the Dashboard embeds (F15)."""
        query = {
            "domain": urlsplit(self.origin).netloc,
            "saleorApiUrl": self.api_url,
            "id": app.id,
            "theme": theme,
        }
        return f"{app.manifest['appUrl']}?{urlencode(query)}"

    # --- What others ask it -----------------------------------------------------------------------------------

    def answer(self, method: str, path: str, headers: Any, body: bytes) -> tuple[int, dict[str, str], bytes]:
        self.asked.append(urlsplit(path).path)
        where, query = urlsplit(path).path, parse_qs(urlsplit(path).query)
        if where in self.answers:
            return self.answers[where]()
        if method == "GET" and where == "/.well-known/jwks.json":
            return _json(200, self.keys.public())
        if method == "POST" and where == "/graphql/":
            return self._graphql(headers, body)
        if where.startswith("/dashboard"):
            return self._dashboard(where, query)
        return 404, {}, b""

    def _graphql(self, headers: Any, body: bytes) -> tuple[int, dict[str, str], bytes]:
        # F21
        token = headers.get("Authorization-Bearer") or headers.get("Authorization", "").removeprefix("Bearer ")
        if "".join(json.loads(body)["query"].split()) != "query{app{id}}":
            return _json(400, {"errors": [{"message": "this fake knows one query"}]})
        app = next((each for each in self.apps.values() if each.token == token), None)
        return _json(200, {"data": {"app": {"id": app.id} if app else None}})

    def _dashboard(self, where: str, query: dict[str, list[str]]) -> tuple[int, dict[str, str], bytes]:
        app = next((each for each in self.apps.values() if each.id == query.get("app", [""])[0]), None)
        if app is None:
            return 404, {}, b""
        if where == "/dashboard/token":
            life = int(query.get("life", [str(TOKEN_LIFE)])[0])
            now = int(self.clock().timestamp())
            permissions = tuple(filter(None, query.get("permissions", ["MANAGE_APPS"])[0].split(",")))
            token = self.dashboard_token(app, permissions=permissions, exp=now + life)
            return _json(200, {"token": token})
        page = (HERE / "dashboard.html").read_text()
        theme = query.get("theme", ["light"])[0]
        told = {"src": self.page_url(app, theme=theme), "app": app.id, "theme": theme, "version": self.version}
        page = page.replace("__DASHBOARD__", json.dumps(told).replace("<", "\\u003c"))
        return 200, {"Content-Type": "text/html; charset=utf-8"}, page.encode()


def _items(metadata: dict[str, str] | None) -> list[dict[str, str]]:
    return [{"key": key, "value": value} for key, value in (metadata or {}).items()]


def _json(status: int, value: Any) -> tuple[int, dict[str, str], bytes]:
    return status, {"Content-Type": "application/json"}, json.dumps(value).encode()


def _handler(core: FakeSaleor) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def _serve(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            status, headers, content = core.answer(self.command, self.path, self.headers, body)
            self.send_response(status)
            for name, value in headers.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            try:
                self.wfile.write(content)
            except OSError:
                pass

        do_GET = do_POST = _serve  # noqa: N815

        def log_message(self, *_: Any) -> None:
            pass

    return Handler
