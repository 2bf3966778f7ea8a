"""Facts hold names. When a person, team or organisation is renamed, the facts that show them are out of date."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from store.writer import Writer

KEY = "names_seen"
_FINGERPRINT = """
    SELECT coalesce(sum(hash(kind, source_id, id, name, handle, organization_id)::HUGEINT), 0)::VARCHAR AS mark FROM (
      SELECT 'person' AS kind, source_id, person_id AS id, name, handle, organization_id FROM people UNION ALL
      SELECT 'team', source_id, team_id, name, NULL, NULL FROM teams UNION ALL
      SELECT 'organization', source_id, organization_id, name, NULL, NULL FROM organizations)"""
_OUT_OF_DATE = """
    INSERT INTO dirty_conversations
    SELECT f.source_id, f.conversation_id
    FROM conversation_facts f
    JOIN conversations c ON c.source_id = f.source_id AND c.conversation_id = f.conversation_id
    LEFT JOIN teams t ON t.source_id = c.source_id AND t.team_id = c.team_id
    LEFT JOIN people a ON a.source_id = c.source_id AND a.person_id = c.assignee_id
    LEFT JOIN people r ON r.source_id = c.source_id AND r.person_id = c.requester_id
    LEFT JOIN linked_people l ON l.source_id = c.source_id AND l.person_id = c.requester_id
    LEFT JOIN organizations o ON o.source_id = c.source_id
      AND o.organization_id = coalesce(c.organization_id, r.organization_id)
    WHERE (c.team_id IS NOT NULL AND f.team IS DISTINCT FROM coalesce(t.name, c.team_id))
      OR (c.assignee_id IS NOT NULL AND f.agent IS DISTINCT FROM coalesce(a.name, a.handle, c.assignee_id))
      OR f.requester IS DISTINCT FROM coalesce(l.name, r.name, r.handle, c.requester_id)
      OR f.organization IS DISTINCT FROM coalesce(o.name, c.organization_id, r.organization_id)
    UNION
    SELECT m.source_id, m.conversation_id
    FROM messages m
    JOIN conversation_facts f ON f.source_id = m.source_id AND f.conversation_id = m.conversation_id
      AND f.first_reply_at = m.created_at
    JOIN people p ON p.source_id = m.source_id AND p.person_id = m.author_id
    WHERE m.author_role = 'agent' AND p.name IS NOT NULL AND p.name <> f.first_reply_agent"""


def mark_renamed(writer: Writer) -> None:
    """Mark conversations whose facts show an old name as dirty. Call inside a transaction."""
    mark = writer.query(_FINGERPRINT)["mark"][0].as_py()
    rows = writer.query("SELECT value FROM settings_kv WHERE key = ?", [KEY])
    if rows.num_rows and rows["value"][0].as_py() == mark:
        return
    writer.execute(_OUT_OF_DATE)
    writer.execute("DELETE FROM settings_kv WHERE key = ?", [KEY])
    writer.execute("INSERT INTO settings_kv (key, value) VALUES (?, ?)", [KEY, mark])
