"""How a team works: how its people spread before anybody is ranked, and what rests on too few said in words."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import streamlit as st

from core import numbers
from core.filters import NONE
from ui import cards, charts, data, errors, filters, sheet, tables
from ui.drill import Drill, of_row
from ui.drill import chosen as row_chosen

if TYPE_CHECKING:
    from analytics.result import MetricResult, Row

NOBODY = NONE
MOST_ROWS = 25  # shown at their full height
MEASURES = {
    "First reply": "first_reply_median",
    "Resolution": "resolution_median",
    "One-touch": "one_touch_rate",
    "Reopened": "reopen_rate",
    "CSAT": "csat_share",
    "SLA met": "sla_compliance",
    "Replies": "replies",
}
# Columns of the matrix: the metric and how it is called; shares are drawn as bars, where they rest on enough.
COLUMNS = {
    "First reply": "first_reply_median",
    "First reply, p90": "first_reply_p90",
    "Resolution": "resolution_median",
    "One-touch": "one_touch_rate",
    "Reopened": "reopen_rate",
    "CSAT": "csat_share",
    "SLA met": "sla_compliance",
}
NOT_A_RANK = (
    "This is not a leaderboard: people work on different channels, topics and hours, and a number of few conversations "
    "is mostly chance. Look for a conversation to learn from, or for somebody who needs help."
)
FEW = f"Under {numbers.SMALL_N} a number is grey or left out, and nobody is judged by it."


def of_people(result: MetricResult) -> list[Row]:
    """The groups of a metric by agent, without those that are nobody's."""
    return [row for row in result.groups if row.group[0] != NOBODY]


def summary() -> None:
    """How many replied, and between what their first replies lie."""
    with errors.boundary("The team in a sentence"):
        now = filters.current()
        replied = of_people(data.metric("replies", now, by=("agent",)))
        if not replied:
            cards.empty(
                "Nobody is known to have replied in this period. Widen the period; where a source does not say who "
                "wrote a message, map its author and role on Data & jobs."
            )
            return
        times = data.metric("first_reply_median", now, by=("agent",))
        values = sorted(row.value for row in of_people(times) if row.value is not None and not row.small)
        st.markdown(f"#### {_sentence(len(replied), values, times)}")


def _sentence(people: int, values: list[float], times: MetricResult) -> str:
    from statistics import quantiles

    head = f"{numbers.count(people)} {'person' if people == 1 else 'people'} replied"
    if len(values) < numbers.SMALL_N or times.total.value is None:
        return f"{head}; too few to say how they spread."
    low, _, high = quantiles(values, n=4, method="inclusive")
    return (
        f"{head}. Half of them have a median first reply between {numbers.duration(low)} and "
        f"{numbers.duration(high)}; over all conversations it is {numbers.duration(times.total.value)}."
    )


def spread() -> None:
    """One mark a person for the chosen measure, and the same by team."""
    title = st.segmented_control(
        "Measure", list(MEASURES), default="First reply", required=True, key="team_measure", bind="query-params",
        label_visibility="collapsed",
    )  # fmt: skip
    name, now = MEASURES[title or "First reply"], filters.current()
    left, right = st.columns([3, 2])
    with left, errors.boundary("People"):
        result = data.metric(name, now, by=("agent",))
        rows = of_people(result)
        st.caption(
            f"{result.title}: one mark a person, the larger the more it rests on; the middle half is shaded. "
            f"{_few(rows, result)}"
        )
        if any(row.value is not None for row in rows):
            charts.draw(charts.strip(result, rows, f"{result.title} by agent"), key="team_strip")
        else:
            st.info("Nobody has this number in this period.", icon=":material/info:")
    with right, errors.boundary("Teams"):
        by_team = data.metric(name, now, compare=filters.view().compare, by=("team",))
        st.caption(f"{by_team.title} by team, beside the period before.")
        if by_team.groups:
            charts.draw(charts.parts(by_team, f"{by_team.title} by team"), key="team_parts")
        else:
            st.info("No team has this number in this period.", icon=":material/info:")


def _few(rows: list[Row], result: MetricResult) -> str:
    """Who is not judged, in words: a grey mark alone would not say it."""
    few = sum(row.small and row.value is not None for row in rows)
    people = "1 person" if few == 1 else f"{few} people"
    told = f"{people} with fewer than {numbers.SMALL_N} {result.counts}: grey, hollow, and not judged."
    return told if few else ""


