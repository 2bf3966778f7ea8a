"""Two lists: what must be masked, exactly, and what looks like it and must stay."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from enrich.redaction import Redaction

FOLDER = Path(__file__).with_name("masking")
NAMES = frozenset({"Anna Schmidt", "Mark Brown", "Hikaru79", "Zoë Ångström", "Bill Bishop"})
REDACTION = Redaction(NAMES, (("customer", r"\bKD-?\d{6}\b"),))
_MARKED = re.compile(r"\{(\w+)\|([^}]*)\}")


def listed(name: str) -> list[str]:
    lines = (FOLDER / f"{name}.txt").read_text(encoding="utf-8").splitlines()
    return [line for line in lines if line and not line.startswith("# ")]


POSITIVES, LOOK_ALIKES = listed("positives"), listed("lookalikes")


def test_the_lists_are_long() -> None:
    assert len(set(POSITIVES)) >= 200
    assert len(set(LOOK_ALIKES)) >= 200
    assert {kind for line in POSITIVES for kind, _ in _MARKED.findall(line)} == {
        "email", "phone", "card", "iban", "ip", "secret", "name", "customer"
    }  # fmt: skip


@pytest.mark.parametrize("line", POSITIVES)
def test_it_is_masked_and_nothing_else(line: str) -> None:
    text = _MARKED.sub(lambda found: found[2], line)
    assert REDACTION.mask(text) == _MARKED.sub(lambda found: f"[{found[1]}]", line)


@pytest.mark.parametrize("line", POSITIVES)
def test_it_is_masked_inside_a_message_and_once(line: str) -> None:
    text = "Hello,\n" + _MARKED.sub(lambda found: found[2], line) + "\nThank you for your help."
    masked = REDACTION.numbered(text)
    assert not any(value in masked for _, value in _MARKED.findall(line))
    assert REDACTION.numbered(masked) == masked
    assert masked.startswith("Hello,\n") and masked.endswith("\nThank you for your help.")


@pytest.mark.parametrize("line", LOOK_ALIKES)
def test_it_stays(line: str) -> None:
    assert REDACTION.mask(line) == line
