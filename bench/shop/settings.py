"""Settings of the shop that is measured; `BENCH_SHOP` has its database and its options of the app, as JSON."""

from __future__ import annotations

import json
import os
from typing import Any

_given: dict[str, Any] = json.loads(os.environ["BENCH_SHOP"])

SECRET_KEY = "a-shop-that-is-measured-0123456789abcdef0123456789abcdef"
DEBUG = False
ALLOWED_HOSTS = ["shop.example"]
USE_TZ = True
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
ROOT_URLCONF = "benched.urls"
STATIC_URL = "/static/"
INSTALLED_APPS = [
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.messages",
    "django.contrib.sessions",
    "django.contrib.staticfiles",
    "gameball_referrals.django",
    "benched",
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
DATABASES = {"default": {"CONN_MAX_AGE": None, **_given["database"]}}
GAMEBALL_REFERRALS = _given["gameball"]
LOGGING = {"version": 1, "disable_existing_loggers": True, "root": {"level": "CRITICAL"}}
