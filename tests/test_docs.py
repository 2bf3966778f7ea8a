"""The docs say what the code does: settings, commands, links and the commands inside code blocks."""

from __future__ import annotations

import argparse
import importlib.util
import pkgutil
import re
import shlex
from pathlib import Path
from types import ModuleType

import pytest

PROJECT = Path(__file__).resolve().parent.parent
LINK = re.compile(r"!?\[[^\]]*\]\(([^)\s]+)\)")
FENCE = re.compile(r"^```\w*\n(.*?)^```", re.MULTILINE | re.DOTALL)


def pages() -> list[Path]:
    files = [*sorted((PROJECT / "docs").rglob("*.md")), *sorted(PROJECT.glob("*.md"))]
    assert len(files) > 8, "the check found hardly any pages"
    return files


def script(name: str) -> ModuleType:
    spec = importlib.util.spec_from_file_location(name, PROJECT / "scripts" / f"{name}.py")
    assert spec and spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def documented_commands() -> list[tuple[Path, str]]:
    """Every `python -m jobs …` line of a code block, continuation lines joined, without comments."""
    found = []
    for path in pages():
        for block in FENCE.findall(path.read_text(encoding="utf-8")):
            for line in block.replace("\\\n", " ").splitlines():
                if "python -m jobs " in line and "…" not in line and "[" not in line:
                    found.append((path, line.split("python -m jobs ", 1)[1]))
    assert len(found) > 10, "the check found hardly any commands"
    return found


def test_the_settings_page_is_what_the_settings_are() -> None:
    shown = (PROJECT / "docs" / "settings.md").read_text(encoding="utf-8")
    assert shown == script("document_settings").page(), "stale: run `make docs`"


def test_every_setting_has_a_description() -> None:
    from core.settings import Settings

    page = script("document_settings").page()
    assert len(Settings.model_fields) >= 8
    assert "| None |" not in page


def test_every_command_is_documented() -> None:
    import jobs.commands

    names = [module.name for module in pkgutil.iter_modules(jobs.commands.__path__)]
    assert len(names) >= 5
    text = "\n".join(path.read_text(encoding="utf-8") for path in (PROJECT / "docs").glob("*.md"))
    assert [name for name in names if f"python -m jobs {name}" not in text] == []


def test_every_option_is_documented() -> None:
    """Under a heading that speaks of the command; those that questions have in common, on the page of metrics."""
    from jobs.cli import _parser

    common = {"--help", "--home", "--settings", "--json", "--quiet", "--log-json"}
    asking = {"--from", "--to", "--filter", "--any", "--hours", "--include", "--per"}
    texts = [
        section
        for path in pages()
        if path.name != "CHANGELOG.md"
        for section in re.split(r"(?m)^#+ ", path.read_text(encoding="utf-8"))
    ]
    metrics = (PROJECT / "docs" / "metrics.md").read_text(encoding="utf-8")
    assert [option for option in sorted(asking) if f"`{option}" not in metrics] == []
    (commands,) = [action for action in _parser()._actions if isinstance(action, argparse._SubParsersAction)]
    missing, looked_at = [], 0
    for name, command in commands.choices.items():
        told = "\n".join(text for text in texts if re.search(rf"\bjobs {name}\b", text))
        options = {word for action in command._actions for word in action.option_strings if word[:2] == "--"}
        for option in sorted(options - common - asking):
            looked_at += 1
            if not re.search(rf"{option}(?![\w-])", told):
                missing.append(f"jobs {name} {option}")
    assert looked_at > 50 and missing == []


def test_every_make_target_is_documented() -> None:
    targets = re.findall(r"^([a-z-]+):.*## ", (PROJECT / "Makefile").read_text(), re.MULTILINE)
    assert len(targets) > 8
    text = (PROJECT / "CONTRIBUTING.md").read_text(encoding="utf-8")
    assert [name for name in targets if f"make {name}" not in text] == []


def test_commands_in_the_docs_parse() -> None:
    from jobs.cli import _parser

    parser = _parser()
    for path, line in documented_commands():
        words = shlex.split(line.split(" > ")[0].split(" | ")[0], comments=True)
        try:
            parser.parse_args(words)
        except SystemExit:
            pytest.fail(f"{path.relative_to(PROJECT)}: python -m jobs {line}")


def test_links_between_pages_resolve() -> None:
    checked, broken = 0, []
    for path in pages():
        for target in LINK.findall(FENCE.sub("", path.read_text(encoding="utf-8"))):
            file = target.split("#")[0]
            if file and "://" not in target and not target.startswith("mailto:"):
                checked += 1
                if not (path.parent / file).exists():
                    broken.append(f"{path.relative_to(PROJECT)}: {target}")
    assert checked > 10, "the check found hardly any links"
    assert broken == []


def test_every_page_is_reachable_from_the_index() -> None:
    index = PROJECT / "docs" / "index.md"
    linked = {(index.parent / target).resolve() for target in LINK.findall(index.read_text(encoding="utf-8"))}
    missing = [
        path.name for path in (PROJECT / "docs").glob("*.md") if path.resolve() not in {index, *linked}
    ]
    assert missing == []


def test_decisions_are_numbered_and_have_their_parts() -> None:
    records = sorted((PROJECT / "docs" / "adr").glob("*.md"))
    assert len(records) >= 8
    assert [record.name[:4] for record in records] == [f"{n:04d}" for n in range(1, len(records) + 1)]
    for record in records:
        text = record.read_text(encoding="utf-8")
        for part in ("# ", "## Context", "## Decision", "## Consequences"):
            assert part in text, f"{record.name} has no {part}"


def test_the_docs_name_no_machine_of_ours() -> None:
    for path in pages():
        text = path.read_text(encoding="utf-8")
        assert not re.search(r"(?<![\w.])/(work|tmp|root)/", text), path.name
