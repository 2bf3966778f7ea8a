"""A real OpenID provider on a free port of this machine."""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from tests.fakes import npm

PACKAGE, VERSION = "oidc-provider", "9.13.3"
SECRET = "a secret of the tests"


@contextmanager
def provider(
    require_service: Callable[[str], str], port: int, dashboard: str, groups: Mapping[str, Sequence[str]]
) -> Iterator[str]:
    """The provider's address while it runs."""
    node, modules = npm.installed(require_service, PACKAGE, VERSION)
    script = Path(__file__).with_suffix(".mjs")
    running = subprocess.Popen(
        [node, str(script), str(modules), str(port), dashboard], stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
        text=True, env={**os.environ, "GROUPS_OF": json.dumps(groups)},
    )  # fmt: skip
    try:
        assert running.stdout is not None
        for line in running.stdout:
            if line == "ready\n":
                break
        yield f"http://127.0.0.1:{port}"
    finally:
        running.terminate()
        running.communicate(timeout=20)


def sign_in(page: Any, name: str) -> None:
    """Fill the provider's two forms."""
    page.wait_for_selector("input[name=login]", timeout=30_000)
    page.fill("input[name=login]", name)
    page.fill("input[name=password]", "any")
    page.click("button[type=submit]")
    page.wait_for_selector("button[type=submit]:not(:disabled)", timeout=30_000)
    page.click("button[type=submit]")
