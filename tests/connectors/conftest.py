"""The conformance report: which of the fourteen points each connector holds."""

from __future__ import annotations

from collections import defaultdict
from typing import Any

import pytest

POINTS = 14
_found: dict[str, dict[int, set[str]]] = defaultdict(lambda: defaultdict(set))


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item, call: pytest.CallInfo[None]) -> Any:
    report = yield
    if report.when == "call" or report.outcome != "passed":
        for mark in item.iter_markers("point"):
            kind = getattr(item, "cls", None)
            name = getattr(kind, "__name__", "").removeprefix("Test") or item.path.stem.removeprefix("test_")
            for point in mark.args:
                _found[name][point].add("gap" if hasattr(report, "wasxfail") else report.outcome)
    return report


def pytest_terminal_summary(terminalreporter: Any) -> None:
    if not _found:
        return
    terminalreporter.section("conformance of connectors (points of tests/connectors/contract.py)")
    width = max(map(len, _found))
    terminalreporter.write_line(" " * width + "".join(f"{point:>4}" for point in range(1, POINTS + 1)))
    for name in sorted(_found):
        cells = "".join(f"{_cell(_found[name][point]):>4}" for point in range(1, POINTS + 1))
        terminalreporter.write_line(f"{name:<{width}}{cells}")
    terminalreporter.write_line(
        "ok: holds, (ok): holds with declared gaps, gap: the source cannot, -: not run"
    )


def _cell(outcomes: set[str]) -> str:
    if "failed" in outcomes:
        return "NO"
    if "passed" in outcomes:
        return "(ok)" if "gap" in outcomes else "ok"
    return "gap" if "gap" in outcomes else "-"
