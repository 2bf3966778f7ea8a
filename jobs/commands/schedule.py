"""`python -m jobs schedule`: the timer that reads each source when it is due, and judges alert rules."""

from __future__ import annotations

import argparse
import signal
import sys
import threading
from typing import Any

from core.effective import effective_settings
from jobs.alerting import AlertClock, after_refresh
from jobs.cli import Context, Failed, plain
from jobs.family import Family
from jobs.timer import Timer, refresh_runner, turns

HELP = "the timer that runs refreshes, by interval or cron per source, and looks after alerts"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Options of the command."""
    what = parser.add_mutually_exclusive_group()
    what.add_argument("--once", action="store_true", help="refresh what is due now, and end: for cron")
    what.add_argument("--list", action="store_true", help="say when each source is due, and end")


def run(args: argparse.Namespace, context: Context) -> dict[str, Any]:
    """Keep on until stopped. Raises RefreshRunning when another timer serves this home."""
    home = context.home
    if args.list:
        return {"turns": plain(turns(home, effective_settings(home, context.settings)))}
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: _end(stop))
    codes: list[int] = []
    with Family() as family:
        start = refresh_runner(family, home, context.settings_file)

        def refresh(names: Any) -> int:
            codes.append(start(names))
            return codes[-1]

        timer = Timer(home, context.settings_file, refresh, stop)
        try:
            if args.once:
                timer.refresh_due()
                after_refresh(home, context.settings, context.settings_file)
            else:
                print("  the timer runs (Ctrl-C stops it)", file=sys.stderr, flush=True)
                with AlertClock(home, context.settings_file):
                    timer.keep_on()
        except KeyboardInterrupt:
            pass
    result = {"refreshes": len(codes), "failed": sum(1 for code in codes if code)}
    if args.once and result["failed"]:
        raise Failed(result)
    return result


def _end(stop: threading.Event) -> None:
    stop.set()
    raise KeyboardInterrupt


def show(result: dict[str, Any]) -> None:
    """The result for people."""
    for turn in result.get("turns", []):
        due = f"{turn['due']:%Y-%m-%d %H:%M} UTC" if turn["due"] else "nothing reads it by itself"
        print(f"{turn['source']}: {due}")
    if result.get("turns") == []:
        print("no source is switched on.")
    if "refreshes" in result:
        count = result["refreshes"]
        print(f"{count} {'refresh' if count == 1 else 'refreshes'}, {result['failed']} failed")
