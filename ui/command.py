"""Asking `python -m jobs …` from the dashboard: a process of its own that answers with one JSON document.

What is secret goes through standard input, never through the arguments, which every program can read.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Sequence
from typing import Any

from core.errors import ConfigError, SourceDataError, SourceUnavailable
from core.home import PROJECT, Home
from ui import moment

PATIENCE_S = 300.0


def answer(
    home: Home, arguments: Sequence[str], given: Any = None, *, patience_s: float = PATIENCE_S
) -> dict[str, Any]:
    """The answer of a command, whether it worked or not. Raises AppError when it has none."""
    command = [sys.executable, "-m", "jobs", *arguments, "--home", str(home.root), "--json", "--quiet"]
    try:
        done = subprocess.run(
            command, cwd=PROJECT, env={**os.environ, "SUPPORTLENS_HOME": str(home.root)}, capture_output=True,
            input=json.dumps(given) if given is not None else "", text=True, timeout=patience_s, check=False,
        )  # fmt: skip
    except subprocess.TimeoutExpired:
        raise SourceUnavailable(
            f"there was no answer within {patience_s:.0f} seconds.", hint="Try again, or ask for less."
        ) from None
    finally:
        moment.drop("settings")  # it may have written some
    try:
        told: dict[str, Any] = json.loads(done.stdout)
    except json.JSONDecodeError:
        raise SourceDataError(
            "this could not be examined.", hint="`python -m jobs` on the command line says why."
        ) from None
    if "error" in told:
        _raise(told["error"])
    return told


def _raise(error: dict[str, Any]) -> None:
    kind = ConfigError if error.get("code") == ConfigError.code else SourceDataError
    raise kind(error["message"], hint=error.get("hint") or "", source=error.get("source"))
