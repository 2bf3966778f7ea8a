"""`python -m jobs doctor`: versions, settings, freshness, index lag, disk, integrity."""

from __future__ import annotations

import argparse

from jobs.cli import Context, Failed
from jobs.diagnosis import Diagnosis, diagnose
from jobs.findings import Check

HELP = "look for what is broken: versions, settings, freshness, index lag, disk, integrity"
_MARKS = {"ok": "ok    ", "note": "note  ", "broken": "BROKEN"}


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Nothing beyond the common arguments."""


def run(args: argparse.Namespace, context: Context) -> dict[str, object]:
    """The findings. Fails when something is broken."""
    result = _result(diagnose(context.home, context.settings_file))
    if not result["ok"]:
        raise Failed(result)
    return result


def show(result: dict[str, object]) -> None:
    """One line per check."""
    checks = result["checks"]
    for check in checks if isinstance(checks, list) else ():
        print(_line(check))
    print("nothing is broken" if result["ok"] else "something is broken: see above")


def _result(found: Diagnosis) -> dict[str, object]:
    return {"ok": found.is_healthy, "checks": found.checks, **found.facts}


def _line(check: Check) -> str:
    return f"{_MARKS[check.state]}  {check.name}: {check.message} {check.hint}".rstrip()
