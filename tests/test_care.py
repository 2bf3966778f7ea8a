"""What the project tells of itself: how large its parts are, whose licences it carries, that it holds no secret."""

from __future__ import annotations

import hashlib
import json
import subprocess
import sys
from importlib import util
from pathlib import Path
from types import ModuleType
from typing import Any

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
    planted.write_text("aws = AKIAZ7QK3MPLR2XWTN5B\n")
    (tmp_path / "plain.txt").write_text("nothing to see here\n")
    found = care.secrets([planted, tmp_path / "plain.txt"], known=set())
    assert [(one.path, one.line) for one in found] == [(planted, 1)]
    assert not care.secrets([planted], known={one.mark for one in found})


def test_looking_closely_only_where_a_key_may_begin_misses_none(tmp_path: Path) -> None:
    from enrich.masked_secrets import formed_like_secrets

    care, n = script("care"), 0
    for path in [*care.tracked(PROJECT), PROJECT / "tests" / "enrich" / "masking" / "positives.txt"]:
        if path.stat().st_size < 200_000:
            text = path.read_bytes().decode("utf-8", errors="replace")
            slowly = {hashlib.sha256(found.encode()).hexdigest()[:16] for found in formed_like_secrets(text)}
            assert {one.mark for one in care.secrets([path], known=())} == slowly, path
            n += len(slowly)
    assert n > 30
    far = tmp_path / "far.bin"
    far.write_bytes(b"\xff\x00 sk- hf_ \n" * 5_000 + b"\nAKIAZ7QK3MPLR2XWTN5B\n" + b"\0" * 5_000)
    (found,) = care.secrets([far], known=())
    assert found.line == 5_002


FLAW = {"id": "PYSEC-2026-1", "fix_versions": ["2.0"], "aliases": [], "description": "It opens a door."}


@pytest.mark.parametrize(
    ("out", "err", "code", "told"),
    [
        (
            {"dependencies": [{"name": "a", "version": "1", "vulns": []}]},
            "",
            0,
            "no advisory is known about 1 package",
        ),
        (
            {"dependencies": [{"name": "a", "version": "1", "vulns": [FLAW]}]},
            "",
            1,
            "a==1\tPYSEC-2026-1\tfixed in 2.0",
        ),
        (
            {"dependencies": [{"name": "a", "skip_reason": "not on PyPI"}]},
            "",
            0,
            "a: NOT CHECKED, not on PyPI",
        ),
        (
            None,
            "x\nConnectionError: no route to pypi.org\nhint: none\n",
            0,
            "NOT CHECKED: ConnectionError: no route to pypi.org",
        ),
        (None, "", 0, "NOT CHECKED: pip-audit gave no answer"),
    ],
)
def test_advisories_that_cannot_be_asked_for_are_said_not_to_be_checked(
    out: Any, err: str, code: int, told: str, capsys: pytest.CaptureFixture[str]
) -> None:
    def run(*_: object, **__: object) -> subprocess.CompletedProcess[str]:
        return subprocess.CompletedProcess([], 1, json.dumps(out) if out else "", err)

    assert script("care").print_advisories(run) == code
    assert told in capsys.readouterr().out


def test_advisories_that_take_too_long_are_said_not_to_be_checked(capsys: pytest.CaptureFixture[str]) -> None:
    def run(*_: object, **__: object) -> subprocess.CompletedProcess[str]:
        raise subprocess.TimeoutExpired("uv", 1)

    assert script("care").print_advisories(run) == 0
    assert "advisories: NOT CHECKED" in capsys.readouterr().out


def test_the_tree_holds_no_secret() -> None:
    care = script("care")
    found = care.secrets(care.tracked(PROJECT), known=care.known(PROJECT))
    assert not [f"{one.path.relative_to(PROJECT)}:{one.line} {one.kind}" for one in found]
