"""Settings as Saleor's own are, as far as a plugin meets them. The database is a PostgreSQL that the tests start."""

from __future__ import annotations

import importlib.metadata
import os

NAME = os.environ.get("GAMEBALL_TEST_DB_NAME", "gameball_test")
_SERVER = {
    "ENGINE": "django.db.backends.postgresql",
    "NAME": NAME,
    "USER": os.environ.get("GAMEBALL_TEST_DB_USER", "gameball"),
    "PASSWORD": "",
    "HOST": os.environ.get("GAMEBALL_TEST_DB_HOST", ""),
    "PORT": os.environ.get("GAMEBALL_TEST_DB_PORT", ""),
}
# Fact: a primary and a replica; a router sends writes to the primary.
DATABASES = {
    "default": {**_SERVER, "TEST": {"NAME": NAME}},
    "replica": {**_SERVER, "TEST": {"MIRROR": "default"}},
}
DATABASE_ROUTERS = ["saleor.core.db.routers.PrimaryReplicaRouter"]
DATABASE = "postgres"

SECRET_KEY = "the stand-in's own secret, of no use to anybody"
USE_TZ = True
LANGUAGE_CODE = "en"
DEFAULT_AUTO_FIELD = "django.db.models.AutoField"
AUTH_USER_MODEL = "account.User"
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
ROOT_URLCONF = "saleor_urls"
# Fact: neither Django's admin, nor sessions, nor its authentication app.
INSTALLED_APPS = [
    "django.contrib.contenttypes",
    "saleor.channel",
    "saleor.plugins",
    "saleor.account",
    "saleor.order",
]
MIDDLEWARE: list[str] = []

# Fact: without a broker tasks run at once, in the request.
CELERY_BROKER_URL = os.environ.get("CELERY_BROKER_URL", "")
CELERY_TASK_ALWAYS_EAGER = not CELERY_BROKER_URL
CELERY_BEAT_SCHEDULE: dict[str, object] = {}
if CELERY_BROKER_URL.startswith("filesystem:"):
    _folder = os.environ["CELERY_FOLDER"]
    CELERY_BROKER_TRANSPORT_OPTIONS = {
        "data_folder_in": _folder, "data_folder_out": _folder, "control_folder": f"{_folder}/control"
    }  # fmt: skip

# Fact: the entry point's *name* goes into INSTALLED_APPS, its value into PLUGINS.
PLUGINS: list[str] = []
for _point in importlib.metadata.entry_points(group="saleor.plugins"):
    if (_path := f"{_point.module}.{_point.attr}") not in PLUGINS:
        if _point.name not in INSTALLED_APPS:
            INSTALLED_APPS.append(_point.name)
        PLUGINS.append(_path)
