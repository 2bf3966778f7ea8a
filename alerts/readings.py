"""The numbers that rules are judged on: closed windows of a metric, and what is so at this minute."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from typing import TYPE_CHECKING, Any, Final, cast

from alerts.judge import Reading
from alerts.rules import OF_FINDINGS, OF_NOW, Rule
from core import clock
from core.errors import AppError, InputError, NotEnoughData, NothingPublished
from core.filters import Filters, Period
from core.home import Home
from core.settings import Settings
from core.viewer import Viewer

if TYPE_CHECKING:
    from zoneinfo import ZoneInfo

    from analytics.result import MetricResult, Row
    from store.reader import Reader

MOST_SEGMENTS: Final = 200  # more would be a flood of incidents, not an alert
MOST_WINDOWS: Final = 7  # that are judged late; what was overtaken longer ago is no news any more
MOST_HOURS: Final = 24  # of windows of an hour
_DAYS: Final = {"hour": 1, "day": 1, "week": 7, "month": 31, "quarter": 92, "year": 366}


@dataclass(frozen=True, slots=True)
class Watched:
    """What a rule looks at: readings by closed window, the earliest first, and how to say them.

    `names` are the windows as readings name them, also of one that holds nothing. `counts` names what n counts. A
    segment that is missing from a window has nothing there: 0 of a count.
    """

    title: str
    unit: str
    windows: tuple[tuple[Reading, ...], ...]
    names: tuple[str, ...]
    counts: str = "conversations"

    @property
    def is_zero_without(self) -> bool:
        """Whether nothing means 0, and not that there is no number."""
        return self.unit == "count"


@dataclass(frozen=True, slots=True)
class Since:
    """Up to where a rule has judged: `after` is the last window judged (empty: none yet), `seen` what that rested on.

    `made_at` (UTC) is when the rule was made or changed: before any verdict, windows that were over by then are past.
    """

    made_at: datetime
    after: str = ""
    seen: str = ""

    def is_open(self, start: datetime, end: datetime, zone: ZoneInfo) -> bool:
        """Whether a window (wall-clock times in the reporting zone) has not been judged, and should have been."""
        if self.after:
            return start > datetime.fromisoformat(self.after)
        return end > self.made_at.astimezone(zone).replace(tzinfo=None)


class Asker:
    """Asks for one evaluation of all rules: what two of them want to know is read once."""

    def __init__(self, home: Home, settings: Settings, at: datetime | None = None) -> None:
        self.home, self.settings, self.at = home, settings, at or clock.now()
        self.queries = 0
        self._known: dict[Any, Any] = {}

    @property
    def reader(self) -> Reader:
        """The published generation, the same for all rules of an evaluation. Raises NothingPublished."""
        from store.reader import open_reader

        reader: Reader = self._once("reader", lambda: open_reader(self.home))
        return reader

    def seen(self, rule: Rule) -> str:
        """What a rule would be judged on now: the same text, the same verdict; none for what is so at the minute.

        Raises NothingPublished."""
        from analytics import periods

        if rule.kind in OF_NOW:
            return ""
        if rule.kind in OF_FINDINGS:
            from alerts import findings

            return findings.seen(rule, self)
        known = self._once("known", lambda: periods.known_until(self.reader, self.settings))
        return f"g{self.reader.number} {periods.bucket_start(known, rule.window).isoformat()}"

    def watched(self, rule: Rule, viewer: Viewer, days: int = 0, since: Since | None = None) -> Watched:
        """The last closed window, with those before it that `since` leaves open; or the windows of the last `days`.

        Raises AppError where there is no number.
        """
        if rule.kind in OF_FINDINGS:
            from alerts import findings

            key = (rule.kind, rule.metric, rule.filters, viewer, findings.missed(rule, self, since))
            return cast("Watched", self._once(key, lambda: findings.watched(rule, self, viewer, key[-1])))
        if rule.kind == "sla_soon":
            return self._soon(rule, viewer)
        if rule.kind == "source_stale":
            return Watched(
                "Time since it was read",
                "seconds",
                (tuple(self._stale(rule, viewer)),),
                (self.minute,),
                "sources",
            )
        if rule.kind == "job_failed":
            return Watched(
                "Failed refreshes in a row",
                "count",
                ((self._failures(viewer),),),
                (self.minute,),
                "refreshes",
            )
        return self._of_metric(rule, viewer, days, since)

    def _of_metric(self, rule: Rule, viewer: Viewer, days: int, since: Since | None) -> Watched:
        from analytics import catalogue

        ripe = catalogue.find(rule.metric, self.settings).ripe_days
        late = self.unjudged(rule, since, ripe)
        result = self._series(rule, viewer, max(days, (late[-1] - late[0]).days), ripe)
        whole, last = self._whole_since(rule.filters, viewer), self.last_closed(rule)
        windows = _windows(rule, result, whole)
        oldest = self._oldest(days)
        if oldest is None:
            chosen = [start for start in sorted(windows) if start in late] or sorted(windows)[-1:]
        else:
            chosen = [start for start in sorted(windows) if start.date() >= oldest]
        if not chosen and rule.by and (whole is None or last.date() >= whole):
            windows, chosen = {last: []}, [last]  # none of the values has anything there
        if not chosen:
            raise NotEnoughData(f"no {rule.window} of {result.title.lower()} is over and complete yet.",
                                hint="It is judged once one is.")  # fmt: skip
        if oldest is None:
            windows = _from_first(windows)
        return Watched(result.title, result.unit, tuple(_few(windows[start]) for start in chosen),
                       tuple(start.isoformat() for start in chosen), result.counts)  # fmt: skip

    def unjudged(self, rule: Rule, since: Since | None, ripe_days: int = 0) -> list[datetime]:
        """Where windows begin that are over and not judged yet, the earliest first: the last one always, few others."""
        from analytics import periods

        zone, found = self.settings.workspace.zone, [self.last_closed(rule, ripe_days)]
        most = MOST_HOURS if rule.window == "hour" else MOST_WINDOWS
        while since and len(found) < most:
            earlier = periods.bucket_start(found[0] - timedelta(microseconds=1), rule.window)
            if not since.is_open(earlier, found[0], zone):
                break
            found.insert(0, earlier)
        return found

    def _series(self, rule: Rule, viewer: Viewer, days: int, ripe: int) -> MetricResult:
        from analytics import periods
        from analytics.compute import compute

        apart = {"previous": 0, "week": 7, "year": 372}[rule.against] if rule.kind == "change" else 0
        back = days + ripe + apart + 2 * _DAYS[rule.window] + 1
        known = self._once("known", lambda: periods.known_until(self.reader, self.settings))
        first = periods.bucket_start(known - timedelta(days=back), rule.window).date()
        filters, by = rule.filters.over(Period(first, known.date())), (rule.by,) if rule.by else ()
        result: MetricResult = self._once(
            (rule.metric, filters, rule.window, by, viewer),
            lambda: compute(
                self.reader,
                rule.metric,
                filters,
                settings=self.settings,
                viewer=viewer,
                grain=rule.window,
                by=by,
            ),
        )
        return result

    def _whole_since(self, filters: Filters, viewer: Viewer) -> date | None:
        """The first day from which on all that the filters admit is loaded."""
        from analytics import periods

        first = self._once("first", lambda: periods.first_day(self.reader, self.settings))
        loaded = periods.loaded_since(self.reader, self.settings, viewer, filters)
        return max(
            filter(None, (first, loaded[1].date() + timedelta(days=1) if loaded else None)), default=None
        )

    def last_closed(self, rule: Rule, ripe_days: int = 0) -> datetime:
        """Where the last window begins that is over, and was `ripe_days` ago."""
        from analytics import periods

        known = self._once("known", lambda: periods.known_until(self.reader, self.settings))
        open_one = periods.bucket_start(known - timedelta(days=ripe_days), rule.window)
        return periods.bucket_start(open_one - timedelta(microseconds=1), rule.window)

    @property
    def minute(self) -> str:
        """The minute of this evaluation, as readings of what is so now name it."""
        return self.at.replace(second=0, microsecond=0).isoformat()

    def _oldest(self, days: int) -> date | None:
        today = self.at.astimezone(self.settings.workspace.zone).date()
        return today - timedelta(days=days) if days else None

    def _soon(self, rule: Rule, viewer: Viewer) -> Watched:
        from analytics.due import due_within

        at, within = self.at.replace(second=0, microsecond=0), timedelta(minutes=rule.within_min)
        found = self._once(
            ("soon", rule.filters, within, rule.by, viewer),
            lambda: due_within(
                self.reader, rule.filters, at, within, by=rule.by, settings=self.settings, viewer=viewer
            ),
        )
        readings = [Reading(one.group, self.minute, float(one.soon), one.soon) for one in found]
        return Watched("Targets about to be breached", "count", (_few(readings),), (self.minute,), "targets")

    def _stale(self, rule: Rule, viewer: Viewer) -> list[Reading]:
        read = self._once("sources read", lambda: self._log().last_ended(("ok",)))
        tried = self._once("sources tried", lambda: self._log().first_tried())
        readings = []
        for source in self.settings.sources:
            if (
                not viewer.knows(source.name)
                or not source.enabled
                or (rule.sources and source.name not in rule.sources)
            ):
                continue
            # Without fault; one that never was so is as old as the first try.
            since = read.get(source.name) or tried.get(source.name)
            age = (self.at - since).total_seconds() if since else None
            readings.append(Reading(source.name, self.minute, age, 1))
        return readings

    def _failures(self, viewer: Viewer) -> Reading:
        runs = self._once("runs", lambda: self._log().telling(20))
        streak = next((place for place, run in enumerate(runs) if run.status == "ok"), len(runs))
        note = (runs[0].error_message or "") if streak and not viewer.is_limited else ""
        return Reading("", self.minute, float(streak), streak, note=note)

    def _log(self) -> Any:
        from store.runs import RunLog

        return RunLog(self.home)

    def _once(self, key: Any, ask: Any) -> Any:
        """What was asked for already in this evaluation; a refusal too."""
        if key not in self._known:
            self.queries += isinstance(key, tuple)
            try:
                self._known[key] = ask()
            except AppError as error:
                self._known[key] = error
        if isinstance(self._known[key], AppError):
            raise self._known[key]
        return self._known[key]


def check(rule: Rule, asker: Asker, viewer: Viewer) -> None:
    """Whether a new rule can be judged: `Rule.check`, and that its filters name what some conversation has.

    Raises InputError, QuestionError. Before the first refresh nobody knows what there is.
    """
    from analytics import dimensions

    rule.check(asker.settings)
    try:
        reader = asker.reader
    except NothingPublished:
        return
    names = dimensions.names_of(rule.filters, (rule.by,) if rule.by else ())
    dimensions.facts(lambda table: reader.table(table, viewer), names)
    dimensions.check_values(reader, rule.filters, viewer=viewer)


def _windows(rule: Rule, result: MetricResult, since: date | None) -> dict[datetime, list[Reading]]:
    """Readings of closed and ripe windows within the loaded history, by where the window begins."""
    judged = [row for row in result.rows if not (row.partial or row.immature) and _is_whole(row, since)]
    known = {(row.group, _start(row)): row for row in judged}
    by_window: dict[datetime, list[Reading]] = {}
    for row in judged:
        by_window.setdefault(_start(row), []).append(_reading(rule, row, known))
    return by_window


def _from_first(windows: dict[datetime, list[Reading]]) -> dict[datetime, list[Reading]]:
    """Without segments before the first window in which they have anything: nobody would have asked for them then."""
    first: dict[str, datetime] = {}
    for start in sorted(windows):
        for one in windows[start]:
            if one.n:
                first.setdefault(one.segment, start)
    return {
        start: [one for one in found if not one.segment or start >= first.get(one.segment, start)]
        for start, found in windows.items()
    }


def _reading(rule: Rule, row: Row, known: dict[tuple[tuple[str, ...], datetime], Row]) -> Reading:
    segment = row.group[0] if row.group else ""
    reading = Reading(segment, _start(row).isoformat(), row.value, row.n)
    if rule.kind != "change":
        return reading
    earlier = known.get((row.group, _compared_with(rule, _start(row))))
    return replace(reading, previous=earlier.value, previous_n=earlier.n) if earlier else reading


def _compared_with(rule: Rule, start: datetime) -> datetime:
    """Where the window begins that this one is held against; a year ago keeps the weekday of days and weeks."""
    from analytics import periods

    if rule.against == "previous":
        return periods.bucket_start(start - timedelta(microseconds=1), rule.window)
    if rule.against == "week":
        return periods.bucket_start(start - timedelta(days=7), rule.window)
    if rule.window in ("hour", "day", "week"):
        return start - timedelta(days=364)
    return start.replace(year=start.year - 1)


def _few(readings: list[Reading]) -> tuple[Reading, ...]:
    if len(readings) > MOST_SEGMENTS:
        raise InputError(
            f"the rule splits into {len(readings):,} values, each with incidents of its own.",
            hint=f"At most {MOST_SEGMENTS}: add filters, or choose a dimension with fewer values.",
        )
    return tuple(readings)


def _is_whole(row: Row, since: date | None) -> bool:
    return since is None or _start(row).date() >= since


def _start(row: Row) -> datetime:
    """The wall-clock time at which a row's window begins."""
    if isinstance(row.bucket, datetime):
        return row.bucket
    return datetime.combine(row.bucket or date.min, time())
