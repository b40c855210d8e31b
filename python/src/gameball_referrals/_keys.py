"""Keys on their way to the native module.

Whatever function is given a key deletes it from its variables before it ends, because a traceback may be shown with
its frames' variables.
"""

from __future__ import annotations


def as_bytes(key: bytes | str) -> bytes:
    """Return a key's bytes; text counts as UTF-8."""
    # With surrogates and all, because an encoding error would carry the key about.
    return key.encode(errors="surrogatepass") if isinstance(key, str) else key
