"""`python -m jobs evaluate`: golden questions asked of the sample, and how many answers hold."""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from jobs import asking
from jobs.cli import Context

if TYPE_CHECKING:
    from core.home import Home
    from rag.evaluation import Report

HELP = "ask the golden questions on a sample of their own, and measure plans, numbers, citations and refusals"
NOW, END, CONVERSATIONS, SEED = "2026-11-16T09:00:00+00:00", "2026-11-15", 600, 7


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Who words the answers, which questions, and a folder where the sample is kept for the next time."""
    asking.add_provider(parser, "the answers")
    parser.add_argument(
        "--questions", choices=("questions", "heldout"), default="questions", help="which list"
    )
    parser.add_argument("--first", type=int, metavar="N", help="only the first N questions")
    parser.add_argument("--keep", type=Path, metavar="DIR", help="where the sample is made, and used again")


def run(args: argparse.Namespace, context: Context) -> Report:
    """Make the sample where there is none, then ask. The settings decide the model, not the sources."""
    from core import encryption
    from core.effective import effective_settings
    from core.home import Home
    from rag.context import RagContext
    from rag.evaluation import evaluate
    from rag.golden_set import golden
    from store.reader import open_reader

    with _fixed_clock(), _folder(args.keep) as folder:
        home = Home(folder)
        _made(home)
        settings = effective_settings(home, context.settings)
        encryption.forget()  # the sample was made by a command of its own, under the settings of its folder
        rag = RagContext(home, settings, open_reader(home))
        return evaluate(rag, golden(args.questions)[: args.first], provider=args.provider)


@contextmanager
def _fixed_clock() -> Iterator[None]:
    """The questions' dates are those of the sample: its clock stands still."""
    import os

    before = os.environ.get("SUPPORTLENS_NOW")
    os.environ["SUPPORTLENS_NOW"] = NOW
    try:
        yield
    finally:
        if before is None:
            del os.environ["SUPPORTLENS_NOW"]
        else:
            os.environ["SUPPORTLENS_NOW"] = before


@contextmanager
def _folder(keep: Path | None) -> Iterator[Path]:
    if keep is not None:
        yield keep.resolve()
        return
    with TemporaryDirectory() as folder:
        yield Path(folder)


def _made(home: Home) -> None:
    import subprocess
    import sys
    from datetime import date

    from core.errors import InputError
    from jobs.sample import generate

    if (home.sample / "truth.json").is_file():
        return
    generate(home.sample, conversations=CONVERSATIONS, seed=SEED, end=date.fromisoformat(END))
    command = [sys.executable, "-m", "jobs", "refresh", "--home", str(home.root), "--json", "--quiet"]
    if subprocess.run(command, stdout=subprocess.DEVNULL, check=False).returncode:
        raise InputError("the sample could not be refreshed.", hint=f"Look at {home.root}.")


def show(report: Report) -> None:
    """A line for each measure, then a line for each miss."""
    for name, value in asdict(report).items():
        if name != "wrong":
            print(
                f"{name:<18} {'-' if value is None else f'{value:.3f}' if isinstance(value, float) else value}"
            )
    for line in report.wrong:
        print(f"  {line}")
