"""The ids by which Gameball knows Saleor's customers and orders: Saleor's own global ids.

They are what Saleor's API shows, and so the same whether the app or the plugin tells of somebody.
"""

from __future__ import annotations

import base64
from typing import Any


def global_id(kind: str, key: Any) -> str:
    """Return what ``graphene.Node.to_global_id(kind, key)`` does."""
    return base64.b64encode(f"{kind}:{key}".encode()).decode("ascii")
