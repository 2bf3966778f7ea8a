"""`python -m bench.soak --minutes 30`: two sources that change, 20 sessions, alerts, and a worker that is killed.

A loopback helpdesk and a folder of CSV files change every ten seconds, the timer reads both, a server shows pages to
twenty sessions, alerts go to a mail server and a webhook on this machine. Once a minute the worker is killed outright,
the helpdesk fails at random, and once it lets nobody in for some minutes. The sources keep the truth themselves;
at the end the warehouse and what was heard are held against it. Exit code 1 when a bar is missed.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from bench import bars, sessions
from bench.soak import figures
from bench.soak.around import around
from bench.soak.run import Soak
from core import clock


def main(words: Sequence[str] | None = None) -> int:
    """Print the table and the details as JSON. Exit code 1 when a bar is missed."""
    parser = argparse.ArgumentParser(prog="python -m bench.soak", description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--minutes", type=float, default=30, help="how long (default 30)")
    parser.add_argument("--people", type=int, default=sessions.SESSIONS, help="sessions (default 20)")
    parser.add_argument("--seed", type=int, default=7, help="of everything that is left to chance")
    parser.add_argument("--keep", type=Path, help="keep the workspace in this folder, which must be empty")
    args = parser.parse_args(words)
    os.environ.pop(clock.NOW_VARIABLE, None)
    with tempfile.TemporaryDirectory(prefix="soak-") as scratch, around() as servers:
        root = args.keep.resolve() if args.keep else Path(scratch)
        root.mkdir(parents=True, exist_ok=True)
        run = Soak(root, servers, minutes=args.minutes, people=args.people, seed=args.seed)
        run.run()
        measured, behind = figures.of(run)
    rows = figures.judged(measured, args.minutes)
    print(f"{args.minutes:g} minutes, {args.people} sessions, seed {args.seed}\n\n{bars.table(rows)}\n")
    print(json.dumps({**measured, **behind}, indent=2, default=str))
    return 1 if any(row.verdict == "missed" for row in rows) else 0


if __name__ == "__main__":
    sys.exit(main())
