"""Two fake Saleor cores, a local Gameball, and the server between them, for the browser; commands come by stdin."""

from __future__ import annotations

import json
import os
import sys
import tempfile
import threading
from collections import Counter
from datetime import timedelta
from pathlib import Path
from socketserver import ThreadingMixIn
from typing import Any
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer, make_server

TESTS = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(TESTS / "django" / "saleor")]

from fake_saleor import App, FakeSaleor  # noqa: E402
from fake_saleor.core import global_id  # noqa: E402
from gameball_referrals.testing import Emulator  # noqa: E402


class Server(ThreadingMixIn, WSGIServer):
    daemon_threads = True


class Quiet(WSGIRequestHandler):
    def log_message(self, *_: Any) -> None:
        pass


def start(saleors: list[FakeSaleor], gameball: Emulator) -> str:
    os.environ["DJANGO_SETTINGS_MODULE"] = "saleor_site.settings"
    os.environ["GAMEBALL_TEST_DB_NAME"] = str(Path(tempfile.mkdtemp(prefix="gameball-")) / "saleor.db")
    os.environ["GAMEBALL_TEST_SETTINGS"] = json.dumps(
        {
            "SENDER": "thread",
            "POLL_INTERVAL": 0.5,
            "BASE_URL": gameball.url,
            "SALEOR_API_URLS": [each.api_url for each in saleors],
        }
    )
    import django

    django.setup()
    from django.core.management import call_command
    from django.core.wsgi import get_wsgi_application

    call_command("migrate", verbosity=0)
    server = make_server("127.0.0.1", 0, get_wsgi_application(), server_class=Server, handler_class=Quiet)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    return f"http://127.0.0.1:{server.server_address[1]}"


def live_in(saleor: FakeSaleor) -> None:
    """Let the shop have been lived in: each receipt, what waits, what failed."""
    from django.utils import timezone
    from gameball_referrals.django import outbox, settling
    from gameball_referrals.django.models import Delivery, Referral
    from gameball_referrals.saleor.models import Instance

    account = Instance.objects.get(api_url=saleor.api_url).account
    now = timezone.now()
    receipts = [
        ("linked", "by_registration", "ANNA1", 2),
        ("linked", "by_order", "ANNA1", 5),
        ("rejected", "code_not_valid", "ANN4", 26),
        ("already_referred", "already_referred", "ANNA1", 49),
        ("lost", "late", "ANNA1", 75),
        ("linked", "by_registration", "CARL77", 98),
        ("unverified", "read_back_failed", "CARL77", 130),
    ]
    tallies: Counter[Any] = Counter()
    for number, (receipt, reason, code, hours) in enumerate(receipts, 40):
        at = now - timedelta(hours=hours)
        guest = reason == "by_order"
        customer = "guest-9f2c41d07ab3e85c" if guest else global_id("User", number)
        Referral.objects.create(
            account=account, customer_id=customer, referrer_code=code, source="metadata", registered_at=at, guest=guest,
            deadline_at=at + timedelta(minutes=5), receipt=receipt, reason=reason, settled_at=at + timedelta(seconds=2),
            late_by=timedelta(minutes=42) if reason == "late" else None, acknowledged_at=at + timedelta(seconds=1),
        )  # fmt: skip
        row = outbox.prepare("createCustomer", {"customer_id": customer}, account=account.pk, now=at)
        row.state, row.settled_at, row.created_at = "applied", at + timedelta(seconds=1), at
        row.arguments = ""
        row.save()
        tallies[settling.day(at), "registered"] += 1
        tallies[settling.day(at), receipt] += 1
    settling.count("default", account.pk, tallies)
    failed = outbox.prepare("createCustomer", {"customer_id": "VXNlcjo2MQ=="}, account=account.pk, now=now)
    failed.state, failed.settled_at, failed.error_kind, failed.status = "dead", now, "conflict", 422
    failed.gameball_code, failed.attempts = 3008, 1
    failed.history = [{"at": now.isoformat(), "operation": "createCustomer", "outcome": "dead", "reason": "conflict"}]
    failed.save()
    waiting = outbox.prepare("createCustomer", {"customer_id": "VXNlcjo2Mg=="}, account=account.pk, now=now)
    waiting.due_at, waiting.error_kind, waiting.attempts = now + timedelta(minutes=9), "server", 4
    waiting.save()
    assert Delivery.objects.filter(account=account).count() > 8


def main() -> None:
    with FakeSaleor() as one, FakeSaleor() as other, Emulator(limits=False, processing_ms=0) as gameball:
        saleors = {"one": one, "other": other}
        gameball.add_customer("anna", referral_code="ANNA1")
        url = start([one, other], gameball)
        apps: dict[str, App] = {}
        users: dict[str, Any] = {}
        say({
            "url": url, "apiKey": gameball.api_key, "secretKey": gameball.secret_key,
            "saleors": {name: each.origin for name, each in saleors.items()},
        })  # fmt: skip
        for line in sys.stdin:
            asked = json.loads(line)
            saleor = saleors[asked.get("at", "one")]
            do = asked["do"]
            answer: Any = {}
            if do == "install":
                apps[asked.get("at", "one")] = app = saleor.install(f"{url}/saleor/manifest")
                answer = {"app": app.id, "page": saleor.page_url(app)}
            elif do == "register":
                users[asked["email"]] = answer = saleor.register(asked["email"], metadata=asked.get("metadata"))
            elif do == "pay":
                answer = saleor.pay(user=users.get(asked.get("email")), email=asked.get("guest", ""),
                                    metadata=asked.get("metadata"))  # fmt: skip
            elif do == "deliver":
                answer = [{"event": each.event, "attempts": each.attempts} for each in saleor.deliver()]
            elif do == "gameball":
                state = gameball.state()
                answer = {"customers": state["customers"], "orders": state["orders"]}
            elif do == "live-in":
                live_in(saleor)
            elif do == "rotate":
                saleor.keys.rotate()
            elif do == "configure-gameball":
                gameball.configure(**asked["options"])
            say(answer)


def say(answer: Any) -> None:
    print(json.dumps(answer), flush=True)


if __name__ == "__main__":
    main()
    # The sender's thread is a daemon; whoever closes stdin ends it all.
    os._exit(0)
