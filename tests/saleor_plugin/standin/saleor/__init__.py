"""A stand-in of Saleor, as far as a plugin meets it: plugin manager, base class, models, settings.

Written from the facts about a running core. Each behaviour names the fact that it stands on.
"""

# Fact: whatever imports Saleor has its Celery, so that shared tasks are its tasks.
from .celeryconf import app as celery_app

__all__ = ["celery_app"]
