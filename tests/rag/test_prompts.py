"""Prompts are files with a number; what an answer was worded with can be told from its mark."""

from __future__ import annotations

import re

import pytest

from rag import prompts


def test_every_prompt_has_a_mark_of_number_and_hash() -> None:
    assert {"planner", "repair", "writer"} <= set(prompts.names())
    for name in prompts.names():
        found = prompts.prompt(name)
        assert re.fullmatch(rf"{name}-\d+-[0-9a-f]{{8}}", found.mark)
        assert found.text and "<!--" not in found.text
        assert found.mark in prompts.version()


def test_an_unknown_prompt_is_no_prompt() -> None:
    with pytest.raises(FileNotFoundError):
        prompts.prompt("poet")
