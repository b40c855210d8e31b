"""A small shop with the app in it, for the tests. ``GAMEBALL_TEST_DB``: ``sqlite`` (default), ``postgres``, ``mysql``.

A process that a test starts with the fixture ``child_environment`` has the test's own database.
"""

from __future__ import annotations

import os
import tempfile
from pathlib import Path
from typing import Any

DATABASE = os.environ.get("GAMEBALL_TEST_DB", "sqlite")
NAME = os.environ.get("GAMEBALL_TEST_DB_NAME", "gameball_test")


def _database() -> dict[str, Any]:
    if DATABASE == "sqlite":
        path = os.environ.get("GAMEBALL_TEST_DB_NAME") or str(Path(tempfile.mkdtemp(prefix="gameball-")) / "shop.db")
        # Django's defaults on purpose: they are what most shops have.
        return {"ENGINE": "django.db.backends.sqlite3", "NAME": path, "TEST": {"NAME": path}}
    # Where the server is, the fixtures find out when they start it, unless the environment names one.
    server = {
        "NAME": NAME,
        "USER": os.environ.get("GAMEBALL_TEST_DB_USER", "gameball"),
        "PASSWORD": os.environ.get("GAMEBALL_TEST_DB_PASSWORD", ""),
        "HOST": os.environ.get("GAMEBALL_TEST_DB_HOST", ""),
        "PORT": os.environ.get("GAMEBALL_TEST_DB_PORT", ""),
        "TEST": {"NAME": NAME},
    }
    if DATABASE == "postgres":
        return {"ENGINE": "django.db.backends.postgresql", **server}
    if DATABASE == "mysql":
        try:
            import MySQLdb  # type: ignore[import-untyped]  # noqa: F401
        except ImportError:
            import pymysql  # type: ignore[import-untyped]

            pymysql.version_info = (2, 2, 7, "final", 0)
            pymysql.install_as_MySQLdb()
        server["TEST"] = {"NAME": NAME, "CHARSET": "utf8mb4"}
        return {"ENGINE": "django.db.backends.mysql", **server, "OPTIONS": {"charset": "utf8mb4"}}
    raise ValueError(f"GAMEBALL_TEST_DB is none of sqlite, postgres, mysql: {DATABASE}")


SECRET_KEY = "the tests' own secret, of no use to anybody"
DEBUG = False
ALLOWED_HOSTS = ["*"]
ROOT_URLCONF = "urls"
DATABASES = {"default": _database()}
USE_TZ = True
TIME_ZONE = "Europe/Rome"
LANGUAGE_CODE = "en"
STATIC_URL = "/static/"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"

INSTALLED_APPS = [
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "gameball_referrals.django",
    "shop",
    "hooks.shapes",
]
MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "gameball_referrals.django.middleware.ReferralCaptureMiddleware",
]
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
            ]
        },
    }
]
# Nothing is delivered unless a test asks for it.
GAMEBALL_REFERRALS: dict[str, Any] = {
    "SENDER": os.environ.get("GAMEBALL_TEST_SENDER", "worker"),
    "POLL_INTERVAL": float(os.environ.get("GAMEBALL_TEST_POLL_INTERVAL", "5")),
}
