"""Writes the core's sentences where ``makemessages`` finds them: ``python python/core_texts.py``.

Run it when the core's sentences have changed. Then, in
``python/src/gameball_referrals/django``: ``django-admin makemessages -l en --add-location file``.
"""

from __future__ import annotations

import json
from pathlib import Path

from gameball_referrals import courier

TARGET = Path(__file__).parent / "src" / "gameball_referrals" / "django" / "admin" / "core_texts.py"

HEAD = '''"""The core's sentences, for ``makemessages`` to find. Written anew by ``python/core_texts.py``."""
# ruff: noqa: E501
# fmt: off

from django.utils.translation import gettext_noop, ngettext_lazy

'''


def written() -> str:
    """Return the file's text."""
    lines = {
        f"gettext_noop({_quoted(one.template)})"
        if one.plural is None
        else f'ngettext_lazy({_quoted(one.template)}, {_quoted(one.plural)}, "count")'
        for one in courier.words()["templates"]
    }
    return HEAD + "".join(f"{line}\n" for line in sorted(lines))


def _quoted(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)


if __name__ == "__main__":
    TARGET.write_text(written(), encoding="utf-8")
