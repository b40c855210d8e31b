"""A small shop's settings. What is Gameball's is between the two marks; the rest is any Django project's."""

import os
from pathlib import Path

BASE_DIR = Path(__file__).resolve().parent.parent

# An example's: a real shop reads its own from a safe place.
SECRET_KEY = os.environ.get("DJANGO_SECRET_KEY", "an-example-shop-has-no-secrets-0123456789")
DEBUG = True
ALLOWED_HOSTS = ["localhost", "127.0.0.1", "[::1]"]

INSTALLED_APPS = [
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "shop",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
]

# --- Gameball -------------------------------------------------------------------------------------------------------
INSTALLED_APPS += ["gameball_referrals.django"]
MIDDLEWARE += ["gameball_referrals.django.middleware.ReferralCaptureMiddleware"]

# The keys come from the admin, or from GAMEBALL_API_KEY and GAMEBALL_SECRET_KEY in the environment.
GAMEBALL_REFERRALS = {
    # What customers share: this address with ?ref=THEIR-CODE.
    "REFERRAL_LINK": os.environ.get("SHOP_URL", "http://127.0.0.1:8000/"),
    "ORDERS": {
        "model": "shop.Order",
        "id": "number",
        "customer": "customer",
        "email": "email",
        "date": "created_at",
        "paid": "paid_at",
        "total_paid": "total",
        "line_items": {
            "items": "lines",
            "product_id": "product.slug",
            "title": "title",
            "quantity": "quantity",
            "price": "price",
        },
    },
}
# --- Gameball: end --------------------------------------------------------------------------------------------------

ROOT_URLCONF = "shop.urls"
WSGI_APPLICATION = "shop.wsgi.application"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "shop.basket.basket",
            ],
        },
    },
]

DATABASES = {
    "default": {
        "ENGINE": "django.db.backends.sqlite3",
        "NAME": os.environ.get("SHOP_DATABASE", BASE_DIR / "shop.sqlite3"),
        # Writers queue up instead of failing, and readers never wait for them.
        "OPTIONS": {
            "transaction_mode": "IMMEDIATE",
            "timeout": 20,
            "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL;",
        },
    }
}

AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator"},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
LOGIN_URL = "login"
LOGIN_REDIRECT_URL = "account"
LOGOUT_REDIRECT_URL = "home"

LANGUAGE_CODE = "en"
TIME_ZONE = "UTC"
USE_TZ = True
STATIC_URL = "static/"
