"""What each source can and cannot tell, so that a missing number says why it is missing."""

from __future__ import annotations

from typing import TYPE_CHECKING

from store.spoken import public

if TYPE_CHECKING:
    from store.writer import Writer

# Changes of these change facts of conversations that did not change themselves.
_DECISIVE = (
    "messages", "roles", "agent_replies", "status_history", "assignee_history", "team_history", "surveys",
)  # fmt: skip

_COUNTS = f"""
CREATE OR REPLACE TEMP TABLE source_counts AS
WITH known AS (
  SELECT source_id FROM conversations UNION SELECT source_id FROM messages),
-- Of few different words first: to count each row under every condition takes longer.
roles AS (
  SELECT source_id, author_role, {public("m")} AS is_public, count(*) AS n
  FROM messages m WHERE NOT coalesce(is_deleted, false) AND kind IS DISTINCT FROM 'event'
  GROUP BY ALL),
spoken AS (
  SELECT source_id, sum(n) AS messages,
    coalesce(sum(n) FILTER (author_role IN ('customer', 'agent')), 0) AS with_role,
    coalesce(sum(n) FILTER (author_role <> 'unknown'), 0) AS told_role,
    coalesce(sum(n) FILTER (author_role = 'agent' AND is_public), 0) AS by_agents,
    coalesce(sum(n) FILTER (author_role = 'bot' AND is_public), 0) AS by_bots
  FROM roles GROUP BY source_id),
talks AS (
  SELECT source_id, count(*) AS conversations, count(*) FILTER (status <> 'unknown') AS with_status,
    count(*) FILTER (status IN ('solved', 'closed')) AS solved,
    count(*) FILTER (priority <> 'none') AS with_priority, count(team_id) AS with_team,
    count(assignee_id) AS with_assignee, count(product) AS with_product, count(requester_id) AS with_requester
  FROM conversations WHERE NOT coalesce(is_deleted, false) GROUP BY source_id),
events AS (
  SELECT source_id, count(*) AS events, count(*) FILTER (NOT coalesce(is_derived, false)) AS told,
    count(*) FILTER (new_value IN ('solved', 'closed')) AS solves
  FROM conversation_events WHERE field = 'status' AND NOT coalesce(is_deleted, false) GROUP BY source_id),
moves AS (
  SELECT source_id, count(*) FILTER (field = 'assignee') AS assignments,
    count(*) FILTER (field = 'team') AS team_moves
  FROM conversation_events WHERE NOT coalesce(is_deleted, false) GROUP BY source_id),
ratings AS (
  SELECT source_id, count(score) FILTER (kind = 'csat') AS ratings, count(offered_at) AS surveys,
    count(native_score) FILTER (kind = 'nps') AS nps_answers, count(native_score) FILTER (kind = 'ces') AS ces_answers
  FROM (
    SELECT *, CASE WHEN regexp_matches(lower(scale), '\\bnps\\b|promoter') THEN 'nps'
      WHEN regexp_matches(lower(scale), '\\bces\\b|effort') THEN 'ces' ELSE 'csat' END AS kind
    FROM csat WHERE NOT coalesce(is_deleted, false))
  GROUP BY source_id),
tagged AS (
  SELECT source_id, count(*) AS tags FROM conversation_tags
  WHERE NOT coalesce(is_deleted, false) GROUP BY source_id)
SELECT known.source_id, COLUMNS(* EXCLUDE source_id)::BIGINT
FROM known
LEFT JOIN spoken USING (source_id) LEFT JOIN talks USING (source_id) LEFT JOIN events USING (source_id)
LEFT JOIN moves USING (source_id) LEFT JOIN ratings USING (source_id) LEFT JOIN tagged USING (source_id)
"""

# capability -> (condition, words when available, words when not); the words may use the counts.
_RULES: tuple[tuple[str, str, str, str], ...] = (
    ("messages", "messages > 0", "messages || ' messages'", "'the source delivers no messages'"),
    (
        "roles",
        "with_role > 0",
        "told_role || ' of ' || messages || ' messages say what their author is'",
        "'nobody in this source is marked as customer or agent'",
    ),
    (
        "agent_replies",
        "by_agents > 0",
        "by_agents || ' public messages by agents'",
        "'no public message is marked as written by an agent'",
    ),
    (
        "status",
        "with_status > 0",
        "with_status || ' of ' || conversations || ' conversations have a status'",
        "'the source has no status'",
    ),
    (
        "status_history",
        "events > 0 AND (told > 0 OR solves > 0 OR solved = 0)",
        "CASE WHEN told > 0 THEN 'exact: ' || told || ' status changes told by the source' "
        "ELSE 'derived: read from dates and statuses of the rows, so reopens may be missing' END",
        "CASE WHEN solved > 0 AND events > 0 THEN 'the source says what is solved, and never when' "
        "ELSE 'the source tells no status changes' END",
    ),
    (
        "status_changes",
        "told > 0",
        "told || ' status changes told by the source'",
        "'the source tells dates at most, and not what the status was in between'",
    ),
    (
        "bots",
        "by_bots > 0",
        "by_bots || ' public messages by bots'",
        "'no public message is marked as a bot''s'",
    ),
    (
        "handoffs",
        "coalesce(assignments, 0) + coalesce(team_moves, 0) > 0",
        "coalesce(assignments, 0) + coalesce(team_moves, 0) || ' changes of assignee or team'",
        "'the source tells no changes of assignee or team'",
    ),
    (
        "assignee_history",
        "assignments > 0",
        "'exact: ' || assignments || ' changes of assignee'",
        "'the source tells no changes of assignee'",
    ),
    (
        "team_history",
        "team_moves > 0",
        "'exact: ' || team_moves || ' changes of team'",
        "'the source tells no changes of team'",
    ),
    (
        "surveys",
        "surveys > 0",
        "surveys || ' surveys sent'",
        "'the source does not tell which surveys were sent'",
    ),
    ("csat", "ratings > 0", "ratings || ' ratings'", "'the source delivers no ratings'"),
    (
        "nps",
        "nps_answers > 0",
        "nps_answers || ' answers on the NPS scale'",
        "'the source has no NPS survey'",
    ),
    (
        "ces",
        "ces_answers > 0",
        "ces_answers || ' answers on the CES scale'",
        "'the source has no CES survey'",
    ),
    (
        "priority",
        "with_priority > 0",
        "with_priority || ' of ' || conversations || ' conversations have a priority'",
        "'the source has no priorities'",
    ),
    (
        "team",
        "coalesce(with_team, 0) + coalesce(team_moves, 0) > 0",
        "with_team || ' of ' || conversations || ' conversations have a team'",
        "'the source has no teams'",
    ),
    (
        "agent",
        "coalesce(with_assignee, 0) + coalesce(assignments, 0) > 0",
        "with_assignee || ' of ' || conversations || ' conversations have an assignee'",
        "'the source names no assignees'",
    ),
    (
        "product",
        "with_product > 0",
        "with_product || ' conversations name a product'",
        "'the source names no products'",
    ),
    (
        "requester",
        "with_requester > 0",
        "with_requester || ' conversations name who asked'",
        "'the source does not say who asked'",
    ),
    ("tags", "tags > 0", "tags || ' tags'", "'the source has no tags'"),
)


