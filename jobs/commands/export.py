"""`python -m jobs export`: facts, conversations, messages or a metric as Parquet, CSV or Excel."""

from __future__ import annotations

import argparse
import contextlib
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from core import conditions, numbers
from core.errors import QuestionError
from core.filters import GRAINS, Filters
from core.settings import Settings
from jobs import asking
from jobs.cli import Context
from jobs.stopping import stop_signals

if TYPE_CHECKING:
    import pyarrow as pa

    from store.export_cells import Format
    from store.reader import Reader

HELP = "write facts, conversations, messages or a metric to a Parquet, CSV or Excel file"
FORMATS: dict[str, Format] = {".parquet": "parquet", ".csv": "csv", ".xlsx": "xlsx"}
STDOUT = "-"


@dataclass(frozen=True, slots=True)
class Exported:
    """What was written. `about_file` explains a CSV file; `cut_cells` were longer than a sheet's cell may be."""

    dataset: str
    format: str
    file: str
    rows: int
    bytes: int
    columns: tuple[str, ...]
    generation: int
    period: str | None
    about_file: str | None
    cut_cells: int


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """What, where to, in which format, and of which conversations."""
    parser.add_argument("dataset", choices=("facts", "conversations", "messages", "metric"), help="what")
    parser.add_argument("name", nargs="?", metavar="NAME", help="the metric, after `metric`")
    parser.add_argument("--out", required=True, metavar="FILE", help="the file to write; - for CSV on stdout")
    parser.add_argument(
        "--format", choices=tuple(FORMATS.values()), help="by the file's ending when it is not given"
    )
    asking.add_period(parser)
    asking.add_filters(parser)
    parser.add_argument(
        "--include", action="append", default=[], metavar="KIND",
        help="also conversations that are not counted: spam, outbound, …; rows: all",
    )  # fmt: skip
    group = parser.add_argument_group("of a metric")
    asking.add_hours(group)
    group.add_argument("--grain", choices=GRAINS, help="a row per hour, day, week, …")
    group.add_argument("--by", action="append", default=[], metavar="DIM", help="a row per value; repeatable")
    asking.add_compare(group)
    group.add_argument("--per", metavar="NAME", help="what contact_rate is divided by")


def run(args: argparse.Namespace, context: Context) -> Exported:
    """Write the file."""
    from analytics.dimensions import check_values
    from core.effective import effective_settings
    from core.viewer import EVERYTHING
    from store.reader import open_reader

    form = _checked(args, context)
    settings = effective_settings(context.home, context.settings)
    reader = open_reader(context.home)
    period = asking.period(args.start, args.end, reader, settings)
    filters = Filters.of(
        period, asking.where(args.filter), hours=args.hours, include=args.include, groups=asking.groups(args)
    )
    check_values(reader, filters, viewer=EVERYTHING)
    rows, about = _of_metric(args, reader, filters, settings) if args.dataset == "metric" else _of_rows(
        args, reader, filters, settings
    )  # fmt: skip
    about = _common(args, reader, filters, settings) | about
    return _written(args, reader, rows, form, about)


def show(result: Exported) -> None:
    """One line, on stderr when the rows themselves are on stdout."""
    text = f"{result.file}: {result.rows:,} rows, {numbers.count(result.bytes)} bytes, generation {result.generation}"
    if result.cut_cells:
        text += f"; {result.cut_cells:,} texts were longer than a cell of Excel may be, and cut"
    print(text, file=sys.stderr if result.file == STDOUT else sys.stdout)
    if result.about_file:
        print(f"{result.about_file}: what the columns mean")


