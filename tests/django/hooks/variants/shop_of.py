"""Sets up a Django of one's own: a script's first lines."""

from __future__ import annotations

import atexit
import shutil
import sys
import tempfile
from pathlib import Path
from typing import Any

import django
from django.conf import settings
from django.core.management import call_command

BASE = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
]


def set_up(*apps: str, databases: tuple[str, ...] = ("default",), **changes: Any) -> None:
    """Configure, migrate and fill in what every shop has."""
    sys.path.insert(0, str(Path(__file__).parent))
    folder = Path(tempfile.mkdtemp(prefix="gameball-variant-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    configured: dict[str, Any] = {
        "SECRET_KEY": "a variant's own secret",
        "DATABASES": {
            name: {"ENGINE": "django.db.backends.sqlite3", "NAME": str(folder / f"{name}.db")} for name in databases
        },
        "INSTALLED_APPS": [*BASE, *apps, "gameball_referrals.django"],
        "MIDDLEWARE": [
            "django.contrib.sessions.middleware.SessionMiddleware",
            "django.contrib.auth.middleware.AuthenticationMiddleware",
            "django.contrib.messages.middleware.MessageMiddleware",
            "gameball_referrals.django.middleware.ReferralCaptureMiddleware",
        ],
        "TEMPLATES": [
            {
                "BACKEND": "django.template.backends.django.DjangoTemplates",
                "APP_DIRS": True,
                "OPTIONS": {"context_processors": ["django.template.context_processors.request"]},
            }
        ],
        "PASSWORD_HASHERS": ["django.contrib.auth.hashers.MD5PasswordHasher"],
        "EMAIL_BACKEND": "django.core.mail.backends.locmem.EmailBackend",
        "ALLOWED_HOSTS": ["*"],
        "USE_TZ": True,
        "DEFAULT_AUTO_FIELD": "django.db.models.BigAutoField",
        "GAMEBALL_REFERRALS": {"SENDER": "worker"},
        **changes,
    }
    settings.configure(**configured)
    django.setup()
    for name in databases:
        call_command("migrate", database=name, run_syncdb=True, verbosity=0)
