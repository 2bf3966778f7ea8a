"""`python -m jobs serve`: the dashboard, as `make run` starts it."""

from __future__ import annotations

import argparse
import os

from core.errors import ConfigError
from jobs.cli import Context
from jobs.serve import Served, serve

HELP = "start the dashboard on this machine; loads data first when there is none"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Where to listen."""
    parser.add_argument("--port", type=int, help="port (default: PORT, then dashboard.port in the settings)")


def run(args: argparse.Namespace, context: Context) -> Served:
    """Serve until stopped. Raises ConfigError for an address that others can reach."""
    return serve(context.home, context.settings, context.settings_file, args.port or _port_variable())


def show(result: Served) -> None:
    """Say how it ended."""
    if result.already_running:
        print(f"  Supportlens is already running: {result.address} (process {result.process})")
    else:
        print("  stopped")


def _port_variable() -> int | None:
    text = os.environ.get("PORT", "")
    if not text:
        return None
    if not text.isdigit() or not 1 <= int(text) <= 65535:
        raise ConfigError(f"PORT is {text}, which is not a port.", hint="Give a number between 1 and 65535.")
    return int(text)
