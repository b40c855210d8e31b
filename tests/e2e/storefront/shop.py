"""A small shop with the app in it, and a local Gameball, for the browser: prints its address, and stops with its input.

Usage: ``python shop.py '{"CACHE_SAFE": true}'`` (settings of the app, as JSON). What a test arranges, it posts to
``/_test/<what>/``.
"""

from __future__ import annotations

import contextlib
import json
import sys
import tempfile
import threading
from pathlib import Path
from typing import Any

import django
from django.conf import settings
from gameball_referrals.testing import Emulator

HERE = Path(__file__).parent
emulator = Emulator(limits=False)

with tempfile.TemporaryDirectory(prefix="gameball-shop-") as folder:
    given = json.loads(sys.argv[1]) if len(sys.argv) > 1 else {}
    settings.configure(
        SECRET_KEY="the tests' own secret, of no use to anybody",
        DEBUG=False,
        ALLOWED_HOSTS=["*"],
        ROOT_URLCONF="pages",
        DATABASES={"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": str(Path(folder) / "shop.db")}},
        USE_TZ=True,
        STATIC_URL="/static/",
        DEFAULT_AUTO_FIELD="django.db.models.BigAutoField",
        PASSWORD_HASHERS=["django.contrib.auth.hashers.MD5PasswordHasher"],
        INSTALLED_APPS=[
            "django.contrib.auth",
            "django.contrib.contenttypes",
            "django.contrib.sessions",
            "django.contrib.staticfiles",
            "gameball_referrals.django",
        ],
        MIDDLEWARE=[
            "pages.content_security_policy",
            "django.contrib.sessions.middleware.SessionMiddleware",
            "django.middleware.csrf.CsrfViewMiddleware",
            "django.contrib.auth.middleware.AuthenticationMiddleware",
            "gameball_referrals.django.middleware.ReferralCaptureMiddleware",
        ],
        TEMPLATES=[
            {
                "BACKEND": "django.template.backends.django.DjangoTemplates",
                "DIRS": [str(HERE / "templates")],
                "APP_DIRS": True,
                "OPTIONS": {
                    "context_processors": [
                        "django.template.context_processors.request",
                        "django.contrib.auth.context_processors.auth",
                    ]
                },
            }
        ],
        EMULATOR=emulator,
        GAMEBALL_REFERRALS={
            "SENDER": "worker",
            "API_KEY": emulator.api_key,
            "SECRET_KEY": emulator.secret_key,
            "BASE_URL": emulator.url,
            "WIDGET_URL": "/stub-widget.js",
            **given,
        },
    )
    django.setup()

    from django.contrib.staticfiles.handlers import StaticFilesHandler
    from django.core.handlers.wsgi import WSGIHandler
    from django.core.management import call_command
    from django.core.servers.basehttp import ThreadedWSGIServer, WSGIRequestHandler

    class Quiet(WSGIRequestHandler):
        def log_message(self, *_: Any) -> None: ...

    class Static(StaticFilesHandler):
        def serve(self, request: Any) -> Any:
            from django.contrib.staticfiles.views import serve

            return serve(request, self.file_path(request.path), insecure=True)

    call_command("migrate", verbosity=0)
    server = ThreadedWSGIServer(("127.0.0.1", 0), Quiet)
    server.daemon_threads = True
    server.set_app(Static(WSGIHandler()))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    print(json.dumps({"url": f"http://localhost:{server.server_port}"}), flush=True)
    with contextlib.suppress(KeyboardInterrupt):
        sys.stdin.read()
    server.shutdown()
    emulator.stop()
