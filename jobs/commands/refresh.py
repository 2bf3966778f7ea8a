"""`python -m jobs refresh`: read sources, enrich, index, publish one generation."""

from __future__ import annotations

import argparse

from jobs import alerting
from jobs.cli import Context, Failed
from jobs.refresh import refresh
from jobs.report import RefreshReport

HELP = "read sources, enrich, index, publish one generation"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Options of the command."""
    parser.add_argument("--source", action="append", metavar="NAME", help="only this source (repeatable)")
    parser.add_argument("--full", action="store_true", help="read everything again, not only what is new")
    parser.add_argument(
        "--wait", type=float, default=0, metavar="S", help="wait so many seconds for a running refresh"
    )
    parser.add_argument("--forget", action="append", metavar="NAME", default=[],
                        help="take out the data of a source that is no longer in the settings")  # fmt: skip
    parser.add_argument("--trigger", choices=["manual", "schedule", "webhook"], default="manual",
                        help="what to note in the run log")  # fmt: skip


def run(args: argparse.Namespace, context: Context) -> RefreshReport:
    """Refresh; exit code 1 when nothing could be loaded, 3 when only a part could."""
    report = refresh(
        context.home, context.settings, sources=args.source, full=args.full, trigger=args.trigger,
        wait_s=args.wait, forget=args.forget,
    )  # fmt: skip
    alerting.after_refresh(context.home, context.settings, context.settings_file)
    if report.status != "ok":
        raise Failed(report, partly=report.status == "partial")
    return report


def show(report: RefreshReport) -> None:
    """The report for people."""
    if report.before:
        print(report.before)
    for source in report.sources:
        print(
            f"{source.name}: {source.status}, {source.rows_read:,} rows read, {source.inserted:,} inserted, "
            f"{source.updated:,} updated, {source.unchanged:,} unchanged, {source.rejected:,} set aside, "
            f"{source.deleted:,} deleted{f' ({source.note})' if source.note else ''}"
        )
        if source.new_columns:
            print(f"  new columns, kept as custom fields: {', '.join(source.new_columns)}")
        for problem in source.errors:
            print(f"  {problem.message} {problem.hint}".rstrip())
    number = "no generation" if report.generation is None else f"generation {report.generation}"
    print(f"{report.status} in {report.seconds:.1f} s, {number}: {report.message}")
