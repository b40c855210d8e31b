"""The Python blocks of the guides run, one after the other, as a reader would type them."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

from gameball_referrals.testing import Emulator

ROOT = Path(__file__).resolve().parents[2]


def blocks(page: str) -> list[str]:
    found = re.findall(r"^```python\n(.*?)^```", (ROOT / page).read_text(), re.DOTALL | re.MULTILINE)
    assert found, page
    return found


def test_the_python_guide(gameball_emulator: Emulator) -> None:
    names: dict[str, Any] = {"__name__": "guide"}
    for block in blocks("docs/python.md"):
        exec(compile(block, "docs/python.md", "exec"), names)
    names["test_a_friend_is_linked"](gameball_emulator)


def test_the_readme(gameball_emulator: Emulator) -> None:
    gameball_emulator.add_customer("ann", referral_code="REF123456")
    # The Django block is run by tests/django/guides.
    (block,) = [block for block in blocks("README.md") if "Client(" in block]
    block = block.replace('Client("YOUR_API_KEY", "YOUR_SECRET_KEY")', "emulator.client()")
    names: dict[str, Any] = {"emulator": gameball_emulator}
    exec(compile(block, "README.md", "exec"), names)
    assert gameball_emulator.state()["referrals"][0]["friend"] == "new_user_123"


def test_the_emulators_readme() -> None:
    (block,) = blocks("docs/emulator.md")
    exec(compile(block, "docs/emulator.md", "exec"), {})
