"""The Django project that the server is; all that can be set is in ``environment.py``."""

from __future__ import annotations

from typing import Any

from . import secret_key
from .environment import Environment

_environment = Environment.read()
_is_https = (_environment.public_url or "").startswith("https://")

SECRET_KEY = secret_key.find(_environment)
SECRET_KEY_FALLBACKS = list(_environment.secret_key_fallbacks)
DEBUG = False
ALLOWED_HOSTS = _environment.hosts()
ROOT_URLCONF = "gameball_referrals.saleor_app.urls"
ASGI_APPLICATION = "gameball_referrals.saleor_app.asgi.application"
DATABASES = {"default": _environment.database()}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
USE_TZ = True
TIME_ZONE = "UTC"
LANGUAGE_CODE = "en"

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

SECURE_HSTS_SECONDS = 31_536_000 if _is_https else 0
SECURE_REFERRER_POLICY = "no-referrer"
CSRF_COOKIE_SECURE = SESSION_COOKIE_SECURE = _is_https
DATA_UPLOAD_MAX_MEMORY_SIZE = 5 * 1024 * 1024

GAMEBALL_REFERRALS: dict[str, Any] = {
    "ADAPTER": "gameball_referrals.saleor.adapter.SaleorAdapter",
    "SALEOR_API_URLS": _environment.api_urls,
    "SALEOR_DASHBOARDS": _environment.dashboards,
    "SALEOR_PUBLIC_URL": _environment.public_url,
    "SALEOR_REGISTER_ON": _environment.register_on,
    "SALEOR_ALLOW_PLAIN_HTTP": _environment.allow_plain_http,
    "SEND_ORDERS": _environment.send_orders,
}
# Visits happen in the storefront, and Gameball's own webhooks and Django's pages are none of this server's business.
SILENCED_SYSTEM_CHECKS = ["gameball.W001", "gameball.W002", "gameball.W004", "security.W008"]

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"format": "%(asctime)s %(levelname)s %(name)s: %(message)s"}},
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {"handlers": ["console"], "level": _environment.log_level},
    "loggers": {
        # The access log tells of every answer.
        "django.request": {"level": "ERROR"},
        "uvicorn": {"level": "WARNING"},
    },
}
