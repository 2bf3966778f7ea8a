"""Print how large the parts of the program are: files, functions, types, docstrings, comments.

python scripts/sizes.py            a row for each package of this project, and one for all
python scripts/sizes.py FOLDER …   a row for each folder, with `tests` and vendored code left out
"""

from __future__ import annotations

import argparse
import ast
import io
import statistics
import sys
import tokenize
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

PROJECT = Path(__file__).resolve().parent.parent
PACKAGES = (
    "alerts",
    "analytics",
    "bench",
    "connectors",
    "core",
    "enrich",
    "jobs",
    "llm",
    "pages",
    "rag",
    "store",
    "ui",
)
LONG = 40  # lines of a function, as the contributing guide has it
OTHERS = {"tests", "_vendor", "vendor", "__pycache__"}  # left out, as are hidden folders
_FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef)
_HEAD = ("code", "files", "file lines med / p90 / max", "function lines med / p90", f"functions > {LONG} lines",
         "return types", "public functions with docstring", "comment lines per 100 code lines")  # fmt: skip


@dataclass
class Sizes:
    """What was counted in some files; lines are lines of text, blank ones included."""

    files: list[int] = field(default_factory=list)
    functions: list[int] = field(default_factory=list)
    typed: int = 0
    public: int = 0
    told: int = 0
    comments: int = 0
    code: int = 0

    def __add__(self, other: Sizes) -> Sizes:
        """Both together."""
        mine, theirs = vars(self), vars(other)
        return Sizes(**{name: mine[name] + theirs[name] for name in mine})

    def row(self, name: str) -> str:
        """A row of the table, in Markdown."""
        cells = (
            name, str(len(self.files)), _shares(self.files, 50, 90, 100), _shares(self.functions, 50, 90),
            _percent(sum(lines > LONG for lines in self.functions), len(self.functions)),
            _percent(self.typed, len(self.functions)), _percent(self.told, self.public),
            f"{100 * self.comments / max(self.code, 1):.1f}",
        )  # fmt: skip
        return f"| {' | '.join(cells)} |"


def measured(folders: Iterable[Path]) -> Sizes:
    """The sizes of all Python files below some folders; a file that cannot be parsed raises SyntaxError."""
    found = Sizes()
    for folder in folders:
        for path in sorted([folder] if folder.is_file() else folder.rglob("*.py")):
            parts = path.relative_to(folder).parts
            if not OTHERS & set(parts) and not any(part.startswith(".") for part in parts):
                found += _file(path.read_text(encoding="utf-8"))
    return found


def _file(text: str) -> Sizes:
    found = Sizes(files=[text.count("\n")])
    told = set[int]()
    for node in ast.walk(ast.parse(text)):
        if (
            isinstance(node, ast.Expr)
            and isinstance(node.value, ast.Constant)
            and isinstance(node.value.value, str)
        ):
            told.update(range(node.lineno, (node.end_lineno or node.lineno) + 1))
        if isinstance(node, _FUNCTIONS):
            found.functions.append((node.end_lineno or node.lineno) - node.lineno + 1)
            found.typed += node.returns is not None
            if not node.name.startswith("_"):
                found.public += 1
                found.told += ast.get_docstring(node) is not None
    code, comments = set[int](), set[int]()
    for token in tokenize.generate_tokens(io.StringIO(text).readline):
        if token.type == tokenize.COMMENT:
            comments.add(token.start[0])
        elif token.type not in (
            tokenize.NL,
            tokenize.NEWLINE,
            tokenize.INDENT,
            tokenize.DEDENT,
            tokenize.ENDMARKER,
        ):
            code.update(range(token.start[0], token.end[0] + 1))
    found.comments, found.code = len(comments), len(code - told)
    return found


def _shares(lines: Sequence[int], *percents: int) -> str:
    if not lines:
        return "–"
    cuts = statistics.quantiles(lines, n=100, method="inclusive") if len(lines) > 1 else [lines[0]] * 99
    return " / ".join(f"{max(lines) if percent == 100 else cuts[percent - 1]:,.0f}" for percent in percents)


def _percent(part: int, whole: int) -> str:
    return f"{100 * part / whole:.1f}%" if whole else "–"


def table(rows: Iterable[tuple[str, Sizes]]) -> str:
    """The whole table, in Markdown."""
    lines = [f"| {' | '.join(_HEAD)} |", "|" + " --- |" * len(_HEAD)]
    return "\n".join([*lines, *(sizes.row(name) for name, sizes in rows)])


def main(words: Sequence[str] | None = None) -> int:
    """Print the table."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument(
        "folders", nargs="*", type=Path, help="folders to measure; this project's packages when none is named"
    )
    folders: list[Path] = parser.parse_args(words).folders
    rows = [
        (f"`{folder.name}/`", measured([folder]))
        for folder in folders or (PROJECT / name for name in PACKAGES)
    ]
    if not folders:
        whole = sum((sizes for _, sizes in rows), measured([PROJECT / "app.py"]))
        rows.append(("all", whole))
        tests = measured([PROJECT / "tests"])
        rows.append(("`tests/`", tests))
    print(table(rows))
    return 0


if __name__ == "__main__":
    sys.exit(main())
