"""docs/export.md, written from the columns. `python -m analytics.document_exports` rewrites it."""

from __future__ import annotations

from pathlib import Path

from analytics.columns import CONVERSATIONS, FACTS, MESSAGES, METRIC, Column
from core.home import PROJECT

PAGE = PROJECT / "docs" / "export.md"
_KINDS = {
    "text": "text",
    "number": "number",
    "seconds": "whole seconds",
    "instant": "instant, UTC",
    "local": "local time",
    "flag": "true or false",
    "list": "list of texts",
    "date": "day",
}

_INTRODUCTION = """\
# Getting the data out

<!-- Written by `make docs` from analytics/columns.py. Do not edit. -->

```sh
python -m jobs export facts --out facts.parquet                  # one row a conversation: all that is computed
python -m jobs export facts --from 2026-10-01 --to 2026-10-31 --filter team=Billing --out october.xlsx
python -m jobs export conversations --out conversations.csv      # as their sources hold them
python -m jobs export messages --filter channel=email --out messages.parquet
python -m jobs export metric csat_share --grain week --by team --out csat.xlsx
python -m jobs export facts --format csv --out - | head          # CSV on stdout
```

The format is that of `--format`, else of the file's ending. `--json` prints how many rows and bytes were written,
their columns and the generation they were read from.

| what | rows |
| --- | --- |
| `facts` | conversations created in the period, with everything computed about them |
| `conversations` | the same conversations as their sources hold them |
| `messages` | messages written in the period, of conversations within the filters; deleted ones never |
| `metric NAME` | buckets (`--grain`), groups (`--by`), both, or the total; beside them what `--compare` names |

- **Period**: `--from` and `--to`, both included, in the reporting zone. Without them rows of all time, a metric of
  the last 30 days.
- **Which conversations**: those that are counted in numbers. `--include spam` adds a kind that is not, and
  `--include all` every one; `excluded_because` says why they are not counted.
- **Whole or not at all**: the file gets its name when it is complete. A full disk, an error or Ctrl-C leaves nothing
  behind, and what was there before as it was. Memory does not grow with the number of rows.
- **What it is about**: period, zone, filters, generation, definition and the meaning of the columns are in the sheet
  *About* (Excel), in `FILE.about.json` (CSV), and in the file's own metadata under `supportlens` (Parquet).
- **Personal data**: rows hold names, addresses and words of customers, unmasked. Keep the file accordingly.

| | Parquet | CSV | Excel |
| --- | --- | --- | --- |
| instants | UTC | `2026-10-31T09:30:00Z` | the same text |
| local times and days | timestamp, date | `2026-10-31T09:30:00`, `2026-10-31` | dates of Excel |
| lists | lists | JSON | JSON |
| nothing | NULL | empty; an empty text is `""` | empty cell |
| texts that look like formulas | as they are | `'=1+1` | `'=1+1` |
| the most rows | any | any | 1,048,575 |

A text that begins with `=`, `+`, `-`, `@`, a tab or a line end would be run as a formula by a spreadsheet, so CSV and
Excel carry an apostrophe before it; Parquet is the format that changes nothing. Excel holds 32,767 characters in a
cell: longer texts are cut there, and the command says how many.

Buckets that are not over, or cut by the period, are marked `partial`: never compare them with full ones.

## From a chart of the dashboard

*Export* below a chart gives its rows as CSV or Excel, and the chart itself as PNG or SVG as it is drawn. The rows are
those of the table below the chart, with the exact number beside each number in words. What has to be known stands in
the sheet *About*, in CSV in lines above the table that begin with `#`: title, filters, period, comparison, zone,
generation, when it was published and how far the data goes, and of every metric its definition, whose definition it
is, its total, interval and n, and what is not in it. The first line says on which line the table begins:
`pandas.read_csv(file, skiprows=line - 1)`.

## A page as a report

```sh
python -m jobs report --out overview.html                        # the Overview of the last 30 days
python -m jobs report --page speed --from 2026-10-01 --to 2026-10-31 --filter team=Billing --out october.html
```

*Report* in the header of every page, or the command, gives one HTML file that opens without a network and asks nobody
for anything: how things stand, every number with its interval, n, comparison and target, the charts as on screen with
their tables, and all definitions; in light and dark as the reader's system is set, and for A4. It holds what is on the
page, under its filters: names of customers only where the page shows them. `--page` is a page as its
address has it; `--grain` its points (hour to year) and `--compare` what stands beside its numbers: `previous`, `year` or `none`.
"""


def page() -> str:
    """The whole page."""
    parts = [_INTRODUCTION, _table("facts", FACTS)]
    parts += [
        "Attributes of customers ([People](people.md)) follow as `attribute_<name>`, where there are any.\n",
        _table("conversations", CONVERSATIONS),
        _table("messages", MESSAGES),
        _table("metric", METRIC),
    ]
    return "\n".join(parts)


def write(path: Path = PAGE) -> None:
    """Write the page."""
    path.write_text(page(), encoding="utf-8")


def _table(name: str, columns: tuple[Column, ...]) -> str:
    rows = [f"| `{column.name}` | {_KINDS[column.kind]} | {column.text} |" for column in columns]
    return "\n".join([f"## {name}", "", "| column | holds | meaning |", "| --- | --- | --- |", *rows, ""])


if __name__ == "__main__":
    write()
