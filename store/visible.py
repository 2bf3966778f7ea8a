"""What a viewer may see of every table: which rows, and which columns as they are. The only place that knows.

Rows: those of the viewer's sources, teams and tags. Agents: their names and ids, or a pseudonym that is the same
in every table, so that what belongs together stays together.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import reduce
from operator import or_
from typing import TYPE_CHECKING

from core.errors import StoreError
from core.viewer import Viewer

if TYPE_CHECKING:
    import ibis.expr.types as ir

# Every table of schema.sql is in one of these: a test fails for a new one that is not.
BY_CONVERSATION = frozenset(
    {"conversations", "conversation_parts", "messages", "conversation_events", "csat", "conversation_tags",
     "attachments", "message_enrichment", "early_texts", "conversation_topics", "chunks", "chunk_state",
     "open_spans", "dirty_conversations", "conversation_facts", "conversation_copies", "replies", "solves",
     "sla_instances", "conversation_corrections"}
)  # fmt: skip
# Rows about people: customers only where one of their conversations may be seen, agents everywhere in the source.
BY_PERSON = frozenset({"people", "people_parts", "person_roles", "requester_attributes", "linked_people"})
# Tables of a source as a whole.
BY_SOURCE = frozenset(
    {"sources", "teams", "team_members", "field_definitions", "schedules", "sla_policies", "sync_state",
     "sync_runs", "sync_files", "capabilities", "denominators", "names_seen"}
)  # fmt: skip
# Rows that name customers or numbers across teams: for those who may see every conversation of the source.
WHOLE_SOURCE = frozenset({"organizations", "people_matches", "sync_rejects"})
WHOLE_WORKSPACE = frozenset({"metric_ledger", "metric_ledger_days"})
OPEN_TO_ALL = frozenset(
    {"settings_kv", "topics", "schema_version", "attributes", "business_hours", "calendars"}
)
TABLES = BY_CONVERSATION | BY_PERSON | BY_SOURCE | WHOLE_SOURCE | WHOLE_WORKSPACE | OPEN_TO_ALL

# Columns that always speak of an agent, and those that do where another column says so.
_AGENTS: dict[str, tuple[str, ...]] = {
    "conversation_facts": ("agent", "first_reply_agent", "reopened_reply_agent", "first_solve_agent",
                           "last_solve_agent", "csat_agent"),
    "open_spans": ("agent",),
    "replies": ("agent",),
    "solves": ("agent",),
    "sla_instances": ("agent",),
    "conversations": ("assignee_id",),
    "conversation_parts": ("assignee_id",),
    "csat": ("agent_id",),
    "team_members": ("person_id",),
}  # fmt: skip
_AGENTS_WHERE: dict[str, tuple[str, str, tuple[str, ...]]] = {
    "messages": ("author_role", "agent", ("author_id", "author_name")),
    "people": ("kind", "agent", ("person_id", "name", "email", "handle", "external_id")),
    "people_parts": ("kind", "agent", ("person_id", "name", "email", "handle", "external_id")),
    "person_roles": ("kind", "agent", ("person_id",)),
    "names_seen": ("kind", "agent", ("id", "name")),
}
# What the source sent, word for word, and fields that may repeat a name.
_WHOLE = ("raw",)

Tables = Callable[[str], "ir.Table"]


def visible(tables: Tables, name: str, viewer: Viewer) -> ir.Table:
    """A table as a viewer may see it; `tables` gives the whole ones. Raises StoreError for a new table."""
    if name not in TABLES:
        raise StoreError(f"nobody has said who may see the table {name!r}.")
    table = _rows(tables, name, viewer)
    return table if viewer.may("agent_names") else _aliased(table, name, viewer)


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
    is_customer = table.kind.fill_null("customer") == "customer"
    customers = table.filter(is_customer).semi_join(keys, ["source_id", "person_id"])
    return customers.union(table.filter(~is_customer))


def _aliased(table: ir.Table, name: str, viewer: Viewer) -> ir.Table:
    """The table with pseudonyms in place of agents, and without what would give them away."""
    import ibis

    changed: dict[str, ir.Value] = {column: _alias(table[column], viewer) for column in _AGENTS.get(name, ())}
    if name in _AGENTS_WHERE:
        by, word, columns = _AGENTS_WHERE[name]
        is_agent = table[by] == word
        changed |= {c: ibis.cases((is_agent, _alias(table[c], viewer)), else_=table[c]) for c in columns}
    if name == "conversation_events":
        is_agent = table.actor_role == "agent"
        changed["actor_id"] = ibis.cases((is_agent, _alias(table.actor_id, viewer)), else_=table.actor_id)
        for column in ("old_value", "new_value"):
            is_name = table.field == "assignee"
            changed[column] = ibis.cases((is_name, _alias(table[column], viewer)), else_=table[column])
    if name in ("conversations", "conversation_parts"):
        is_customer = table.submitter_id == table.requester_id
        changed["submitter_id"] = ibis.cases(
            (is_customer, table.submitter_id), else_=_alias(table.submitter_id, viewer)
        )
    changed |= {c: ibis.null(table[c].type()) for c in _WHOLE if c in table.columns}
    if name in WHOLE_WORKSPACE:
        return table.filter(table.dimension != "agent") if "dimension" in table.columns else table
    return table.mutate(**changed) if changed else table


def _alias(column: ir.Value, viewer: Viewer) -> ir.Value:
    """`Agent 3F9A1C`: told apart, and not found out by trying the names one knows, for the key is secret."""
    import ibis

    mark = (ibis.literal(viewer.alias_key) + column).hexdigest("md5")
    return ibis.literal("Agent ") + mark.substr(0, 6).upper()
