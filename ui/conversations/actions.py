"""What can be done with ticked rows: open, hand out as a file, label, correct, keep as evidence."""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import streamlit as st

from analytics.list_question import QUICK
from core.errors import AppError
from core.keys import Key
from core.moods import MOODS
from ui import data_conversations as found
from ui import data_moods, errors, filters, kept, resources, state, trail
from ui.charts.spread import ranged
from ui.conversations import columns
from ui.data_conversations import Behind, Listed

if TYPE_CHECKING:
    import pyarrow as pa

    from analytics.conversation_list import ListPage

MIME = {"csv": "text/csv", "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"}
Form = Literal["csv", "xlsx"]
NEW_SET = "A new set"


def draw(
    page: ListPage, ticked: list[int], listed: Listed, of: Behind | None, names: tuple[str, ...]
) -> None:
    """The actions: on the ticked rows, or without any the export of the whole list."""
    from ui.conversations import evidence_set
    from ui.conversations.listing import open_place

    keys = list(
        dict.fromkeys((page.places[row].source_id, page.places[row].conversation_id) for row in ticked)
    )
    with st.container(horizontal=True, vertical_alignment="center", gap="small", key="list_actions"):
        if len(ticked) == 1:
            st.button(
                "Open", icon=":material/open_in_full:", key="list_open", type="primary", on_click=open_place,
                args=(page.places[ticked[0]], listed),
            )  # fmt: skip
        _export([page.rows[row] for row in ticked], listed, of, names)
        if keys:
            on(keys, "list")
            evidence_set.take_out(keys, listed)
        else:
            st.caption(
                "Tick rows to label, correct or collect them; a click on a cell opens the conversation."
            )
    said(key="list_said")


def on(keys: list[Key], key: str) -> None:
    """Label, correct and keep these conversations: three small forms."""
    if not trail.allows("correct"):
        return
    with st.popover(f"Label {many(keys)}", icon=":material/label:", key=f"{key}_label"):
        _label(keys, key)
    with st.popover(f"Correct {many(keys)}", icon=":material/edit:", key=f"{key}_correct"):
        _correct(keys, key)
    keep(keys, key)


def keep(keys: list[Key], key: str) -> None:
    """The form that puts these conversations into an evidence set."""
    if not trail.allows("correct"):
        return
    with st.popover(f"Keep {many(keys)}", icon=":material/inventory_2:", key=f"{key}_keep"):
        _keep(keys, key)


def said(*, key: str) -> None:
    """What the last action did, once."""
    told = state.value("conversations_said")
    if told:
        state.forget("conversations_said")
        words, is_good = told
        (st.success if is_good else st.error)(
            words, icon=":material/check:" if is_good else ":material/error:"
        )


def many(keys: list[Key]) -> str:
    """How a button names what it acts on."""
    return f"{len(keys)}" if len(keys) > 1 else "it"


def telling(work: Callable[[], str]) -> None:
    """Do it and remember what to say; a refusal is said in its own words. Only from a callback."""
    try:
        state.put("conversations_said", (work(), True))
    except AppError as error:
        state.put("conversations_said", (errors.plain(error), False))


def _label(keys: list[Key], key: str) -> None:
    word = st.selectbox(
        "Label", kept.labels(), index=None, accept_new_options=True, placeholder="Choose one, or write a new one",
        key=f"{key}_label_word",
    )  # fmt: skip
    st.button(
        "Put it on", key=f"{key}_label_do", type="primary", disabled=not word,
        on_click=lambda: telling(lambda: counted(kept.label(keys, word or ""), "labelled", word or "")),
    )  # fmt: skip


def _correct(keys: list[Key], key: str) -> None:
    st.caption("A correction is laid over what was computed by the next refresh, and kept with your name.")
    topic = st.selectbox(
        "Topic",
        found.topics(),
        index=None,
        accept_new_options=True,
        placeholder="As it is",
        key=f"{key}_topic",
    )
    mood = st.segmented_control("Mood", MOODS, key=f"{key}_mood")
    st.button(
        "Correct", key=f"{key}_correct_do", type="primary", disabled=not (topic or mood),
        on_click=lambda: telling(lambda: _corrected(keys, topic, mood)),
    )  # fmt: skip


def _corrected(keys: list[Key], topic: str | None, mood: str | None) -> str:
    if topic:
        kept.correct(keys, "topic", topic)
    if mood:
        kept.correct(keys, "sentiment", mood)
    return counted(len(keys), "corrected", " and ".join(value for value in (topic, mood) if value))


