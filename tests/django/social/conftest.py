"""allauth's shop has settings of its own."""

from __future__ import annotations

import os

if os.environ.get("DJANGO_SETTINGS_MODULE") != "social_site.settings":
    collect_ignore_glob = ["*"]
