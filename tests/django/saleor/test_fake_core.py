"""The fake core does what its list says: each number of README.md is asserted here, or named where it is."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from conftest import Clock
from fake_saleor import Answer, FakeSaleor, InstallError, NetworkError, transport
from jwcrypto import jwk, jws

HERE = Path(__file__).parent
MANIFEST: dict[str, Any] = {
    "id": "an.app",
    "name": "An app",
    "version": "1",
    "permissions": ["MANAGE_USERS"],
    "appUrl": "https://app.example/page",
    "tokenTargetUrl": "https://app.example/token",
    "webhooks": [
        {
            "name": "customers",
            "targetUrl": "https://app.example/hook",
            "query": "subscription{event{__typename issuedAt ... on CustomerCreated{user{id email}}}}",
            "asyncEvents": ["CUSTOMER_CREATED"],
            "isActive": True,
        }
    ],
}


class AnApp:
    """An app that answers what a test wants."""

    def __init__(self) -> None:
        self.manifest = json.loads(json.dumps(MANIFEST))
        self.answers: list[int | None] = []
        self.heard: list[tuple[str, str, Mapping[str, str], bytes | None]] = []

    def send(self, method: str, url: str, headers: Mapping[str, str], body: bytes | None = None) -> Answer:
        self.heard.append((method, url, headers, body))
        if method == "GET":
            return Answer(200, json.dumps(self.manifest).encode())
        status = self.answers.pop(0) if self.answers else 200
        if status is None:
            raise NetworkError("reset")
        return Answer(status, b"")


@pytest.fixture
def app() -> AnApp:
    return AnApp()


@pytest.fixture
def core(app: AnApp) -> Any:
    with FakeSaleor(clock=Clock(), transport=app) as core:
        yield core


def test_f1_to_f4_installing(core: FakeSaleor, app: AnApp) -> None:
    one = core.install("https://app.example/manifest")
    (asked, told) = app.heard
    assert asked[:2] == ("GET", "https://app.example/manifest")
    assert told[:2] == ("POST", "https://app.example/token")
    assert json.loads(told[3] or b"") == {"auth_token": one.token}
    assert {"Saleor-Api-Url", "Saleor-Domain", "Saleor-Schema-Version"} <= set(told[2])
    app.answers = [302]
    with pytest.raises(InstallError):
        core.install("https://app.example/manifest")
    again = core.install("https://app.example/manifest")
    assert (again.id, again.token, again.private_metadata) != (one.id, one.token, None)
    for name in ("id", "name", "version"):
        app.manifest = {**MANIFEST, name: ""}
        with pytest.raises(InstallError, match=name):
            core.install("https://app.example/manifest")
    app.manifest = {**MANIFEST, "permissions": ["MANAGE_APPS"]}
    with pytest.raises(InstallError, match="MANAGE_APPS"):
        core.install("https://app.example/manifest")
    core.version = "3.23.0"
    core.install("https://app.example/manifest")


def test_f5_to_f8_a_signed_webhook(core: FakeSaleor, app: AnApp) -> None:
    core.install("https://app.example/manifest")
    former = core.keys.kid
    core.keys.rotate()
    core.register("bo@example.org")
    core.deliver()
    _, _, headers, body = app.heard[-1]
    assert {name for name in headers if name.startswith("Saleor-")} == {
        "Saleor-Event", "Saleor-Signature", "Saleor-Api-Url", "Saleor-Domain",
    }  # fmt: skip
    assert headers["Saleor-Event"] == "customer_created"
    _, payload, _ = headers["Saleor-Signature"].split(".")
    assert payload == ""
    (key,) = core.keys.public()["keys"]
    assert key["kid"] == core.keys.kid != former
    assert "d" not in key
    made = jws.JWS()
    made.deserialize(headers["Saleor-Signature"])
    assert json.loads(made.objects["protected"]) == {
        "alg": "RS256",
        "b64": False,
        "crit": ["b64"],
        "kid": core.keys.kid,
    }
    made.verify(jwk.JWK(**key), detached_payload=body)
    core.keys.rotate(keep=True)
    assert len(core.keys.public()["keys"]) == 2


def test_f9_to_f12_tries(core: FakeSaleor, app: AnApp) -> None:
    core.install("https://app.example/manifest")
    app.answers = [503, None, 500, 502, 504, 500]
    core.register("bo@example.org")
    (delivery,) = core.deliveries
    began = core.clock()
    waits = []
    while delivery.state == "pending":
        core.deliver()
        waits.append(round((delivery.due_at - core.clock()).total_seconds()))
        core.clock.advance(max(waits[-1], 0) + 0.01)  # type: ignore[attr-defined]
    assert waits[:5] == [10, 20, 40, 80, 160]
    assert (delivery.state, len(delivery.attempts)) == ("failed", 6)
    assert core.clock() - began > timedelta(seconds=310)
    for status in (302, 401, 404, 422):
        app.answers = [status]
        core.register(f"{status}@example.org")
        core.deliver()
        assert (core.deliveries[-1].state, core.deliveries[-1].attempts) == ("failed", [status])
    core.register("cy@example.org")
    core.deliver()
    assert core.deliveries[-1].state == "success"
    assert (transport.CONNECT, transport.READ) == (2.0, 18.0)


def test_f13_and_f14_payloads(core: FakeSaleor, app: AnApp) -> None:
    core.install("https://app.example/manifest")
    core.register("bo@example.org", metadata={"a": "b"})
    payload = json.loads(core.deliveries[-1].body)
    assert set(payload) == {"__typename", "issuedAt", "user"}
    assert set(payload["user"]) == {"id", "email"}
    for field in ("privateMetadata{key value}", "privateMetafield", "password", "metadata"):
        app.manifest["webhooks"][0]["query"] = f"subscription{{event{{... on CustomerCreated{{user{{id {field}}}}}}}}}"
        with pytest.raises(InstallError):
            core.install("https://app.example/manifest")


def test_f15_and_f17_the_dashboard(core: FakeSaleor) -> None:
    app = core.install("https://app.example/manifest")
    page = core.page_url(app, theme="dark")
    assert page.startswith("https://app.example/page?domain=127.0.0.1%3A")
    assert re.search(r"saleorApiUrl=.+&id=.+&theme=dark$", page)
    made = jws.JWS()
    made.deserialize(core.dashboard_token(app), jwk.JWK(**core.keys.public()["keys"][0]))
    claims = json.loads(made.payload)
    assert (claims["iss"], claims["app"], claims["exp"] - claims["iat"]) == (core.api_url, app.id, 300)
    assert claims["user_permissions"] == ["MANAGE_APPS"]
    assert claims["permissions"] == []
    html = (HERE / "fake_saleor" / "dashboard.html").read_text()
    assert '"allow-same-origin allow-forms allow-scripts allow-downloads allow-popups"' in html
    for kind in ("handshake", "tokenRefresh", "theme", "localeChanged"):
        assert f'"{kind}"' in html


def test_f16_removal_and_status(core: FakeSaleor, app: AnApp) -> None:
    app.manifest["webhooks"].append(
        {
            "name": "app",
            "targetUrl": "https://app.example/app",
            "query": "subscription{event{__typename ... on AppDeleted{app{id isActive}}}}",
            "asyncEvents": ["APP_DELETED"],
            "isActive": True,
        }
    )
    installed = core.install("https://app.example/manifest")
    core.uninstall(installed)
    payload = json.loads(core.deliveries[-1].body)
    assert payload == {"__typename": "AppDeleted", "app": {"id": installed.id, "isActive": True}}
    core.version = "3.22.1"
    with pytest.raises(InstallError, match=r"before 3\.23"):
        core.install("https://app.example/manifest")


def test_f18_to_f20_what_happens_in_a_shop(core: FakeSaleor, app: AnApp) -> None:
    for event, name in (("ORDER_PAID", "OrderPaid"), ("ORDER_FULLY_PAID", "OrderFullyPaid")):
        app.manifest["webhooks"].append(
            {
                "name": name,
                "targetUrl": "https://app.example/order",
                "query": "subscription{event{__typename ... on TYPE{order{id user{id} metadata{key value}}}}}".replace(
                    "TYPE", name
                ),
                "asyncEvents": [event],
                "isActive": True,
            }
        )
    app.manifest["webhooks"][0]["query"] = (
        "subscription{event{__typename ... on CustomerCreated{user{isConfirmed metadata{key value}}}}}"
    )
    core.install("https://app.example/manifest")
    core.register("bo@example.org", metadata={"a": "b"})
    user = json.loads(core.deliveries[-1].body)["user"]
    assert user == {"isConfirmed": False, "metadata": [{"key": "a", "value": "b"}]}
    assert core.register("bo@example.org") is None
    assert len(core.deliveries) == 1
    core.pay(email="guest@example.org", metadata={"c": "d"}, by_hand=True)
    assert [each.event for each in core.deliveries[1:]] == ["ORDER_FULLY_PAID"]
    order = json.loads(core.deliveries[-1].body)["order"]
    assert (order["user"], order["metadata"]) == (None, [{"key": "c", "value": "d"}])
    core.pay(email="guest@example.org")
    assert [each.event for each in core.deliveries[2:]] == ["ORDER_PAID", "ORDER_FULLY_PAID"]


def test_every_behaviour_of_the_list_is_in_the_fake() -> None:
    # F21 is asserted by what the app does with it: test_installation.py.
    listed = set(re.findall(r"^\| (F\d+[a-e]?) \|", (HERE / "fake_saleor" / "README.md").read_text(), re.MULTILINE))
    sources = "".join(
        each.read_text() for each in (HERE / "fake_saleor").iterdir() if each.suffix in (".py", ".html")
    ).replace("F16a to F16e", "F16a F16b F16c F16d F16e")
    named = set(re.findall(r"\bF\d+[a-e]?\b", sources))
    assert named == listed
