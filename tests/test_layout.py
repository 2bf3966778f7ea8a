"""The shape of the house: what may be where, how long it may be, and who may open which door."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

PROJECT = Path(__file__).resolve().parent.parent
PACKAGES = ("core", "store", "connectors", "llm", "enrich", "analytics", "rag", "alerts", "ui", "jobs")
LONGEST_PAGE, LONGEST_MODULE, LONGEST_FUNCTION = 60, 400, 40

# Each dependency is imported in these places only; a trailing slash stands for the whole folder.
DOORS: dict[str, tuple[str, ...]] = {
    "streamlit": ("app.py", "pages/", "ui/"),
    "duckdb": ("store/",),
    "sqlalchemy": ("store/",),
    "chromadb": ("rag/chroma.py",),
    "wordllama": ("llm/embed.py",),
    "openai": ("llm/openai.py", "llm/embed.py"),
    "langchain_openai": ("llm/openai.py", "llm/embed.py"),
    "anthropic": ("llm/anthropic.py",),
    "langchain_anthropic": ("llm/anthropic.py",),
    "sklearn": ("enrich/", "analytics/"),
    "plotly": ("ui/",),
    "matplotlib": ("ui/",),
    "prophet": ("analytics/",),
    "vaderSentiment": ("enrich/",),
    "py3langid": ("enrich/",),
    "mcp": ("connectors/",),
    "psycopg2": ("connectors/",),
    "pymysql": ("connectors/",),
    "boto3": ("connectors/",),
    "apscheduler": ("core/cron.py",),
    "tweepy": ("connectors/",),
    "apprise": ("alerts/channels.py",),
}
# These take long to import: only inside functions, or for type checkers.
HEAVY = (*DOORS, "ibis", "pandas", "scipy", "langchain", "langchain_core")
LIGHT_ENOUGH: dict[str, tuple[str, ...]] = {
    "streamlit": ("app.py", "pages/", "ui/"),
    "duckdb": ("store/",),
    "sqlalchemy": ("store/",),
}


def relative(path: Path) -> str:
    return path.relative_to(PROJECT).as_posix()


@cache
def product_files() -> list[Path]:
    files = [file for package in PACKAGES for file in sorted((PROJECT / package).rglob("*.py"))]
    assert len(files) > 30, "the check found hardly any files"
    return [*files, *page_files(), PROJECT / "app.py"]


@cache
def page_files() -> list[Path]:
    files = sorted((PROJECT / "pages").rglob("*.py"))
    assert files, "the check found no pages"
    return files


def allowed(path: Path, places: tuple[str, ...]) -> bool:
    name = relative(path)
    return any(name == place or name.startswith(f"{place.rstrip('/')}/") for place in places)


def imports(tree: ast.AST) -> Iterator[tuple[str, int]]:
    """Every imported module, dotted, with its line."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from ((alias.name, node.lineno) for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield node.module, node.lineno


def imports_on_load(tree: ast.Module) -> Iterator[tuple[str, int]]:
    """What importing the module itself imports: neither inside functions nor for type checkers only."""
    for node in tree.body:
        if isinstance(node, ast.If) and "TYPE_CHECKING" in ast.unparse(node.test):
            continue
        if not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            yield from imports(node)