def workload() -> None:
    """What each person holds at the end of the period, beside the average."""
    now = filters.current()
    held, average = data.metric("backlog", now, by=("agent",)), data.metric("open_per_agent", now)
    rows = of_people(held)
    if not rows:
        st.info("Nobody holds an open conversation at the end of the period.", icon=":material/info:")
        return
    charts.draw(charts.lollipop(held, rows, average, "Open conversations by agent"), key="team_load")


def matrix() -> None:
    """People by measures, in the order of their names; choosing a row opens their conversations."""
    now = filters.current()
    replies = data.metric("replies", now, by=("agent",))
    results = {title: data.metric(name, now, by=("agent",)) for title, name in COLUMNS.items()}
    rows, drills = table(replies, results)
    if not rows:
        st.info("Nobody is known to have replied or solved in this period.", icon=":material/info:")
        return
    st.caption(f"Sorted by name. {FEW} Choose a row to open the conversations with replies.")
    shares = [title for title, result in results.items() if result.unit == "share"]
    words = [title for title in results if title not in shares]
    alt = f"{len(rows)} people by {len(results) + 1} measures, by name"
    sheet.table(_in_words(rows, words, shares), alt, results=(replies, *results.values()))
    st.dataframe(
        _styled(rows, words), hide_index=True, key="team_matrix", placeholder=numbers.MISSING,
        on_select=row_chosen("team_matrix", drills), selection_mode="single-row",
        height="content" if len(rows) <= MOST_ROWS else 560,
        alt=alt,
        column_config={
            "Agent": st.column_config.TextColumn(pinned=True),
            **{
                title: st.column_config.ProgressColumn(
                    min_value=0, max_value=100, format="%.0f %%", width=110, help=results[title].description
                )
                for title in shares
            },
        },
    )  # fmt: skip
    charts.below_table(
        _in_words(rows, words, shares), alt, key="team_matrix", results=(replies, *results.values()),
        exact=[_seconds(row, words) for row in rows],
    )  # fmt: skip


def table(
    replies: MetricResult, results: dict[str, MetricResult]
) -> tuple[list[dict[str, Any]], tuple[Drill, ...]]:
    """One row a person by name, and where each leads. What rests on too few is empty, and named at the end."""
    known = {title: {row.group[0]: row for row in of_people(result)} for title, result in results.items()}
    written = {row.group[0]: row for row in of_people(replies)}
    names = sorted({*written, *(name for rows in known.values() for name in rows)}, key=str.casefold)
    found = []
    for name in names:
        cells: dict[str, Any] = {"Agent": name, "Replies": written[name].n if name in written else 0}
        few = []
        for title, rows in known.items():
            row = rows.get(name)
            cells[title] = None if row is None or row.small else _cell(row, results[title])
            if title == "CSAT":
                told = row if row is not None and not row.small else None
                cells["CSAT, 95 %"] = numbers.interval(told.low, told.high, told.n) if told else ""
            if row is not None and row.small:
                few.append(f"{title} (n = {row.n})")
        found.append({**cells, "Too few to judge": ", ".join(few)})
    drills = tuple(
        of_row(replies, written[name]) if name in written else Drill((("agent", (name,)),)) for name in names
    )
    return found, drills


def _cell(row: Row, result: MetricResult) -> float | None:
    """A share in per cents, for its bar; anything else as it is."""
    return 100 * row.value if result.unit == "share" and row.value is not None else row.value


def _styled(rows: list[dict[str, Any]], durations: list[str]) -> Any:
    """Durations in words that sort by their seconds."""
    frame = tables.frame(rows)
    return frame.style.format(dict.fromkeys(durations, _duration))


def _in_words(rows: list[dict[str, Any]], durations: list[str], shares: list[str]) -> list[dict[str, Any]]:
    """The rows as people read them, for a report."""
    write = dict.fromkeys(durations, _duration) | dict.fromkeys(shares, lambda cell: f"{cell:.0f} %")
    return [
        {
            title: write[title](cell) if title in write and cell is not None else cell
            for title, cell in row.items()
        }
        for row in rows
    ]


def _seconds(row: dict[str, Any], durations: list[str]) -> dict[str, Any]:
    """The durations of a row in full, for a file that has their words already."""
    return {f"{title} (seconds)": row[title] for title in durations}


def _duration(seconds: float | None) -> str:
    return numbers.MISSING if seconds is None or seconds != seconds else numbers.duration(seconds)
