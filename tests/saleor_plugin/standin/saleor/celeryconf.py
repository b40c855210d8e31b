"""Facts: Saleor's Celery takes ``CELERY_…`` of the settings, and looks for tasks in apps and in plugins' packages."""

import importlib
import os

from celery import Celery
from django.conf import settings

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "saleor_settings")

app = Celery("saleor")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()
app.autodiscover_tasks(
    lambda: [importlib.import_module(path.rpartition(".")[0]).__package__ for path in settings.PLUGINS]
)