# What depends on settings as well is read off the facts: capability -> (table, column, words when available, when not).
_COMPUTED: tuple[tuple[str, str, str, str, str], ...] = (
    (
        "sla_targets",
        "sla_instances",
        "source_id",
        "n || ' targets'",
        "'no [[sla]] of the settings and no policy of the source applies to its conversations'",
    ),
    (
        "business_hours",
        "conversation_facts",
        "calendar",
        "n || ' conversations have a calendar'",
        "'no [[calendars]] of the settings and no schedule of the source applies to its conversations'",
    ),
    (
        "handling",
        "conversation_facts",
        "handling_s",
        "'derived: ' || n || ' conversations have one, estimated where it is not tracked'",
        "'nothing tracked, no [counting.handling_minutes] in the settings, and no chat'",
    ),
)


def refresh_computed(writer: Writer) -> None:
    """Add to `capabilities` what is known only after the facts: targets, calendars, handling times."""
    for name, table, column, yes, no in _COMPUTED:
        writer.execute("DELETE FROM capabilities WHERE capability = ?", [name])
        writer.execute(f"""
            INSERT INTO capabilities BY NAME
            SELECT s.source_id, '{name}' AS capability, coalesce(n, 0) > 0 AS available,
              CASE WHEN coalesce(n, 0) > 0 THEN {yes} ELSE {no} END AS reason
            FROM (SELECT DISTINCT source_id FROM capabilities) s
            LEFT JOIN (SELECT source_id, count({column}) AS n FROM {table} GROUP BY source_id) USING (source_id)""")


def refresh_capabilities(writer: Writer) -> None:
    """Rewrite `capabilities`; where a decisive one changed, mark the source's conversations as dirty.

    Call inside a transaction. Leaves the temporary table `source_abilities` for the facts.
    """
    writer.execute(_COUNTS)
    rows = " UNION ALL ".join(
        f"SELECT source_id, '{name}' AS capability, coalesce({condition}, false) AS available, "
        f"CASE WHEN coalesce({condition}, false) THEN {yes} ELSE {no} END AS reason FROM source_counts"
        for name, condition, yes, no in _RULES
    )
    writer.execute(f"CREATE OR REPLACE TEMP TABLE capabilities_now AS {rows}")
    decisive = ", ".join(f"'{name}'" for name in _DECISIVE)
    # The first word of a history's reason (exact, derived) is decisive too.
    state = (
        "SELECT source_id, capability, available, "
        "CASE capability WHEN 'status_history' THEN regexp_extract(reason, '^\\w+') END AS kind "
        f"FROM {{}} WHERE capability IN ({decisive})"
    )
    writer.execute(f"""
        INSERT INTO dirty_conversations
        SELECT source_id, conversation_id FROM conversations WHERE source_id IN (
          SELECT source_id FROM ({state.format("capabilities_now")} EXCEPT {state.format("capabilities")})
          WHERE source_id IN (SELECT source_id FROM conversation_facts))""")
    writer.execute("DELETE FROM capabilities")
    writer.execute("INSERT INTO capabilities BY NAME FROM capabilities_now")


def name_abilities(writer: Writer) -> None:
    """The temporary table `source_abilities` that the facts join."""
    writer.execute("""
        CREATE OR REPLACE TEMP TABLE source_abilities AS
        SELECT source_id, bool_or(available) FILTER (capability = 'messages') AS has_messages,
          bool_or(available) FILTER (capability = 'roles') AS has_roles,
          bool_or(available) FILTER (capability = 'agent_replies') AS has_agents,
          bool_or(available) FILTER (capability = 'status_history') AS has_history,
          bool_or(starts_with(reason, 'exact')) FILTER (capability = 'status_history') AS exact_history,
          bool_or(available) FILTER (capability = 'assignee_history') AS has_assignees,
          bool_or(available) FILTER (capability = 'team_history') AS has_teams,
          bool_or(available) FILTER (capability = 'surveys') AS has_surveys
        FROM capabilities GROUP BY source_id""")
