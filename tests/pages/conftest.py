"""Pages are tested from app.py, as people reach them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest

from core.home import PROJECT, Home
from ui import resources


@pytest.fixture(autouse=True, scope="module")
def _no_memory() -> None:
    """What was computed for one test is there for the file's others, as in a server that runs; other files begin anew."""
    _forget()


@pytest.fixture
def own_memory() -> Iterator[None]:
    """For a test with settings that the others of its file do not have: a server reads them when it starts."""
    _forget()
    yield
    _forget()


def _forget() -> None:
    st.cache_data.clear()
    st.cache_resource.clear()
    resources.forget()


@pytest.fixture
def app(monkeypatch: pytest.MonkeyPatch, now: Any) -> Callable[..., AppTest]:
    """`app(home, page, **parameters)`: the app on a workspace, opened at a page with parameters in the address."""

    def start(home: Home, page: str = "", **parameters: str | list[str]) -> AppTest:
        monkeypatch.setenv("SUPPORTLENS_HOME", str(home.root))
        test = AppTest.from_file(str(PROJECT / "app.py"), default_timeout=60)
        for name, value in parameters.items():
            test.query_params[name] = value
        if page:
            test.switch_page(page)
        return test.run()

    return start


@pytest.fixture
def ask_sql(sample_home: Home) -> Callable[..., Any]:
    """One value by plain SQL on the published file, independent of the metrics."""
    from core.viewer import EVERYTHING
    from store.reader import open_reader

    def ask(sql: str) -> Any:
        rows = open_reader(sample_home).query(sql, viewer=EVERYTHING).to_pylist()
        return next(iter(rows[0].values()))

    return ask


def texts(test: AppTest) -> str:
    """All words on the page."""
    kinds = (test.markdown, test.caption, test.info, test.warning, test.error, test.success, test.text)
    return "\n".join(str(element.value) for kind in kinds for element in kind)
