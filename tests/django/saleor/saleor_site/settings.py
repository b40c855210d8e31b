"""The server's settings; without Django's admin, which the Saleor app must not need."""

from __future__ import annotations

import json
import os
import tempfile
from pathlib import Path
from typing import Any

DATABASE = os.environ.get("GAMEBALL_TEST_DB", "sqlite")
NAME = os.environ.get("GAMEBALL_TEST_DB_NAME", "gameball_saleor")


def _database() -> dict[str, Any]:
    if DATABASE == "sqlite":
        path = os.environ.get("GAMEBALL_TEST_DB_NAME") or str(Path(tempfile.mkdtemp(prefix="gameball-")) / "saleor.db")
        options = {"transaction_mode": "IMMEDIATE", "timeout": 20, "init_command": "PRAGMA journal_mode=WAL"}
        return {"ENGINE": "django.db.backends.sqlite3", "NAME": path, "OPTIONS": options, "TEST": {"NAME": path}}
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": NAME,
        "USER": os.environ.get("GAMEBALL_TEST_DB_USER", "gameball"),
        "PASSWORD": os.environ.get("GAMEBALL_TEST_DB_PASSWORD", ""),
        "HOST": os.environ.get("GAMEBALL_TEST_DB_HOST", ""),
        "PORT": os.environ.get("GAMEBALL_TEST_DB_PORT", ""),
        "TEST": {"NAME": NAME},
    }


SECRET_KEY = "the tests' own secret, of no use to anybody"
DEBUG = False
ALLOWED_HOSTS = ["*"]
ROOT_URLCONF = "saleor_site.urls"
DATABASES = {"default": _database()}
USE_TZ = True
LANGUAGE_CODE = "en"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "gameball_referrals.django",
    "gameball_referrals.saleor",
]
MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
]
TEMPLATES = [{"BACKEND": "django.template.backends.django.DjangoTemplates", "APP_DIRS": True}]
GAMEBALL_REFERRALS: dict[str, Any] = {
    "SENDER": "worker",
    "ADAPTER": "gameball_referrals.saleor.adapter.SaleorAdapter",
    **json.loads(os.environ.get("GAMEBALL_TEST_SETTINGS", "{}")),
}
