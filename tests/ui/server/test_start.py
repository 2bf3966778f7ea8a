"""What has to have happened before the first visitor is let in."""

from __future__ import annotations

import sys
import time
from types import SimpleNamespace
from typing import Any

import pytest
from streamlit.runtime.pages_manager import PagesManager

from core.home import Home
from ui import __main__ as start


def test_nobody_is_served_while_numpy_and_pandas_are_half_imported(
    home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    """DuckDB takes what another thread has begun to import as it is: a query would end in an AttributeError."""
    imported: list[str] = []
    served: list[list[str]] = []

    def slowly(name: str) -> None:
        time.sleep(0.05)
        imported.append(name)

    app: Any = SimpleNamespace(run=lambda config: served.append(list(imported)))
    monkeypatch.setattr(start, "importlib", SimpleNamespace(import_module=slowly))
    monkeypatch.setattr(start, "gc", SimpleNamespace(collect=lambda: 0, freeze=lambda: None))
    monkeypatch.setattr(start, "_app", lambda script: app)
    monkeypatch.setattr(PagesManager, "uses_pages_directory", None)
    monkeypatch.setattr(sys, "argv", ["ui"])
    monkeypatch.setenv("FORWARDED_ALLOW_IPS", "")
    start.main()
    assert served and served[0][:2] == ["numpy", "pandas"]
