"""From the installation to the receipt, over HTTP: the server between a fake Saleor and an emulated Gameball."""

from __future__ import annotations

import re
import signal
from base64 import b64decode
from collections.abc import Callable
from typing import Any
from urllib.parse import urlencode

from conftest import Running
from fake_saleor import App, FakeSaleor
from gameball_referrals.testing import Emulator
from gameball_saleor_plugin.ids import global_id


def page(server: Running, saleor: FakeSaleor, app: App, part: str, fields: dict[str, str] | None = None) -> str:
    """Ask for a part of the Dashboard's page, as its script does."""
    headers = {"Authorization-Bearer": saleor.dashboard_token(app), "Saleor-Api-Url": saleor.api_url}
    url = f"{server.url}/saleor/app/{part}"
    if fields:
        headers["Content-Type"] = "application/x-www-form-urlencoded"
        answer = server.http.request("POST", url, body=urlencode(fields), headers=headers)
    else:
        answer = server.http.request("GET", url, headers=headers)
    assert answer.status == 200, answer.data
    told: str = answer.data.decode()
    return told


def until(server: Running, says: Callable[[], Any]) -> Any:
    """Ask until there is an answer; each round waits for one of the server's own."""
    while not (found := says()):
        assert server.process.poll() is None, server.output
        assert server.get("/ready").status == 200
    return found


def test_a_referral_survives_a_killed_server(serve: Callable[..., Running]) -> None:
    with FakeSaleor() as saleor, Emulator(limits=False, processing_ms=0) as gameball:
        gameball.add_customer("anna", referral_code="ANNA1")
        variables = {"ALLOWED_SALEOR_API_URLS": saleor.api_url, "GAMEBALL_BASE_URL": gameball.url}

        def customer(customer_id: str) -> Any:
            known = {each["customerId"]: each for each in gameball.state()["customers"]}
            return known.get(customer_id)

        # Nothing is sent by the first server, so that all is still to be done when it dies.
        server = serve(**variables, GAMEBALL_SENDER="worker")
        app = saleor.install(f"{server.url}/saleor/manifest")
        page(server, saleor, app, "keys", {"api_key": gameball.api_key, "secret_key": gameball.secret_key})
        user = saleor.register("ben@shop.test", metadata={"gameball_claim": "https://shop.example/?ref=ANNA1"})
        assert user is not None
        saleor.deliver()
        assert [each.state for each in saleor.deliveries] == ["success"]
        server.stop(signal.SIGKILL)
        # Saleor pays no heed: its next event fails, and comes again.
        order = saleor.pay(user=user)
        saleor.deliver()
        assert saleor.deliveries[-1].state == "pending"

        server = serve("--port", str(server.port), **variables)
        assert until(server, lambda: customer(user["id"]))
        saleor.attempt(saleor.deliveries[-1])
        assert saleor.deliveries[-1].state == "success"
        (tracked,) = until(server, lambda: gameball.state()["orders"])
        assert (tracked["orderId"], tracked["customerId"]) == (order["id"], user["id"])
        assert customer(user["id"])["isReferred"]
        assert re.search("linked", until(server, lambda: page(server, saleor, app, "referrals")), re.IGNORECASE)
        # The plugin knows the same customer by the same id.
        assert user["id"] == global_id("User", b64decode(user["id"]).decode().removeprefix("User:"))
        assert server.stop() == 0
        for secret in (gameball.api_key, gameball.secret_key, app.token, "ben@shop.test", saleor.dashboard_token(app)):
            assert secret not in server.output
