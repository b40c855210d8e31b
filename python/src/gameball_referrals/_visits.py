"""What the core decides about visits: which code counts, how it is kept, who asks (``gameball-core/src/visit``)."""

from __future__ import annotations

import json
from typing import Any

from . import _native


def decide(function: str, **given: Any) -> Any:
    """Hand plain data to the core's function of that name, its names in camelCase, and return what it says."""
    # Half of a character, which a stranger's text may hold, is none: JSON for the core has whole ones only.
    text = json.dumps(given, ensure_ascii=False).encode("utf-8", "replace").decode()
    return json.loads(_native.visit(function, text))
