"""docs/metrics.md, written from the catalogue. `python -m analytics.document` rewrites it."""

from __future__ import annotations

from pathlib import Path

from analytics.base import Metric
from analytics.catalogue import METRICS
from analytics.dimensions import DIMENSIONS
from core.conditions import CUSTOM
from core.filters import NONE
from core.home import PROJECT

PAGE = PROJECT / "docs" / "metrics.md"

_INTRODUCTION = """# Metrics

This page is written by `python -m analytics.document` from the files in `analytics/metrics`; a test
compares the two. To add a metric, add a file there.

```sh
python -m jobs metric list                                          # every metric, your own too
python -m jobs metric first_reply_median --by team --compare previous --audit
python -m jobs metric first_reply_median --distribution             # mean, median, 90th percentile, and how many fall where
python -m jobs metric csat_share --impact topic                     # what each topic does to it: all, minus all without the topic
python -m jobs metric coverage                                      # what each source can tell
```

`--impact` takes a share or a mean, and tells values with 20 rows or more; those of few are counted. Commands that ask about
numbers have these options in common, as far as they mean something there:

- `--from`, `--to`: days, both included, in the reporting zone.
- `--filter DIM=VALUE`: only these; repeatable. `--any "team:Billing;priority!:low|channel:chat"`: and any of these, where `;`
  is and, `|` is or, `!` is not.
- `--hours business`: durations in working time. `--include spam`: count a kind that is not counted; repeatable.
- `--per orders`: what `contact_rate` is divided by.

## What holds for every number

- **Not counted**, in any metric: conversations that are outbound, merged, spam, deleted, tests,
  automatic, or the copy of one that another source delivers too. Each result says how many there were.
- **Automatic acknowledgements** are no reply and no involvement of a bot. A public text by anybody but the
  customer is one when it comes within 60 seconds of the creation and the same text comes so in at least 20
  conversations. Numbers, reference codes, e-mail addresses and the names of the requester, the assignee
  and the author make no difference between two texts, nor do capitals and punctuation; amounts of money
  and percentages do, and so does everything in a text with fewer than four other words.
- **Not available**: conversations that belong to the population and have no value, with the reason; and
  sources that cannot tell. If no source can tell, there is no number. It is never 0.
- **Periods** are whole days in the reporting zone, both ends included. A conversation counts on the day
  named below. Weeks begin on Monday. The default is the 30 days up to yesterday, or up to the end of
  the data where that is earlier.
- **Comparison** is with the period of the same length before. A period that is not over is compared with
  as much time as has passed, to the second.
- **Medians and percentiles** are exact, by linear interpolation between neighbours.
- **Shares** carry the 95 % Wilson interval (z = 1.96). Under n = 5 the share is not printed.
- **What changed** splits a change over segments. The parts add up to the whole: for counts by
  difference; for shares as mix, (w1 - w0) x (r0 - R0), plus rate, w1 x (r1 - r0), where w is a segment's
  weight and r its share; for medians and percentiles the share of conversations slower than the earlier
  value is split instead.
- **One day** is set against the 28 days before it; its number of conversations against the same weekday.
"""


def page() -> str:
    """The whole page."""
    metrics = METRICS.all()
    head = ["| metric | name | unit | better |", "| --- | --- | --- | --- |"]
    rows = [f"| [{m.title}](#{m.family or m.name}) | `{m.name}` | {m.unit} | {m.better} |" for m in metrics]
    parts = [_INTRODUCTION, "\n".join(["## The catalogue", "", *head, *rows, ""])]
    families: dict[str, list[Metric]] = {}
    for metric in metrics:
        families.setdefault(metric.family or metric.name, []).append(metric)
    return "\n".join([*parts, *(_section(name, found) for name, found in families.items()), _dimensions()])


def write(path: Path = PAGE) -> None:
    """Write the page."""
    path.write_text(page(), encoding="utf-8")


def _section(name: str, metrics: list[Metric]) -> str:
    """One metric, or the median, percentile and mean of one measured time."""
    metric = metrics[0]
    told = [f"**{m.title}** (`{m.name}`). {m.description}\n" for m in sorted(metrics, key=_most_asked)]
    lines = [f"- {label}: {text}" for label, text in _facts(metric) if text]
    lines.append(f"- Also found by: {', '.join(dict.fromkeys(w for m in metrics for w in m.words))}.")
    return "\n".join([f"### {name}", "", *told, *lines, ""])


def _most_asked(metric: Metric) -> int:
    return ("median", "p90", "mean").index(metric.name.rsplit("_", 1)[1]) if metric.family else 0


def _facts(metric: Metric) -> list[tuple[str, str]]:
    needs = ", ".join(metric.needs).replace("_", " ") or "nothing beyond its rows"
    dates = "; dates on its rows do as well" if metric.takes_dates else ""
    return [
        ("Included", metric.population_text),
        ("Not included", f"{metric.missing}." if metric.missing else ""),
        ("Counted although left out elsewhere", f"{', '.join(metric.admits)}." if metric.admits else ""),
        ("n counts", f"{metric.rows}."),
        ("Counts on the day of", f"{metric.counted_on}."),
        ("Attributed to", _attribution(metric)),
        ("No value", f"{metric.null_when}."),
        (
            "Judged",
            f"{metric.ripe_days} days later, so that closed periods stand still." if metric.ripe_days else "",
        ),
        (
            "Working time",
            "with `--hours business`, where the conversation has a calendar." if metric.business else "",
        ),
        ("Needs from the source", f"{needs}{dates}."),
        ("Definition", f"{metric.source}."),
        *((f"Variant `{v.name}`", f"{v.description} ({v.source}.)") for v in metric.variants),
    ]


def _attribution(metric: Metric) -> str:
    known = sorted(metric.attribution.columns)
    if not known:
        return "every dimension as it is now."
    return f"{_and(known)} as of {metric.attribution.moment}; every other dimension as it is now."


def _and(names: list[str]) -> str:
    return " and ".join(filter(None, [", ".join(names[:-1]), names[-1]]))


def _dimensions() -> str:
    rows = [f"| `{d.name}` | {d.title} | {', '.join(d.words)} |" for d in DIMENSIONS.values()]
    text = [
        "## Dimensions",
        "",
        f"Split with `--by`, filter with `--filter`. A value that is missing is written `{NONE}` and can be",
        f"filtered for. `{CUSTOM}<field>` reaches a source's own field. A conversation has several tags, so",
        "groups by tag overlap, and a change cannot be split by them.",
        "",
        "`--any` adds conditions joined by OR, in commands as in the address of a page:",
        '`--any "team:Billing;priority!:low|channel:chat"` leaves what is of Billing and not of low priority, or came',
        "by chat. `;` is and, `|` is or, `!:` is not, `,` stands between values of which any will do, and a backslash",
        "takes the meaning from the sign after it. They hold beside every `--filter`.",
        "",
        "Attributes of customers (plan, region, revenue, …) that a source of people delivers are dimensions too,",
        "under their own names: `--by plan`, `--filter region=North`. [People](people.md) says which, and how",
        "they are joined. `python -m jobs people` lists them.",
        "",
        "| name | title | also found by |",
        "| --- | --- | --- |",
        *rows,
        "",
    ]
    return "\n".join(text)


if __name__ == "__main__":
    write()
