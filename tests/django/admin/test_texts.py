"""Every code of the core's has words here, and every word can be translated."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

from django.utils.functional import Promise
from gameball_referrals import courier
from gameball_referrals.django.admin import texts
from gameball_referrals.django.models import Receipt

VECTORS = Path(__file__).parents[2] / "vectors"
PACKAGE = Path(courier.__file__).parent / "django"
OPERATORS = {"cancelled"}
"""Reasons that an operator makes, not the core."""


def test_every_reason_has_words() -> None:
    assert set(texts.REASONS) - OPERATORS == set(courier.reasons())


def test_every_receipt_has_a_verdict_and_a_colour() -> None:
    assert set(texts.VERDICTS) == set(texts.RECEIPT_TONES) == set(Receipt.values)


def test_every_reason_of_a_receipt_is_said_briefly_in_lists() -> None:
    assert set(texts.BRIEFLY) <= set(texts.REASONS)
    receipts = json.loads((VECTORS / "receipts.json").read_text())
    used = set(re.findall(r'"reason": "(\w+)"', json.dumps(receipts)))
    assert {reason for reason in used if reason in texts.REASONS} - set(texts.BRIEFLY) == set()


def test_every_kind_of_error_a_call_can_meet_has_words() -> None:
    kinds = {kind["kind"] for kind in json.loads((VECTORS / "errors.json").read_text())["kinds"]}
    # These two are raised where no call is made.
    assert set(texts.KINDS) == kinds - {"configuration", "closed"}


def test_every_word_is_marked_for_translation() -> None:
    words = [word for reason in texts.REASONS.values() for word in (reason.why, *reason.advice)]
    tables: list[dict[Any, Any]] = [texts.KINDS, texts.CODES, texts.OPERATIONS, texts.CALLS, texts.BUCKETS]
    tables += [texts.SOURCES, texts.VERDICTS, texts.BRIEFLY]
    for table in tables:
        words += table.values()
    assert all(isinstance(word, Promise) for word in words)


def test_a_reason_of_a_newer_core_is_said_in_its_own_words() -> None:
    assert texts.reason("of tomorrow").why == "of tomorrow"


def test_templates_say_nothing_outside_of_a_translation() -> None:
    for template in (PACKAGE / "templates" / "admin" / "gameball").rglob("*.html"):
        text = re.sub(r"{%\s*(blocktranslate).*?{%\s*end\1\s*%}", "", template.read_text(), flags=re.DOTALL)
        text = re.sub(r"{% block bodyclass %}.*", "", text)
        text = re.sub(r"{%.*?%}|{{.*?}}|{#.*?#}|<[^>]*>", "", text)
        left = set(re.findall(r"[A-Za-z]{3,}", text)) - {"HTTP", "rsaquo"}
        assert not left, f"{template.name}: {left}"
