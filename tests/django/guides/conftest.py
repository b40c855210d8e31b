"""The guides' shop is the example's."""

from __future__ import annotations

import os

if os.environ.get("DJANGO_SETTINGS_MODULE") != "shop.settings":
    collect_ignore_glob = ["*"]
