"""The Django shop of the admin's browser tests: serves a throw-away database, and takes commands, one JSON a line."""

from __future__ import annotations

import json
import logging
import os
import sys
import tempfile
import threading
from datetime import timedelta
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[2] / "django"))
os.environ["DJANGO_SETTINGS_MODULE"] = "settings"
os.environ["GAMEBALL_TEST_DB"] = "sqlite"
FOLDER = tempfile.TemporaryDirectory(prefix="gameball-admin-")
os.environ["GAMEBALL_TEST_DB_NAME"] = str(Path(FOLDER.name) / "shop.db")

import django  # noqa: E402

django.setup()

from admin import support  # noqa: E402
from django.contrib.auth import get_user_model  # noqa: E402
from django.contrib.auth.models import Permission  # noqa: E402
from django.contrib.staticfiles.handlers import StaticFilesHandler  # noqa: E402
from django.core.management import call_command  # noqa: E402
from django.core.servers.basehttp import ThreadedWSGIServer, WSGIRequestHandler  # noqa: E402
from django.core.wsgi import get_wsgi_application  # noqa: E402
from django.utils import timezone  # noqa: E402
from gameball_referrals.django.models import Account, Delivery, Ledger, Referral, Tally  # noqa: E402
from gameball_referrals.testing import Emulator  # noqa: E402

PASSWORD = "a password of no use"


# What a careful shop allows its admin: nothing inline, nothing from elsewhere.
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; form-action 'self'; base-uri 'none'"
)


def content_security_policy(application: Any) -> Any:
    """Add the policy to every answer of a WSGI application."""

    def with_policy(environ: Any, start_response: Any) -> Any:
        def start(status: str, headers: list[tuple[str, str]], *rest: Any) -> Any:
            return start_response(status, [*headers, ("Content-Security-Policy", POLICY)], *rest)

        return application(environ, start)

    return with_policy


class Quiet(WSGIRequestHandler):
    def log_message(self, *_: Any) -> None:
        """Say nothing: standard output is for answers."""


def users() -> None:
    users = get_user_model()
    users.objects.create_superuser("admin", "admin@example.org", PASSWORD)
    viewer = users.objects.create_user("viewer", password=PASSWORD, is_staff=True)
    viewer.user_permissions.set(
        Permission.objects.filter(content_type__app_label="gameball", codename__startswith="view_")
    )


def empty() -> None:
    for model in (Delivery, Referral, Tally, Ledger):
        model.objects.all().delete()
    Account.objects.all().delete()
    Account.objects.create(pk="default")


def scenario(name: str, emulator: Emulator) -> dict[str, Any]:
    """Put the shop into a state, and name rows that the tests open."""
    now = timezone.now()
    empty()
    if name == "empty":
        return {}
    support.lived_in(now)
    row = Account.objects.get(pk="default")
    if name == "held":
        support.refused_ledger(row, now=now - timedelta(minutes=3), url=emulator.url)
    elif name == "rush":
        support.rush(now, 4200)
    else:
        row.base_url = emulator.url
        row.save()
    reasons = {
        "4901": "linked",
        "4902": "late",
        "4903": "rejected",
        "4904": "not-linked",
        "4905": "already",
        "6001": "pending",
    }
    return {
        "referrals": {name: Referral.objects.get(customer_id=customer).pk for customer, name in reasons.items()},
        "deliveries": {
            name: Delivery.objects.filter(customer_id=customer).values_list("pk", flat=True)[0]
            for name, customer in (
                ("failed", "5001"),
                ("exhausted", "5002"),
                ("waiting", "6001"),
                ("later", "6007"),
                ("cancelled", "6005"),
            )
        },
    }


def main() -> None:
    # Whatever goes wrong in a page is the test's business.
    logging.getLogger("django.request").addHandler(logging.StreamHandler())
    call_command("migrate", verbosity=0)
    users()
    server = ThreadedWSGIServer(("127.0.0.1", 0), Quiet)
    server.set_app(content_security_policy(StaticFilesHandler(get_wsgi_application())))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    with Emulator() as emulator:
        keys = {"apiKey": emulator.api_key, "secretKey": emulator.secret_key, "baseUrl": emulator.url}
        print(json.dumps({"url": f"http://127.0.0.1:{server.server_port}", "password": PASSWORD, **keys}), flush=True)
        for line in sys.stdin:
            command = json.loads(line)
            if "configure" in command:
                emulator.configure(**command["configure"])
                print("{}", flush=True)
            else:
                print(json.dumps(scenario(command["scenario"], emulator)), flush=True)


main()
