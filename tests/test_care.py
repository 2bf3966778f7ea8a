"""What the project tells of itself: how large its parts are, whose licences it carries, that it holds no secret."""

from __future__ import annotations

import sys
from importlib import util
from pathlib import Path
from types import ModuleType

import pytest

PROJECT = Path(__file__).resolve().parent.parent

SOURCE = '''"""A module."""

import os  # why


def told(n: int) -> int:
    """Has a docstring."""
    # One comment.
    return n


def _private(n):
    return n


class Public:
    def silent(self) -> None:
        os.getcwd()
'''


def script(name: str) -> ModuleType:
    spec = util.spec_from_file_location(name, PROJECT / "scripts" / f"{name}.py")
    assert spec and spec.loader
    module = sys.modules[name] = util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_sizes_are_counted_as_told(tmp_path: Path) -> None:
    (tmp_path / "one.py").write_text(SOURCE)
    (tmp_path / "tests").mkdir()
    (tmp_path / "tests" / "two.py").write_text("x = 1\n")
    found = script("sizes").measured([tmp_path])
    assert found.files == [18] and sorted(found.functions) == [2, 2, 4]
    assert (found.typed, found.public, found.told) == (2, 2, 1)
    # import, def and return twice each, class, def and call of the method
    assert (found.comments, found.code) == (2, 8)


def test_this_project_keeps_its_own_budgets() -> None:
    sizes = script("sizes")
    found = sizes.measured(PROJECT / name for name in sizes.PACKAGES)
    assert len(found.files) > 500 and max(found.files) <= 400
    assert found.typed >= 0.99 * len(found.functions) and found.told >= 0.9 * found.public


def test_every_licence_is_one_that_may_be_carried() -> None:
    care = script("care")
    rows = care.licences(PROJECT / "requirements.lock")
    assert len(rows) > 100
    assert not [row for row in rows if not row.may_be_carried]


@pytest.mark.parametrize(
    ("text", "is_free"),
    [("MIT License", True), ("Apache-2.0 OR BSD-3-Clause", True), ("GPL-3.0-only", False), ("", False),
     ("GNU Affero General Public License v3", False), ("LGPL with exceptions", True), ("MPL-2.0", True)],
)  # fmt: skip
def test_a_licence_is_judged_by_its_words(text: str, is_free: bool) -> None:
    assert script("care").may_be_carried(text) is is_free


def test_a_secret_in_a_file_is_found_and_a_known_one_is_not_told_again(tmp_path: Path) -> None:
    care = script("care")
    planted = tmp_path / "notes.txt"
    planted.write_text("aws = AKIA" + "Z7QK3MPLR2XWTN5B\n")
    (tmp_path / "plain.txt").write_text("nothing to see here\n")
    found = care.secrets([planted, tmp_path / "plain.txt"], known=set())
    assert [(one.path, one.line) for one in found] == [(planted, 1)]
    assert not care.secrets([planted], known={one.mark for one in found})


def test_the_tree_holds_no_secret() -> None:
    care = script("care")
    found = care.secrets(care.tracked(PROJECT), known=care.known(PROJECT))
    assert not [f"{one.path.relative_to(PROJECT)}:{one.line} {one.kind}" for one in found]
