"""The program that draws pages without a browser, asked as a child: the dashboard's part is not ours to import."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

from core.errors import AppError, QuestionError, StoreError
from core.home import PROJECT, Home
from jobs.serve import child_environment

PATIENCE_S = 300.0


def answer(asked: dict[str, Any], home: Home, settings_file: Path | None) -> dict[str, Any]:
    """What `python -m ui.report` says. Raises QuestionError for what it does not take, StoreError where it failed."""
    try:
        done = subprocess.run(
            [sys.executable, "-m", "ui.report"], cwd=PROJECT, input=json.dumps(asked), capture_output=True, text=True,
            env=child_environment(home, settings_file), timeout=PATIENCE_S, check=False,
        )  # fmt: skip
        told: dict[str, Any] = json.loads(done.stdout)
    except subprocess.TimeoutExpired:
        raise StoreError(
            f"the page was not drawn within {PATIENCE_S:.0f} s.", hint="Narrow the period."
        ) from None
    except json.JSONDecodeError:
        last = (done.stderr.strip().splitlines() or ["it said nothing"])[-1]
        raise StoreError(
            f"the page could not be drawn: {last}", hint="Run `python -m jobs doctor`."
        ) from None
    if "error" in told:
        problem = told["error"]
        kind: type[AppError] = QuestionError if problem["code"] == QuestionError.code else StoreError
        raise kind(problem["message"], hint=problem["hint"])
    return told