def _checked(args: argparse.Namespace, context: Context) -> Format:
    """The format. Raises QuestionError for arguments that do not go together."""
    if (args.dataset == "metric") != bool(args.name):
        raise QuestionError(
            "`metric` needs a metric's name, and nothing else takes one.",
            hint="For example: export metric volume --grain week --out volume.csv.",
        )
    if args.dataset != "metric" and (args.grain or args.by or args.compare or args.per):
        raise QuestionError("--grain, --by, --compare and --per belong to a metric.")
    if args.out == STDOUT:
        if args.json or args.format not in (None, "csv"):
            raise QuestionError("on stdout there is CSV and nothing else.", hint="Name a file.")
        return "csv"
    path = Path(args.out)
    if path.resolve().is_relative_to(context.home.warehouse):
        raise QuestionError("the warehouse folder is not a place for exports.", hint="Choose another folder.")
    form: Format | None = args.format or FORMATS.get(path.suffix.lower())
    if form is None:
        raise QuestionError(
            f"{path.name} does not say which format it is.",
            hint=f"Add --format: {', '.join(FORMATS.values())}.",
        )
    return form


def _of_rows(
    args: argparse.Namespace, reader: Reader, filters: Filters, settings: Settings
) -> tuple[str, dict[str, Any]]:
    from analytics import columns, datasets
    from analytics.moods import card
    from core.viewer import EVERYTHING

    told = {"facts": columns.FACTS, "conversations": columns.CONVERSATIONS, "messages": columns.MESSAGES}
    about: dict[str, Any] = {
        "left_out": "conversations that are not counted in numbers, unless include names their kind",
        "columns": {column.name: column.text for column in told[args.dataset]},
    }
    if any(name.startswith("sentiment") for name in about["columns"]):
        about["moods"] = f"by {card(reader).by}"
    return datasets.rows(reader, args.dataset, filters, settings=settings, viewer=EVERYTHING), about


def _of_metric(
    args: argparse.Namespace, reader: Reader, filters: Filters, settings: Settings
) -> tuple[pa.Table, dict[str, Any]]:
    from analytics import metric_rows
    from analytics.compute import compute
    from core.viewer import EVERYTHING

    result = compute(
        reader, args.name, filters, settings=settings, viewer=EVERYTHING,
        grain=args.grain, by=tuple(args.by), compare=args.compare, per=args.per,
    )  # fmt: skip
    return metric_rows.table(result), metric_rows.about(result, settings)


def _common(args: argparse.Namespace, reader: Reader, filters: Filters, settings: Settings) -> dict[str, Any]:
    """What every export says about itself."""
    from analytics.about import TEXTS

    return {
        "dataset": args.dataset,
        "period": str(filters.period) if filters.period else "all",
        "zone": settings.workspace.reporting_zone,
        "filters": {name: list(values) for name, values in filters.where},
        **({"any": conditions.encode(filters.groups)} if filters.groups else {}),
        "include": sorted({*filters.include, *settings.counting.include}),
        "hours": filters.hours,
        "generation": reader.number,
        "published_at": reader.generation.published_at.isoformat(),
        "texts": TEXTS,
    }


def _written(
    args: argparse.Namespace, reader: Reader, rows: str | pa.Table, form: Format, about: dict[str, Any]
) -> Exported:
    from store.export import write

    with stop_signals(), _place(args.out) as path:
        done = write(reader, rows, path, form, about)
        if args.out == STDOUT:
            _print(path)
    aside = None if args.out == STDOUT else done.about_file
    return Exported(
        args.dataset if args.dataset != "metric" else f"metric {args.name}", form, args.out, done.rows, done.bytes,
        done.columns, reader.number, about["period"], aside, done.cut_cells,
    )  # fmt: skip


@contextlib.contextmanager
def _place(out: str) -> Iterator[Path]:
    """The file to write. For stdout one that goes away: nothing is printed before all of it is there."""
    if out != STDOUT:
        yield Path(out).expanduser().resolve()
        return
    with tempfile.TemporaryDirectory(prefix="supportlens-export-") as folder:
        yield Path(folder) / "rows.csv"


def _print(path: Path) -> None:
    import shutil

    sys.stdout.flush()
    with path.open("rb") as stream, contextlib.suppress(BrokenPipeError):
        shutil.copyfileobj(stream, sys.stdout.buffer)
        sys.stdout.buffer.flush()
