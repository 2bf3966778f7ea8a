"""The command line: one file in jobs/commands per command, one JSON document per --json.

A command module has HELP (one line), `add_arguments(parser)`, `run(args, context)` which returns the
result (a dataclass, pydantic model or plain JSON value) and `show(result)`, which prints it for people.
"""

from __future__ import annotations

import argparse
import contextlib
import importlib
import json
import logging
import pkgutil
import sys
from collections.abc import Sequence
from dataclasses import asdict, dataclass, is_dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from core import encryption, log
from core.errors import AppError
from core.home import Home, find_home
from core.settings import Settings, load_settings


@dataclass(frozen=True)
class Context:
    """The chosen workspace. Settings are read on first use, so that `doctor` can report a broken file."""

    home: Home
    settings_file: Path | None = None

    @cached_property
    def settings(self) -> Settings:
        """The validated settings. Raises ConfigError."""
        return load_settings(self.home, self.settings_file)


PARTLY = 3  # some of it worked; 2 is argparse's, for words that are no command


class Failed(Exception):
    """A command ran and its result says that it did not work: exit code 1, the result is still printed.

    With `partly` some of it worked: exit code 3.
    """

    def __init__(self, result: Any, *, partly: bool = False) -> None:
        super().__init__("failed")
        self.result, self.code = result, PARTLY if partly else 1


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command. Exit code 0 only when it worked."""
    args = _parser().parse_args(argv)
    log.set_up(as_json=args.log_json, level=logging.WARNING if args.quiet else logging.INFO)
    module = importlib.import_module(f"jobs.commands.{args.command}")
    context = Context(find_home(args.home), Path(args.settings) if args.settings else None)
    encryption.use(lambda: context.settings.storage)
    code = 0
    try:
        result = module.run(args, context)
    except Failed as failed:
        result, code = failed.result, failed.code
    except AppError as error:
        if args.json:
            told = {"code": error.code, "message": error.message, "hint": error.hint, "source": error.source}
            print(json.dumps({"error": log.blotted(told)}))
        print(log.blot(f"error: {error}"), file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130
    with contextlib.suppress(BrokenPipeError):
        if args.json:
            print(json.dumps(plain(result), default=str, ensure_ascii=False))
        else:
            module.show(result)
    return code


def plain(value: Any) -> Any:
    """A result as plain JSON values."""
    if is_dataclass(value) and not isinstance(value, type):
        return plain(asdict(value))
    if hasattr(value, "model_dump"):
        return value.model_dump(mode="json")
    if isinstance(value, dict):
        return {str(k): plain(v) for k, v in value.items()}
    if isinstance(value, list | tuple):
        return [plain(v) for v in value]
    return value


def _parser() -> argparse.ArgumentParser:
    import jobs.commands

    common = argparse.ArgumentParser(add_help=False)
    common.add_argument("--home", help="workspace folder (default: SUPPORTLENS_HOME or data/var)")
    common.add_argument("--settings", help="settings file (default: settings.toml in the home)")
    common.add_argument("--json", action="store_true", help="print one JSON document and nothing else")
    common.add_argument("--quiet", action="store_true", help="log warnings only")
    common.add_argument("--log-json", action="store_true", help="log lines as JSON")
    parser = argparse.ArgumentParser(prog="python -m jobs", description=__doc__.splitlines()[0])
    commands = parser.add_subparsers(dest="command", required=True, metavar="command")
    for found in pkgutil.iter_modules(jobs.commands.__path__):
        module = importlib.import_module(f"jobs.commands.{found.name}")
        told = module.HELP.replace("%", "%%")  # argparse fills in what follows a percent sign
        sub = commands.add_parser(found.name, help=told, description=told, parents=[common])
        module.add_arguments(sub)
    return parser
