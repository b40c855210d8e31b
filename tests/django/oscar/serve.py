"""The Oscar site for the browser tests: seeded, with a local Gameball, until stdin ends. Tells its URL as JSON."""

from __future__ import annotations

import json
import os
import sys
import tempfile
import threading
from decimal import Decimal
from pathlib import Path
from wsgiref.simple_server import WSGIRequestHandler, make_server

from gameball_referrals.testing import Emulator

sys.path.insert(0, str(Path(__file__).parent))


class Quiet(WSGIRequestHandler):
    def log_message(self, *_: object) -> None:
        pass


def seed() -> None:
    from django.contrib.auth import get_user_model
    from django.test.utils import setup_test_environment
    from gameball_referrals.django.sender import drain
    from oscar.core.loading import get_model
    from visitor import Visitor

    setup_test_environment()
    get_user_model().objects.create_superuser("boss", "boss@shop.example", "demo")
    get_model("address", "Country").objects.create(
        iso_3166_1_a2="GB", printable_name="United Kingdom", is_shipping_country=True
    )
    kind = get_model("catalogue", "ProductClass").objects.create(name="Tableware")
    mug = get_model("catalogue", "Product").objects.create(title="Stoneware mug", product_class=kind)
    partner = get_model("partner", "Partner").objects.create(name="The pottery")
    mug.stockrecords.create(partner=partner, partner_sku="MUG-30", price=Decimal("24.13"), num_in_stock=50)
    for name, code in (
        ("ben", "ANN4FRIENDS"),
        ("carl", "ANN4FRIENDS"),
        ("dora", "ANN4FREINDS"),
        ("emil", "ANN4FRIENDS"),
    ):
        friend = Visitor()
        friend.visit(f"/?ref={code}")
        friend.register(f"{name}@shop.example")
    guest = Visitor()
    guest.visit("/?ref=ANN4FRIENDS")
    guest.choose(mug)
    guest.check_out(guest="gwen@shop.example")
    drain()
    late = Visitor()
    late.visit("/?ref=ANN4FRIENDS")
    late.register("fred@shop.example")


def main() -> None:
    with Emulator() as gameball, tempfile.TemporaryDirectory(prefix="gameball-oscar-") as folder:
        gameball.add_customer("ann", referral_code="ANN4FRIENDS")
        os.environ.update(
            DJANGO_SETTINGS_MODULE="oscar_site.settings",
            OSCAR_DATABASE=str(Path(folder, "oscar.sqlite3")),
            GAMEBALL_API_KEY=gameball.api_key,
            GAMEBALL_SECRET_KEY=gameball.secret_key,
            GAMEBALL_BASE_URL=gameball.url,
        )
        import django

        django.setup()
        from django.contrib.staticfiles.handlers import StaticFilesHandler
        from django.core.management import call_command
        from django.core.wsgi import get_wsgi_application

        call_command("migrate", verbosity=0)
        seed()
        server = make_server("127.0.0.1", 0, StaticFilesHandler(get_wsgi_application()), handler_class=Quiet)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        print(json.dumps({"url": f"http://127.0.0.1:{server.server_port}"}), flush=True)
        sys.stdin.read()
        server.shutdown()


if __name__ == "__main__":
    main()
