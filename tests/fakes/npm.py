"""Packages of npm that tests drive: each is installed once into .cache of the checkout."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Callable
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]


def installed(require_service: Callable[[str], str], package: str, version: str) -> tuple[str, Path]:
    """Node, and the folder `node_modules` that holds a package; installs it when it is not there yet."""
    node, npm = require_service("node"), require_service("npm")
    place = ROOT / ".cache" / f"{package.rsplit('/', 1)[-1]}-{version}"
    if wrong := _install(npm, package, version, place):
        reason = f"needs {package}: npm could not install it: {wrong}"
        pytest.fail(reason) if os.environ.get("REQUIRE_SERVICES") == "1" else pytest.skip(reason)
    return node, place / "node_modules"


@cache
def _install(npm: str, package: str, version: str, place: Path) -> str:
    """Why the package is not there; empty when it is."""
    if place.is_dir():
        return ""
    part = place.with_name(f"{place.name}.{os.getpid()}")
    part.mkdir(parents=True)
    words = [
        npm,
        "install",
        "--silent",
        "--no-audit",
        "--no-fund",
        "--fetch-retries=1",
        "--prefix",
        str(part),
    ]
    told = subprocess.run([*words, f"{package}@{version}"], capture_output=True, text=True, check=False,
                          env=_trusting_the_system())  # fmt: skip
    if told.returncode == 0 and not place.is_dir():
        part.rename(place)
    shutil.rmtree(part, ignore_errors=True)
    return "" if place.is_dir() else told.stderr.strip()[:300] or f"exit code {told.returncode}"


def _trusting_the_system() -> dict[str, str]:
    """Node brings authorities of its own; those of the machine count too."""
    bundle = Path("/etc/ssl/certs/ca-certificates.crt")
    return {**({"NODE_EXTRA_CA_CERTS": str(bundle)} if bundle.is_file() else {}), **os.environ}
