-- Stretches of each clock in which it runs; adjoining ones are one. An open to_at: it runs on.
CREATE OR REPLACE TEMP TABLE sla_pieces AS
WITH parts AS (
  SELECT n.need, n.source_id, n.conversation_id, n.calendar, n.ended_at, greatest(t.from_at, n.started_at) AS from_at,
    coalesce(list_contains(n.pause, t.status), false) AS stands
  FROM sla_needs n
  JOIN batch_timeline t ON t.c = n.c
    AND (t.to_at IS NULL OR t.to_at > n.started_at) AND (n.ended_at IS NULL OR t.from_at < n.ended_at)
  WHERE n.target_no IS NOT NULL AND len(n.pause) > 0
  UNION ALL
  SELECT need, source_id, conversation_id, calendar, ended_at, started_at, false
  FROM sla_needs WHERE target_no IS NOT NULL AND len(pause) = 0),
changed AS (
  FROM parts QUALIFY stands IS DISTINCT FROM lag(stands) OVER (PARTITION BY need ORDER BY from_at)),
ended AS (
  SELECT *, coalesce(lead(from_at) OVER (PARTITION BY need ORDER BY from_at), ended_at) AS to_at FROM changed)
SELECT need, source_id, conversation_id, calendar, from_at, to_at FROM ended WHERE NOT stands;

CREATE OR REPLACE TEMP TABLE sla_moments AS
SELECT source_id, conversation_id, calendar, from_at AS moment FROM sla_pieces
UNION SELECT source_id, conversation_id, calendar, to_at FROM sla_pieces WHERE to_at IS NOT NULL;
