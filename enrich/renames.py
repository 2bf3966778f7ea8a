"""Facts hold names. When a person, team or organisation is renamed, the facts that show them are out of date."""

from __future__ import annotations

from typing import TYPE_CHECKING

from store.kept_values import recall, remember

if TYPE_CHECKING:
    from store.writer import Writer

KEY = "names_seen"
_FINGERPRINT = """
    SELECT coalesce(sum(hash(kind, source_id, id, name, handle, organization_id)::HUGEINT), 0)::VARCHAR AS mark FROM (
      SELECT 'person' AS kind, source_id, person_id AS id, name, handle, organization_id FROM people UNION ALL
      SELECT 'team', source_id, team_id, name, NULL, NULL FROM teams UNION ALL
      SELECT 'organization', source_id, organization_id, name, NULL, NULL FROM organizations)"""
_REQUESTERS = """
    INSERT INTO dirty_conversations
    SELECT f.source_id, f.conversation_id
    FROM conversation_facts f
    JOIN conversations c ON c.source_id = f.source_id AND c.conversation_id = f.conversation_id
    LEFT JOIN people r ON r.source_id = c.source_id AND r.person_id = c.requester_id
    LEFT JOIN linked_people l ON l.source_id = c.source_id AND l.person_id = c.requester_id
    LEFT JOIN organizations o ON o.source_id = c.source_id
      AND o.organization_id = coalesce(c.organization_id, r.organization_id)
    WHERE f.requester IS DISTINCT FROM coalesce(l.name, r.name, r.handle, c.requester_id)
      OR f.organization IS DISTINCT FROM coalesce(o.name, c.organization_id, r.organization_id)"""
# Those who work on conversations, and teams, by the names the facts give them.
_NAMES = """
    CREATE OR REPLACE TEMP TABLE names_now AS
    SELECT 'person' AS kind, source_id, person_id AS id, coalesce(name, handle) AS name
    FROM people WHERE kind IS DISTINCT FROM 'customer'
    UNION ALL SELECT 'team', source_id, team_id, name FROM teams"""
_RENAMED = """
    CREATE OR REPLACE TEMP TABLE renamed AS
    SELECT DISTINCT kind, source_id, id FROM ((FROM names_now EXCEPT FROM names_seen) UNION ALL
      (FROM names_seen EXCEPT FROM names_now))"""
_WORKED_ON = """
    INSERT INTO dirty_conversations
    SELECT c.source_id, c.conversation_id FROM conversations c JOIN renamed n ON n.source_id = c.source_id
      AND n.id = CASE n.kind WHEN 'team' THEN c.team_id ELSE c.assignee_id END
    UNION
    SELECT e.source_id, e.conversation_id FROM conversation_events e JOIN renamed n ON n.source_id = e.source_id
      AND ((n.kind = 'team' AND e.field = 'team' AND n.id IN (e.old_value, e.new_value))
        OR (n.kind = 'person' AND e.field = 'assignee' AND n.id IN (e.old_value, e.new_value))
        OR (n.kind = 'person' AND e.field = 'status' AND n.id = e.actor_id))
    UNION
    SELECT m.source_id, m.conversation_id FROM messages m JOIN renamed n ON n.source_id = m.source_id
      AND n.kind = 'person' AND n.id = m.author_id WHERE m.author_role = 'agent'
    UNION
    SELECT r.source_id, r.conversation_id FROM csat r JOIN renamed n ON n.source_id = r.source_id
      AND n.id = CASE n.kind WHEN 'team' THEN r.team_id ELSE r.agent_id END"""


def mark_renamed(writer: Writer) -> None:
    """Mark conversations whose facts show an old name as dirty. Call inside a transaction."""
    mark = writer.query(_FINGERPRINT)["mark"][0].as_py()
    if recall(writer, KEY) == mark:
        return
    writer.execute(_REQUESTERS)
    writer.execute(_NAMES)
    writer.execute(_RENAMED)
    if writer.query("SELECT EXISTS (FROM renamed) AS any")["any"][0].as_py():
        if writer.query("SELECT EXISTS (FROM conversation_facts) AS any")["any"][0].as_py():
            writer.execute(_WORKED_ON)
        writer.execute("DELETE FROM names_seen")
        writer.execute("INSERT INTO names_seen BY NAME FROM names_now")
    remember(writer, KEY, mark)
