"""The shop's settings; its database and its options of the app come from the environment, as JSON."""

from __future__ import annotations

import json
import os
from datetime import timedelta
from typing import Any

_given: dict[str, Any] = json.loads(
    # Without: for tests within one process, whose fixtures name the database server.
    os.environ.get("DURABILITY_SHOP", '{"database": {"ENGINE": "django.db.backends.postgresql"}, "gameball": {}}')
)

SECRET_KEY = "a-shop-that-is-killed-0123456789abcdef0123456789abcdef"
DEBUG = False
ALLOWED_HOSTS = ["shop.example"]
USE_TZ = True
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
STATIC_URL = "/static/"
ROOT_URLCONF = "mortal.urls"
INSTALLED_APPS = [
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.messages",
    "django.contrib.sessions",
    "gameball_referrals.django",
    "mortal",
]
MIDDLEWARE = [
    "django.contrib.sessions.middleware.SessionMiddleware",
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
SESSION_ENGINE = "django.contrib.sessions.backends.signed_cookies"
DATABASES = {"default": _given["database"]}
GAMEBALL_REFERRALS = {
    "ORDERS": {
        "model": "mortal.Order",
        "id": "number",
        "customer": "customer",
        "email": "email",
        "date": "placed_at",
        "total_paid": "total",
        "paid": "paid_at",
    },
    **{
        name: timedelta(seconds=value) if name.endswith(("_WINDOW", "_AGE", "RETENTION")) else value
        for name, value in _given["gameball"].items()
    },
}
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"format": "%(asctime)s %(process)d %(name)s %(levelname)s %(message)s"}},
    "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {"handlers": ["stderr"], "level": "WARNING"},
}