@cache
def parse(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"), str(path))


@cache
def imports_of(path: Path) -> tuple[tuple[str, int], ...]:
    """All imports of a file, which every door asks for."""
    return tuple(imports(parse(path)))


def test_no_file_lies_directly_in_pages() -> None:
    """Streamlit can run such a page without app.py, past the sign-in (docs/adr/0002)."""
    assert page_files()
    assert [relative(path) for path in (PROJECT / "pages").glob("*.py")] == []


def test_pages_are_short() -> None:
    long = {relative(p): n for p in page_files() if (n := len(p.read_text().splitlines())) > LONGEST_PAGE}
    assert long == {}


def test_pages_import_only_ui_and_core() -> None:
    """And Streamlit, whose scripts they are, and the standard library."""
    known = {"ui", "core", "streamlit", *sys.stdlib_module_names}
    wrong = [
        f"{relative(path)}:{line} {name}"
        for path in page_files()
        for name, line in imports_of(path)
        if name.split(".")[0] not in known
    ]
    assert wrong == []


def test_modules_are_short() -> None:
    long = {
        relative(p): n for p in product_files() if (n := len(p.read_text().splitlines())) > LONGEST_MODULE
    }
    assert long == {}


def test_functions_are_short() -> None:
    counted, long = 0, {}
    for path in product_files():
        for node in ast.walk(parse(path)):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                counted += 1
                body = node.body[1:] if ast.get_docstring(node) else node.body
                length = (node.end_lineno or 0) - body[0].lineno + 1 if body else 0
                if length > LONGEST_FUNCTION:
                    long[f"{relative(path)}:{node.lineno} {node.name}"] = length
    assert counted > 200
    assert long == {}


@pytest.mark.parametrize("package", sorted(DOORS))
def test_each_dependency_has_its_door(package: str) -> None:
    wrong = [
        f"{relative(path)}:{line} imports {name}"
        for path in product_files()
        for name, line in imports_of(path)
        if name.split(".")[0] == package and not allowed(path, DOORS[package])
    ]
    assert wrong == []


def test_no_table_is_read_past_its_viewer() -> None:
    """SQL outside of the store writes tables as `{name}`, which the reader limits to what the viewer may see."""
    from store.visible import TABLES

    bare = re.compile(rf"\b(?:FROM|JOIN)\s+(?:{'|'.join(sorted(TABLES))})\b")
    found = [
        f"{file.relative_to(PROJECT)}: {hit}"
        for package in ("analytics", "rag", "alerts", "ui")
        for file in sorted((PROJECT / package).rglob("*.py"))
        if file != PROJECT / "rag" / "chunks.py"  # written by the refresh, which has no viewer
        for hit in bare.findall(file.read_text(encoding="utf-8"))
    ]
    assert found == []


def test_heavy_packages_are_imported_inside_functions() -> None:
    wrong = [
        f"{relative(path)}:{line} imports {name} on load"
        for path in product_files()
        for name, line in imports_on_load(parse(path))
        if (top := name.split(".")[0]) in HEAVY and not allowed(path, LIGHT_ENOUGH.get(top, ()))
    ]
    assert wrong == []


def test_the_command_line_starts_light() -> None:
    """`python -m jobs --help` imports every command, and none of the slow packages."""
    slow = {
        "pandas",
        "sklearn",
        "chromadb",
        "ibis",
        "langchain_core",
        "plotly",
        "prophet",
        "openai",
        "streamlit",
    }
    code = (
        "import sys\nfrom jobs.cli import _parser\n_parser()\ncommands = 'jobs.commands.'\n"
        f"print(sorted({slow!r} & set(sys.modules)), sum(m.startswith(commands) for m in sys.modules))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=PROJECT, capture_output=True, text=True, check=True
    )
    loaded, _, commands = done.stdout.strip().rpartition(" ")
    assert int(commands) >= 5, "the check found hardly any commands"
    assert loaded == "[]"


def test_every_command_has_its_four_parts() -> None:
    files = [path for path in (PROJECT / "jobs" / "commands").glob("*.py") if path.stem != "__init__"]
    assert len(files) >= 5
    for path in files:
        names = {node.name for node in parse(path).body if isinstance(node, ast.FunctionDef)}
        names |= {
            ast.unparse(t) for node in parse(path).body if isinstance(node, ast.Assign) for t in node.targets
        }
        assert {"HELP", "add_arguments", "run", "show"} <= names, relative(path)


def test_every_package_is_under_the_import_contracts() -> None:
    rules = tomllib.loads((PROJECT / "pyproject.toml").read_text())["tool"]
    folders = {path.parent.name for path in PROJECT.glob("*/__init__.py")} - {"bench", "tests", "scripts"}
    assert folders == set(PACKAGES)
    assert set(rules["importlinter"]["root_packages"]) == folders
    layers = rules["importlinter"]["contracts"][0]["layers"]
    assert {name.strip() for layer in layers for name in layer.split("|")} == folders
    assert folders <= set(rules["mypy"]["files"])


def test_no_folder_is_called_like_a_dependency() -> None:
    lock = (PROJECT / "requirements.lock").read_text().splitlines()
    pinned = {line.split("==")[0].lower().replace("-", "_") for line in lock if "==" in line}
    assert len(pinned) > 100
    assert pinned & {path.name for path in PROJECT.iterdir() if path.is_dir()} == set()


# --- every plug-in is tested through the contract of its kind ---


def classes_of(path: Path) -> list[ast.ClassDef]:
    return [node for node in parse(path).body if isinstance(node, ast.ClassDef)]


def bases_of(node: ast.ClassDef) -> set[str]:
    return {ast.unparse(base).rsplit(".", 1)[-1] for base in node.bases}


def test_every_connector_passes_the_contract() -> None:
    """One of `tests/connectors/test_<name>*.py` has a class that inherits the contract's."""
    names = [path.stem for path in (PROJECT / "connectors").glob("[a-z]*.py") if path.stem != "base"]
    assert names
    for name in names:
        tests = [*(PROJECT / "tests" / "connectors").glob(f"test_{name}*.py")]
        assert tests, f"connectors/{name}.py has no test"
        inherited = {base for test in tests for node in classes_of(test) for base in bases_of(node)}
        contracts = {"ConnectorContract", "HttpConnectorContract"}
        assert contracts & inherited, f"no test of connectors/{name}.py inherits the contract"


def test_every_model_provider_is_tested() -> None:
    names = [path.stem for path in (PROJECT / "llm").glob("[a-z]*.py") if path.stem != "base"]
    assert len(names) >= 3
    tested = {path.stem.removeprefix("test_") for path in (PROJECT / "tests" / "llm").rglob("test_*.py")}
    assert set(names) - tested == set()


def test_every_enricher_is_tested() -> None:
    enrichers = {
        path.stem
        for path in (PROJECT / "enrich").glob("*.py")
        for node in classes_of(path)
        if bases_of(node) & {"Enricher", "MessageEnricher"} and path.stem != "base"
    }
    assert len(enrichers) >= 4
    tested = {path.stem.removeprefix("test_") for path in (PROJECT / "tests" / "enrich").rglob("test_*.py")}
    assert enrichers - tested == set()


def test_every_metric_is_named_in_a_test_or_tested_as_one_of_all() -> None:
    from analytics.catalogue import METRICS

    names = METRICS.names()
    assert len(names) >= 8
    tests = "".join(path.read_text() for path in (PROJECT / "tests" / "analytics").rglob("*.py"))
    assert "METRICS" in tests or [name for name in names if name not in tests] == []


def test_the_menu_and_the_files_are_the_same() -> None:
    from ui.navigation import MENU

    assert sorted(entry.path for entry in MENU) == sorted(relative(path) for path in page_files())
