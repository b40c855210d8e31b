"""Every code of the core's has words here, and every word can be translated."""

from __future__ import annotations

import importlib.util
import json
import re
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import pytest
from django.utils.functional import Promise
from gameball_referrals import courier
from gameball_referrals.django.admin import texts, told
from gameball_referrals.django.models import Delivery, Receipt

ROOT = Path(__file__).parents[3]
VECTORS = ROOT / "tests" / "vectors"
PACKAGE = Path(courier.__file__).parent / "django"
OPERATORS = {"cancelled"}
"""Reasons that an operator makes, not the core."""


def test_every_reason_has_words() -> None:
    assert set(texts.REASONS) - OPERATORS == set(courier.reasons())


def test_every_receipt_and_every_state_has_a_colour() -> None:
    assert set(texts.RECEIPT_TONES) == set(Receipt.values)
    assert set(texts.STATE_TONES) == set(Delivery.State.values)


def test_receipts_and_states_are_called_what_the_core_calls_them() -> None:
    words = courier.words()
    assert {code or "pending": label for code, label in Receipt.choices} == {
        code: word["name"].template for code, word in words["receipts"].items()
    }
    assert dict(Delivery.State.choices) == {code: word["name"].template for code, word in words["states"].items()}


def test_translators_find_every_sentence_of_the_core() -> None:
    path = ROOT / "python" / "core_texts.py"
    spec = importlib.util.spec_from_file_location("core_texts_writer", path)
    assert spec
    assert spec.loader
    writer = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(writer)
    assert writer.TARGET.read_text(encoding="utf-8") == writer.written(), f"run python {path.relative_to(ROOT)}"


def test_what_is_said_in_place_of_the_core_has_a_key_of_the_core() -> None:
    assert set(told.OWN) <= {template.key for template in courier.words()["templates"]}


def test_a_translation_is_by_the_template_with_times_as_the_admin_writes_them(monkeypatch: pytest.MonkeyPatch) -> None:
    now = datetime(2026, 3, 1, 12, 0, tzinfo=timezone.utc)
    german = {
        "{error}. {again}": "{again} {error}.",
        "No answer in time": "Keine Antwort",
        "The next try is due {next}.": "Nächster Versuch {next}.",
    }
    monkeypatch.setattr(told, "gettext", german.__getitem__)
    due = now + timedelta(minutes=5)
    waits = courier.DeliveryRecord(9, "createCustomer", "pending", now, due, error_kind="timeout")
    found = courier.waiting(waits, courier.AccountRecord(), now)
    assert found
    assert told.say(found.why, now) == "Nächster Versuch in 5\xa0minutes. Keine Antwort."


def test_a_plural_is_by_both_templates(monkeypatch: pytest.MonkeyPatch) -> None:
    now = datetime(2026, 3, 1, 12, 0, tzinfo=timezone.utc)
    monkeypatch.setattr(told, "ngettext", lambda one, many, count: f"{count}: {one} / {many}")
    waits = courier.DeliveryRecord(9, "createCustomer", "pending", now, now)
    found = courier.waiting(waits, courier.AccountRecord(), now, ahead=3)
    assert found
    assert told.say(found.why, now) == "3: 3 delivery goes out before it. / 3 deliveries go out before it."


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
    tables += [texts.SOURCES, texts.BRIEFLY]
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
