-- One row a clock: its last target, when that is due, and since when one was missed. Needs batch_due of sla_wanted.

CREATE OR REPLACE TEMP TABLE batch_sla AS
WITH applied AS (
  SELECT n.*, w.is_known,
    -- A target is not due before it holds; greatest() would take an empty value for nothing at all.
    CASE WHEN d.due_at IS NOT NULL THEN greatest(d.due_at, n.from_at) END AS due_at
  FROM sla_needs n
  LEFT JOIN sla_wanted w ON w.id = n.need
  LEFT JOIN batch_due d ON d.id = n.need),
judged AS (
  SELECT *, CASE WHEN due_at < least(to_at, ended_at) THEN due_at END AS passed_at FROM applied),
-- The last target counts, or the last there was before the conversation lost its policy.
clocks AS (
  SELECT clock, min(passed_at) AS breached_at, arg_max(target_no IS NULL, from_at) AS is_lost,
    max_by({'need': need}, from_at) FILTER (target_no IS NOT NULL) AS last,
    bool_and(is_known) AS is_known
  FROM judged GROUP BY clock),
told AS (
  SELECT n.c, n.source_id, n.conversation_id, n.sla_metric, n.instance_no, n.policy, n.priority AS target_priority,
    n.target_us // 1000000 AS target_s, n.calendar, n.started_at, n.due_at, n.ended_at, k.breached_at,
    k.is_lost AND k.breached_at IS NULL AS is_lost,
    coalesce(n.ended_at, n.due_at, TIMESTAMPTZ 'infinity') AS settled_at
  FROM clocks k
  JOIN judged n ON n.need = k.last['need']
  WHERE k.is_known)
SELECT n.* EXCLUDE (target_priority, settled_at), coalesce(n.target_priority, t.priority) AS priority, t.agent, t.team
FROM told n
JOIN batch_timeline t ON t.c = n.c
  AND n.settled_at >= t.from_at AND (t.to_at IS NULL OR n.settled_at < t.to_at);
