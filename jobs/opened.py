"""A number opened, in text: its definition, variants, distribution, conversations and their events."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from core import numbers

if TYPE_CHECKING:
    from analytics.capabilities import Capability
    from analytics.result import AsOf, Audit, Behind, MetricResult
    from analytics.themes import ThemeReport

_BAR = 40  # characters of the fullest bin
_EVENTS = 6  # of one conversation; --json has more


def table(rows: list[list[str]]) -> list[str]:
    """Rows of cells in columns, the first row as their names."""
    widths = [max(len(row[i]) for row in rows) for i in range(len(rows[0]))]
    lines = ["  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)) for row in rows]
    return [line.rstrip() for line in (lines[0], "  ".join("-" * width for width in widths), *lines[1:])]


def then(result: AsOf) -> Iterator[str]:
    """What a number was and what it is, and each bucket or group that changed."""
    from analytics import ledger

    yield f"{result.title}: {ledger.told(result)}"
    changed = [row for row in result.rows if (row.then.value, row.then.n) != (row.now.value, row.now.n)]
    if changed:
        names = ["bucket"] * (changed[0].bucket is not None) + ["group"] * len(changed[0].group)
        cells = [
            [*([f"{row.bucket}"] if row.bucket else []), *row.group,
             *(text for v in (row.then, row.now) for text in (numbers.value(v.value, result.unit, v.n), f"{v.n:,}"))]
            for row in changed
        ]  # fmt: skip
        yield ""
        yield from table([[*names, "then", "n", "now", "n"], *cells])
    elif result.rows:
        yield f"None of the {len(result.rows):,} rows changed."
    yield from result.notes
    yield f"by the reporting zone {result.zone}, generation {result.generation}"


def distribution(result: MetricResult) -> Iterator[str]:
    """Statistics on one line, then a bar a bin, the empty ones at both ends left out."""
    one = result.statistics
    if one is None:
        yield f"{result.title} has no distribution, or there is nothing in it."
        return
    names = ("mean", "median", "p90", "low", "high")
    told = ", ".join(f"{name} {numbers.value(getattr(one, name), result.unit)}" for name in names)
    yield f"n {one.n:,}, {told}"
    filled = [at for at, bin_ in enumerate(result.distribution) if bin_.n]
    if not filled:
        return
    most = max(bin_.n for bin_ in result.distribution)
    for bin_ in result.distribution[filled[0] : filled[-1] + 1]:
        low = numbers.value(bin_.low, result.unit)
        high = numbers.value(bin_.high, result.unit) if bin_.high is not None else "more"
        bar = "#" * max(1, round(_BAR * bin_.n / most)) if bin_.n else ""
        yield f"  {low:>12} to {high:12} {bin_.n:>9,}  {bar}".rstrip()


def audit(result: MetricResult, opened: Audit) -> Iterator[str]:
    """Everything that the audit holds, the SQL last."""
    yield f"\n{result.description}\nIncludes: {opened.population}"
    yield f"One of the {result.counts} counts on the day of {opened.counted_on}. No value: {opened.null_when}."
    yield f"Definition: {opened.source}."
    if opened.attribution:
        names = ", ".join(one.dimension for one in opened.attribution)
        yield f"As of {opened.attribution[0].as_of}: {names}. All else as of now."
    if result.statistics:
        yield from ("", *distribution(result))
    for variant in opened.variants:
        value = numbers.value(variant.value, result.unit, variant.n)
        yield f"Variant {variant.name}: {value} (n = {variant.n:,}). {variant.description} {variant.source}"
    if opened.vendor:
        yield from _vendor(result, opened)
    for one in opened.conversations:
        yield from ("", *_conversation(result, one))
    yield f"\n{result.sql}"


def _vendor(result: MetricResult, opened: Audit) -> Iterator[str]:
    vendor = opened.vendor
    if vendor is None:
        return
    theirs, ours = (numbers.value(value, result.unit, vendor.n) for value in (vendor.value, vendor.ours))
    yield f"{', '.join(vendor.sources)} says {theirs}, we say {ours}: {vendor.equal:,} of {vendor.n:,} are equal."
    for cause in vendor.causes:
        yield f"  {cause.n:,}: {cause.words}"


def _conversation(result: MetricResult, one: Behind) -> Iterator[str]:
    value = numbers.value(one.value, result.unit) if result.unit == "seconds" else ""
    yield f"{one.source}/{one.conversation_id}  {one.at:%Y-%m-%d %H:%M}  {value}  {one.subject or ''}".rstrip()
    for moved in one.moved:
        yield f"  {moved.dimension}: {moved.then} then, {moved.now} now"
    for event in one.events[:_EVENTS]:
        who = event.who or ""
        yield f"  {event.at:%Y-%m-%d %H:%M}  {who:20}  {' '.join(event.what.split())}".rstrip()


def themes(report: ThemeReport) -> Iterator[str]:
    """The number of all, then what each theme does to it."""
    whole = numbers.value(report.value, report.unit, report.n)
    yield f"{report.title}, {report.period}: {whole} (n = {report.n:,})"
    yield f"\nimpact of each {report.dimension}: the number of all, minus that of all without it"
    for one in report.themes:
        own, without = (numbers.value(value, report.unit) for value in (one.value, one.without))
        yield f"  {_impact(one.impact, report.unit):>12}  {one.value_of}: {own} (n = {one.n:,}), without {without}"
    if report.left_out:
        yield (
            f"{report.left_out} more with fewer than {report.minimum} {report.counts} each, "
            f"{report.left_out_n:,} together, are left out."
        )


def _impact(impact: float | None, unit: str) -> str:
    if impact is None:
        return numbers.MISSING
    if unit == "share":
        return f"{impact * 100:+.2f} pp"
    text = numbers.value(impact, unit)
    return text if text.startswith(("+", "-")) else f"+{text}"


def coverage(rows: list[Capability]) -> Iterator[str]:
    """A line a source and metric: whether it can tell, for how many, and why."""
    for one in rows:
        share = f"{one.share * 100:.0f} %" if one.share is not None else numbers.MISSING
        yield f"{one.source:20} {one.metric:26} {one.state:14} {share:>6}  {one.why}".rstrip()
