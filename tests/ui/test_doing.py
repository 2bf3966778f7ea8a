"""No button of a page does something that is not told when it fails."""

from __future__ import annotations

import ast
from collections.abc import Iterator

import pytest
from streamlit.testing.v1 import AppTest

from core.errors import StoreError
from core.home import PROJECT

# Modules whose functions change something and may refuse it: as callbacks they stand inside of `safely`.
CHANGING = {"kept", "data_alerts", "data_digests", "data_anomalies", "data_ask", "data_topics", "data_moods",
            "data_workspace"}  # fmt: skip


def callbacks() -> Iterator[tuple[str, str]]:
    """What is given to a control as what it does: the file with its line, and the name."""
    for file in sorted((PROJECT / "ui").rglob("*.py")):
        for call in (node for node in ast.walk(ast.parse(file.read_text())) if isinstance(node, ast.Call)):
            for given in call.keywords:
                if given.arg in ("on_click", "on_change", "on_select"):
                    yield f"{file.relative_to(PROJECT)}:{given.value.lineno}", ast.unparse(given.value)


def test_what_changes_something_is_told_when_it_fails() -> None:
    found = list(callbacks())
    assert len(found) > 80
    assert [(place, name) for place, name in found if name.split(".")[0] in CHANGING] == []


def script() -> None:
    import streamlit as st

    from core.errors import StoreError
    from ui.doing import safely

    def fails(what: str) -> None:
        raise StoreError(f"{what} cannot be kept.", hint="Look at the disk.")

    st.write("the page")
    st.button("Do it", on_click=safely(fails), args=("it",))


def test_a_refusal_is_said_and_the_page_stays() -> None:
    test = AppTest.from_function(script).run()
    test.button[0].click().run()
    assert not test.exception and test.markdown[0].value == "the page"
    assert [toast.value for toast in test.toast] == ["It cannot be kept. Look at the disk."]


def test_who_signs_out_is_out_also_where_it_cannot_be_noted(monkeypatch: pytest.MonkeyPatch) -> None:
    from ui import door, trail

    def full(*_: object, **__: object) -> None:
        raise StoreError("the disk is full.")

    out: list[bool] = []
    monkeypatch.setattr(trail, "note", full)
    monkeypatch.setattr(door.st, "logout", lambda: out.append(True))
    door._leave()
    assert out == [True]
