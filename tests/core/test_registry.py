"""Plug-ins are found by their file, and a name belongs to one of them."""

import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from core.errors import ConfigError
from core.registry import Registry


@pytest.fixture
def package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    folder = tmp_path / "plugs_under_test"
    folder.mkdir()
    (folder / "__init__.py").write_text(
        "from core.registry import Registry\nP = Registry('plug', 'plugs_under_test')\n"
    )
    (folder / "one.py").write_text("from plugs_under_test import P\nP.add('one', 1)\n")
    (folder / "two.py").write_text("from plugs_under_test import P\nP.add('two', 2)\n")
    (folder / "_shared.py").write_text("raise AssertionError('shared code is not a plug-in')\n")
    monkeypatch.syspath_prepend(str(tmp_path))
    yield "plugs_under_test"
    for name in [name for name in sys.modules if name.startswith("plugs_under_test")]:
        del sys.modules[name]


def test_files_are_found_on_first_use(package: str) -> None:
    registry = __import__(package).P
    assert f"{package}.one" not in sys.modules
    assert registry.get("two") == 2
    assert (registry.names(), registry.all()) == (["one", "two"], [1, 2])
    assert registry.holds("one", 1) and not registry.holds("one", 2) and not registry.holds("three", 3)


def test_an_unknown_name_is_answered_with_the_known_ones(package: str) -> None:
    with pytest.raises(ConfigError, match=r"no plug called 'three'.*Known: one, two"):
        __import__(package).P.get("three")


def test_a_name_belongs_to_one() -> None:
    registry: Registry[object] = Registry("plug", "core")
    first = object()
    registry.add("a", first)
    registry.add("a", first)
    with pytest.raises(ConfigError, match="two plug-ins"):
        registry.add("a", object())


def test_threads_that_ask_at_once_all_get_everything(package: str) -> None:
    registry = __import__(package).P
    slow = Path(sys.modules[package].__path__[0]) / "a_slow_one.py"
    slow.write_text("import time\ntime.sleep(0.2)\n")
    with ThreadPoolExecutor(4) as pool:
        found = [future.result() for future in [pool.submit(registry.get, "two") for _ in range(4)]]
    assert found == [2, 2, 2, 2]
