"""What the soak holds, what it measured, and the table of both."""

from __future__ import annotations

import statistics
from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from bench import bars
from bench.bars import Bar
from bench.clocks import percentile
from bench.soak.alerts import Heard, Judged, judge, slow_readings
from bench.soak.desk import SOURCE
from bench.soak.truth import held_against

if TYPE_CHECKING:
    from bench.soak.run import Soak

Measured = dict[str, float | None]

LONG_ENOUGH_MIN = 10  # shorter runs are still warming up: growth of memory is shown, not judged

BARS = (
    Bar("rows_lost", "rows that a source holds and the warehouse does not, at the end", "0", 0, ""),
    Bar("rows_doubled", "rows that are there twice, in any generation", "0", 0, ""),
    Bar("rows_stale", "rows that are not as they were last", "0", 0, ""),
    Bar("rows_left", "rows that were taken out at their source and are still there", "0", 0, ""),
    Bar("rows_gone_between", "rows that were missing from a later generation for a while", "0", 0, ""),
    Bar("alerts_missing", "alerts that had a cause and did not come, by webhook or mail", "0", 0, ""),
    Bar("alerts_doubled", "alerts that came more than once", "0", 0, ""),
    Bar("alerts_without_cause", "alerts without a cause", "0", 0, ""),
    Bar("page_errors", "errors that people saw", "0", 0, ""),
    Bar("broken", "what the doctor calls broken at the end", "0", 0, ""),
    Bar("server_growth", "memory of the server: last third of the run against the one before", "at most 10 %", 10, "%"),
    Bar("refresh_growth", "memory of refreshes: the same", "at most 10 %", 10, "%"),
    Bar("kills_a_minute", "kill -9 of the worker, a minute", "at least 0.5", 0.5, "", at_least=True),
    Bar("published", "generations published", "at least 3", 3, "", at_least=True),
)  # fmt: skip


def growth(values: Sequence[float]) -> float | None:
    """By how many percent the median of the last third is above that of the third before; None of fewer than 6."""
    third = len(values) // 3
    if third < 2:
        return None
    before, after = statistics.median(values[third : 2 * third]), statistics.median(values[2 * third :])
    return (after / before - 1) * 100


def judged(measured: dict[str, float | None], minutes: float) -> list[bars.Row]:
    """Every bar beside what was measured."""
    left_out = {}
    if minutes < LONG_ENOUGH_MIN:
        left_out = dict.fromkeys(
            ("server_growth", "refresh_growth"), f"judged from {LONG_ENOUGH_MIN} minutes on"
        )
    shown = {key: None if key in left_out else value for key, value in measured.items()}
    return bars.judged(shown, 0, left_out, BARS)


def of(run: Soak) -> tuple[Measured, dict[str, Any]]:
    """The figures of the bars, and what lies behind them."""
    rows = held_against(run.home, run.truth)
    told, heard = _told(run)
    broken, peaks = _broken(run), list(run.worker.peaks_mb.values())
    measured: Measured = {
        "rows_lost": len(rows.lost), "rows_doubled": len(rows.doubled) + len(run.watcher.doubled),
        "rows_stale": len(rows.stale), "rows_left": len(rows.left), "rows_gone_between": len(run.watcher.lost),
        "alerts_missing": len(told.missing) + len(told.mails_missing),
        "alerts_doubled": len(told.doubled) + len(told.mails_doubled),
        "alerts_without_cause": len(told.without_cause),
        "page_errors": len(run.seen.errors), "broken": len(broken),
        "server_growth": growth(run.server_mb), "refresh_growth": growth(peaks),
        "kills_a_minute": sum(run.worker.kills.values()) / (run.seconds / 60), "published": len(run.watcher.looked),
    }  # fmt: skip
    behind = {
        "held": {table: len(keys) for table, keys in run.truth.rows.items()},
        "taken_out": {table: len(keys) for table, keys in run.truth.gone.items()},
        "kills": run.worker.kills, "runs": _runs(run), "alerts": heard, "broken_things": broken,
        "wrong_rows": {name: keys[:10] for name, keys in asdict(rows).items() if keys},
        "wrong_between": [*run.watcher.lost, *run.watcher.doubled][:10],
        "wrong_alerts": {name: values for name, values in asdict(told).items() if values},
        "pages": len(run.seen.seconds), "fragments": run.seen.fragments,
        "page_p95_s": percentile(run.seen.seconds, 0.95) if run.seen.seconds else None,
        "page_errors_told": Counter(run.seen.errors).most_common(10), "page_faults": faults(run.log),
        "server_mb": _few(run.server_mb), "refresh_mb": _few(peaks),
    }  # fmt: skip
    return measured, behind


def _told(run: Soak) -> tuple[Judged, dict[str, int]]:
    """How alerts went, and how many there were."""
    from store.workspace import Workspace

    log = Workspace(run.home).deliveries(limit=100_000)
    unknown = [one.message["title"] for one in log if one.channel == "mail" and one.status == "unknown"]
    calls = [Heard.of(body) for _, body in run.servers.hook.calls]
    mails = [str(mail["Subject"]) for mail in run.servers.mailbox.mails]
    slow = slow_readings(_whole_readings(run), run.stale_s)
    told = judge(run.weather.causes, calls, mails, Counter(unknown), slow)
    heard = len({one.delivery for one in calls})
    return told, {"causes": len(run.weather.causes), "heard": heard, "sent_again": len(calls) - heard,
                  "mails": len(mails), "mails_unknown": len(unknown), "slow": len(slow)}  # fmt: skip


def _whole_readings(run: Soak) -> list[datetime]:
    """When the helpdesk was read to its end without fault."""
    from store.runs import RunLog

    readings = RunLog(run.home).of_sources(100_000).get(SOURCE, [])
    return [one.finished_at for one in readings if one.status == "ok" and one.finished_at]


def _runs(run: Soak) -> dict[str, int]:
    from store.runs import RunLog

    return Counter(one.status for one in RunLog(run.home).recent(100_000))


def _broken(run: Soak) -> list[str]:
    from jobs.diagnosis import diagnose

    found = diagnose(run.home, None).checks
    return [f"{check.name}: {check.message}" for check in found if check.state == "broken"]


def faults(log: Path) -> list[tuple[str, int]]:
    """What the server's log says of faults of ours: the last line of each trace, and how often."""
    lines = log.read_text(errors="replace").splitlines() if log.exists() else []
    traces = (lines[at + 1 :] for at, line in enumerate(lines) if line.startswith("Traceback "))
    ends = (next((line for line in trace if not line.startswith(" ")), "") for trace in traces)
    return Counter(ends).most_common(10)


def _few(values: Sequence[float]) -> list[float]:
    return [round(value) for value in values[:: max(1, len(values) // 30)]]