def _keep(keys: list[Key], key: str) -> None:
    sets = {one.id: f"{one.name} ({one.size})" for one in kept.evidence_sets()}
    chosen = st.selectbox(
        "Evidence set", [0, *sets], key=f"{key}_set", format_func=lambda number: sets.get(number, NEW_SET)
    )
    name = "" if chosen else st.text_input("Its name", key=f"{key}_set_name", max_chars=120).strip()
    note = st.text_input("Why", key=f"{key}_set_note", placeholder="What they show", max_chars=500)
    st.button(
        "Keep them", key=f"{key}_keep_do", type="primary", disabled=not (chosen or name),
        on_click=lambda: telling(lambda: _collected(keys, chosen, name or sets.get(chosen, ""), note)),
    )  # fmt: skip


def _collected(keys: list[Key], chosen: int, name: str, note: str) -> str:
    return counted(kept.collect(keys, chosen or None, name, note), "added to", name)


def counted(n: int, done: str, what: str) -> str:
    """What was done with how many conversations."""
    from ui.tables import escaped

    things = "conversation" if n == 1 else "conversations"
    return (
        f"{n:,} {things} {done} **{escaped(what)}**." if n else "Nothing changed: all of them had it already."
    )


def _export(rows: list[dict[str, Any]], listed: Listed, of: Behind | None, names: tuple[str, ...]) -> None:
    """The ticked rows, or the whole list, with the columns on screen."""
    if not trail.allows("export"):
        return
    what = f"{len(rows)} rows" if rows else "the list"
    with st.popover(f"Export {what}", icon=":material/download:", key="list_export"):
        if not rows:
            st.caption(
                "All rows in this order, with the columns on screen; on top filters, zone and freshness."
            )
        for form, title in (("csv", "CSV"), ("xlsx", "Excel")):
            make = _file(rows, listed, of, names, form)  # type: ignore[arg-type]
            noted = trail.handed_out(make, "conversations", filters=filters.words(), form=form)
            st.download_button(
                title, noted, file_name=f"conversations.{form}",
                mime=MIME[form], key=f"list_export_{form}", on_click="ignore", icon=":material/download:",
            )  # fmt: skip


def _file(
    rows: list[dict[str, Any]], listed: Listed, of: Behind | None, names: tuple[str, ...], form: Form
) -> Callable[[], bytes]:
    """Makes the file when it is asked for: outside of the page's run, so all it needs is taken along."""
    reader, about = resources.reader(), _about(listed, of, names)
    kinds = {**columns.kinds(names, of), "Source": "text", "Id": "text"}
    every = found.reading(listed, columns=columns.extra_facts(names))
    hours = listed.question.filters.hours
    known = columns.offered()

    def part(chosen: list[dict[str, Any]]) -> pa.Table:
        import pyarrow as pa

        cells = [
            {
                **columns.cells(row, names, of, hours, known),
                "Source": row["source_id"],
                "Id": row["conversation_id"],
            }
            for row in chosen
        ]
        return pa.table(
            {
                title: pa.array([columns.exported(one[title], kind) for one in cells], from_pandas=True)
                for title, kind in kinds.items()
            }
        )

    def made() -> bytes:
        import pyarrow as pa

        from store.export import write

        table = pa.concat_tables(map(part, [rows] if rows else every()), promote_options="permissive")
        with tempfile.TemporaryDirectory(prefix="supportlens-export-") as folder:
            path = Path(folder) / f"conversations.{form}"
            write(reader, table, path, form, {**about, "rows": table.num_rows}, is_one_file=True)
            return path.read_bytes()

    return made


def _about(listed: Listed, of: Behind | None, names: tuple[str, ...]) -> dict[str, Any]:
    """What the file says about itself."""
    question, settings = listed.question, resources.settings()
    return {
        "dataset": f"conversations behind {of.title}" if of else "conversations created in the period",
        "definition": of.description if of else "",
        "filters": filters.words(),
        **({} if question.hits is None else {"hits": "alone" if question.hits else "all but these"}),
        **({"values": ranged(*question.span, of.unit)} if of and question.span else {}),
        "counted": "what is in the numbers" if question.counted else "everything, also what is in no number",
        "quick filters": [QUICK[name].title for name in question.quick],
        "search": listed.text,
        "label": listed.label,
        "evidence set": listed.evidence or "",
        "order": question.order.title,
        **({"moods": f"by {data_moods.label()}"} if columns.tells_moods(names) else {}),
        "zone": settings.workspace.reporting_zone,
        "durations": f"in seconds, {question.filters.hours} hours",
        "personal data": "masked" if resources.is_masked() else "as it is",
        "generation": resources.reader().number,
        "published_at": resources.reader().generation.published_at.isoformat(),
    }
