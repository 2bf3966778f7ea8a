"""What a viewer may see of every table: which rows, and which columns as they are. The only place that knows.

Rows: those of the viewer's sources, teams and tags. Names and ids of agents and of customers: each by its right,
or a pseudonym that is the same in every table, so that what belongs together stays together.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import reduce
from operator import or_
from typing import TYPE_CHECKING

from core.errors import StoreError
from core.viewer import Right, Viewer

if TYPE_CHECKING:
    import ibis.expr.types as ir

# Every table of schema.sql is in one of these: a test fails for a new one that is not.
BY_CONVERSATION = frozenset(
    {"conversations", "conversation_parts", "messages", "conversation_events", "csat", "conversation_tags",
     "attachments", "message_enrichment", "early_texts", "agent_lines", "conversation_topics", "chunks", "chunk_state",
     "open_spans", "dirty_conversations", "conversation_facts", "conversation_copies", "replies", "solves",
     "sla_instances", "conversation_corrections", "topic_examples",
     "emerging_conversations"}
)  # fmt: skip
# Rows about people: customers only where one of their conversations may be seen, agents everywhere in the source.
BY_PERSON = frozenset({"people", "people_parts", "person_roles", "requester_attributes", "linked_people"})
# Tables of a source as a whole.
BY_SOURCE = frozenset(
    {"sources", "teams", "team_members", "field_definitions", "schedules", "sla_policies", "sync_state",
     "sync_runs", "sync_files", "capabilities", "denominators", "names_seen"}
)  # fmt: skip
# Rows that name customers or numbers across teams: for those who may see every conversation of the source.
WHOLE_SOURCE = frozenset({"organizations", "people_matches", "sync_rejects", "retired_conversations"})
WHOLE_WORKSPACE = frozenset({"metric_ledger", "metric_ledger_days"})
OPEN_TO_ALL = frozenset(
    {"settings_kv", "topics", "topic_fits", "topic_links", "topic_splits", "topic_choices", "emerging_groups",
     "schema_version",
     "attributes", "business_hours", "calendars"}
)  # fmt: skip
TABLES = BY_CONVERSATION | BY_PERSON | BY_SOURCE | WHOLE_SOURCE | WHOLE_WORKSPACE | OPEN_TO_ALL


@dataclass(frozen=True, slots=True)
class _Hidden:
    """People whose names and ids only a right shows; everybody else sees a pseudonym, the same in every table."""

    right: Right
    role: str  # how tables say that a row speaks of them
    word: str
    columns: Mapping[str, tuple[str, ...]]  # which always speak of them
    told_apart: Mapping[str, tuple[str, str, tuple[str, ...]]]  # and those that do where a column says a word


_PERSON = ("person_id", "name", "email", "handle", "external_id")
# Tables that speak of people of every role, the column that says of which, and the columns that name them.
_BY_ROLE: dict[str, tuple[str, tuple[str, ...]]] = {
    "messages": ("author_role", ("author_id", "author_name")),
    "conversation_events": ("actor_role", ("actor_id",)),
    "people": ("kind", _PERSON),
    "people_parts": ("kind", _PERSON),
    "person_roles": ("kind", ("person_id",)),
}
_STAFF = ("agent", "bot", "system")
_FACTS_OF_AGENTS = (
    "agent", "first_reply_agent", "reopened_reply_agent", "first_solve_agent", "last_solve_agent", "csat_agent",
)  # fmt: skip
_HIDDEN = (
    _Hidden(
        "agent_names", "agent", "Agent",
        {
            "conversation_facts": _FACTS_OF_AGENTS, "open_spans": ("agent",), "replies": ("agent",),
            "solves": ("agent",), "sla_instances": ("agent",), "conversations": ("assignee_id",),
            "conversation_parts": ("assignee_id",), "csat": ("agent_id",), "team_members": ("person_id",),
        },
        {
            "conversation_events": ("field", "assignee", ("old_value", "new_value")),
            "names_seen": ("kind", "person", ("id", "name")),
        },
    ),
    _Hidden(
        "unmasked", "customer", "Customer",
        {
            "conversation_facts": ("requester_id", "requester"), "conversations": ("requester_id",),
            "conversation_parts": ("requester_id",), "csat": ("person_id",), "requester_attributes": ("person_id",),
            "linked_people": ("person_id", "canonical_id", "name"), "people_matches": ("person_id",),
        },
        {},
    ),
)  # fmt: skip
# What the source sent word for word, and fields of its own about a person.
_WHOLE = ("raw",)
_WHOLE_OF_PEOPLE = ("raw", "custom_fields")

Tables = Callable[[str], "ir.Table"]


def visible(tables: Tables, name: str, viewer: Viewer) -> ir.Table:
    """A table as a viewer may see it; `tables` gives the whole ones. Raises StoreError for a new table."""
    if name not in TABLES:
        raise StoreError(f"nobody has said who may see the table {name!r}.")
    table = _rows(tables, name, viewer)
    for hidden in _HIDDEN:
        if not viewer.may(hidden.right):
            table = _aliased(table, name, viewer, hidden)
    return table


def outline(viewer: Viewer) -> Viewer:
    """What of a viewer decides what they see: those who differ in name, role or other rights see the same."""
    rights = viewer.rights & {hidden.right for hidden in _HIDDEN}
    return replace(viewer, name="", role="", rights=rights)


def _rows(tables: Tables, name: str, viewer: Viewer) -> ir.Table:
    table = tables(name)
    if name in OPEN_TO_ALL or not viewer.is_limited:
        return table
    if name in WHOLE_WORKSPACE:
        return table.filter(False)
    if name in BY_CONVERSATION and name != "conversation_facts":
        return table.semi_join(_conversations(tables, viewer), ["source_id", "conversation_id"])
    if viewer.sources is not None:
        table = table.filter(table.source_id.isin(viewer.sources))
    if name == "conversation_facts":
        return _of_teams_and_tags(table, viewer)
    if viewer.teams is None and viewer.tags is None:
        return table
    if name in WHOLE_SOURCE:
        return table.filter(False)
    return _people(tables, table, viewer) if name in BY_PERSON else table


def _conversations(tables: Tables, viewer: Viewer) -> ir.Table:
    return _rows(tables, "conversation_facts", viewer)


def _of_teams_and_tags(facts: ir.Table, viewer: Viewer) -> ir.Table:
    if viewer.teams is not None:
        facts = facts.filter(facts.team.isin(viewer.teams))
    if viewer.tags is not None:
        wanted = [facts.tags.contains(tag) for tag in viewer.tags]
        facts = facts.filter(reduce(or_, wanted) if wanted else False)
    return facts


def _people(tables: Tables, table: ir.Table, viewer: Viewer) -> ir.Table:
    keys = _conversations(tables, viewer).select("source_id", person_id="requester_id")
    if "kind" not in table.columns:
        return table.semi_join(keys, ["source_id", "person_id"])
    is_customer = _is_customer(table.kind)
    customers = table.filter(is_customer).semi_join(keys, ["source_id", "person_id"])
    return customers.union(table.filter(~is_customer))


def _is_customer(role: ir.Value) -> ir.Value:
    """Whoever is not on the other side: of whom nobody knows the role may be a customer."""
    return ~role.fill_null("unknown").isin(_STAFF)


def _aliased(table: ir.Table, name: str, viewer: Viewer, hidden: _Hidden) -> ir.Table:
    """The table with pseudonyms in place of people, and without what would give them away."""
    import ibis

    def alias(column: str) -> ir.Value:
        return _alias(hidden.word, table[column], viewer)

    def where(condition: ir.Value, column: str) -> ir.Value:
        return ibis.cases((condition, alias(column)), else_=table[column])

    changed: dict[str, ir.Value] = {column: alias(column) for column in hidden.columns.get(name, ())}
    if name in _BY_ROLE:
        by, columns = _BY_ROLE[name]
        speaks = _is_customer(table[by]) if hidden.role == "customer" else table[by] == hidden.role
        changed |= {column: where(speaks, column) for column in columns}
    if name in hidden.told_apart:
        by, word, columns = hidden.told_apart[name]
        changed |= {column: where(table[by] == word, column) for column in columns}
    if name in ("conversations", "conversation_parts"):
        # Who wrote it down is the requester, or somebody on the other side.
        is_theirs = (table.submitter_id == table.requester_id).fill_null(False) == (hidden.role == "customer")
        changed["submitter_id"] = where(is_theirs, "submitter_id")
    if name == "conversation_facts" and hidden.role == "customer":
        # A company is nobody; one that is called like a customer, or by an address, is somebody.
        of = table.organization
        is_somebody = ((of == table.requester) | of.contains("@")).fill_null(False)
        changed["organization"] = is_somebody.ifelse(_alias("Organization", of, viewer), of)
    whole = _WHOLE_OF_PEOPLE if name in BY_PERSON else _WHOLE
    changed |= {column: ibis.null(table[column].type()) for column in whole if column in table.columns}
    if name == "metric_ledger" and hidden.role == "agent":
        return table.filter(table.dimension != "agent")
    return table.mutate(**changed) if changed else table


def _alias(word: str, column: ir.Value, viewer: Viewer) -> ir.Value:
    """`Agent 3F9A1C`: told apart, and not found out by trying the names one knows, for the key is secret."""
    import ibis

    mark = (ibis.literal(viewer.alias_key) + column).hexdigest("md5")
    return ibis.literal(f"{word} ") + mark.substr(0, 6).upper()
