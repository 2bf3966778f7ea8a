"""`python -m ui.report`: a page as a file or a letter, without a browser. JSON comes on stdin, the answer goes to stdout.

The page runs as it does for people, from app.py under the same address, so that the file holds what they see.
`python -m jobs report` asks for a file, digests ask for a letter in the name of who will read it.
"""

from __future__ import annotations

import base64
import json
import logging
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from core import conditions, log
from core.errors import AppError, QuestionError, StoreError
from core.home import PROJECT

if TYPE_CHECKING:
    from core.filters import Filters
    from ui.sheet import Sheet

PATIENCE_S = 120


def main() -> int:
    """Answer one question: see `write` and `letter`. Says {"error": …} and ends with 1 where it could not."""
    log.set_up(as_json=False, level=logging.ERROR)
    asked = json.load(sys.stdin)
    try:
        told: dict[str, Any] = letter(asked) if "reader" in asked else write(asked)
    except AppError as error:
        told = {"error": {"code": error.code, "message": error.message, "hint": error.hint}}
    print(json.dumps(told))  # noqa: T201 - this is a program
    return 1 if "error" in told else 0


def write(asked: Mapping[str, Any]) -> dict[str, Any]:
    """Write a file, for whoever runs the command: {"page", "parameters", "wanted", "out"}.

    Raises QuestionError for a page or filters that are not there, StoreError for a page that fails.
    """
    from core.written import replace_file
    from ui import identity, report
    from ui.report.button import source

    with identity.reading_for(identity.OPERATOR):
        paper, shown = run(asked["page"], asked["parameters"])
        of = source()
    if shown is not None:
        _check(shown, asked["wanted"])
    text = report.page(paper, of)
    replace_file(Path(asked["out"]), text)
    return {
        "file": asked["out"], "page": paper.title, "parts": len(paper.parts), "bytes": len(text.encode()),
        "period": str(shown.period) if shown else None, "generation": of.generation,
    }  # fmt: skip


def letter(asked: Mapping[str, Any]) -> dict[str, Any]:
    """A page for one reader: {"page", "parameters", "reader": {"name", "groups"}, "name", "link", "foot", "file"}.

    Gives {"html", "lines", "pictures", "file"}, contents in base64; "file" is None without the right to export.
    Raises what `write` raises.
    """
    from ui import identity, report, trail
    from ui.report.button import file_name, source
    from ui.report.letter import letter as written

    who = identity.Person(asked["reader"]["name"], tuple(asked["reader"]["groups"]))
    with identity.reading_for(who):
        paper, _ = run(asked["page"], asked["parameters"])
        of = source()
        file = None
        if asked["file"] and trail.allows("export"):
            file = {"name": file_name(paper), "content": _coded(report.page(paper, of).encode())}
    found = written(paper, of, name=asked["name"], link=asked["link"], foot=asked["foot"])
    return {
        "html": found.html, "lines": found.lines, "file": file,
        "pictures": {name: _coded(content) for name, content in found.pictures.items()},
    }  # fmt: skip


def _coded(content: bytes) -> str:
    return base64.b64encode(content).decode()


def run(slug: str, parameters: dict[str, list[str]]) -> tuple[Sheet, Filters | None]:
    """Run a page under an address; what it has put on the screen, and the filters it was drawn under."""
    from streamlit.testing.v1 import AppTest

    from ui import navigation, sheet

    entry = next((one for one in navigation.MENU if one.slug == slug), None)
    if entry is None:
        known = ", ".join(one.slug for one in navigation.MENU)
        raise QuestionError(f"there is no page called {slug!r}.", hint=f"Pages: {known}.")
    test = AppTest.from_file(str(PROJECT / "app.py"), default_timeout=PATIENCE_S)
    for name, values in parameters.items():
        test.query_params[name] = values
    if entry is not navigation.MENU[0]:
        test.switch_page(entry.path)
    test.run()
    if test.exception:
        raise StoreError(
            f"the page {entry.title} failed.", hint="Open it in the dashboard; its log has the reason."
        )
    session = test.session_state
    if sheet.KEY not in session or session[sheet.KEY].title != entry.title:
        # The door let them not in, or their menu has no such page.
        raise StoreError(
            f"the page {entry.title} may not be seen.", hint="Look at [[access]] in the settings."
        )
    shown = session["filters_view"].filters if entry.is_filtered else None
    return session[sheet.KEY], shown


def _check(shown: Filters, wanted: Mapping[str, Any]) -> None:
    """Raise QuestionError where the page was drawn under other filters than those asked for."""
    where = {name: list(values) for name, values in shown.where}
    asked = {name: list(values) for name, values in wanted["where"]}
    wrong = [name for name in sorted({*where, *asked}) if where.get(name) != asked.get(name)]
    if wanted["period"] and wanted["period"] != str(shown.period):
        wrong.append("these days")
    if wanted["any"] != conditions.encode(shown.groups):
        wrong.append("any of these conditions")
    if set(wanted["include"]) - set(shown.include):
        wrong.append("these kinds counted too")
    if wrong:
        raise QuestionError(
            f"this page cannot be drawn with {', '.join(wrong)} as asked.",
            hint="Take dimensions of the filter bar, and days within the data.",
        )


if __name__ == "__main__":
    sys.exit(main())
