-- From where, and how much longer, each clock must run until its target. Needs batch_worked_in of sla_moments.
-- is_known: whether the calendar knows the hours that passed.
CREATE OR REPLACE TEMP TABLE sla_wanted AS
WITH measured AS (
  SELECT p.need, p.from_at, p.to_at, b.worked_us - a.worked_us AS length_us,
    a.worked_us IS NOT NULL AND (p.to_at IS NULL OR b.worked_us IS NOT NULL) AS is_known
  FROM sla_pieces p
  LEFT JOIN batch_worked_in a ON a.source_id = p.source_id AND a.conversation_id = p.conversation_id
    AND a.calendar IS NOT DISTINCT FROM p.calendar AND a.moment = p.from_at
  LEFT JOIN batch_worked_in b ON b.source_id = p.source_id AND b.conversation_id = p.conversation_id
    AND b.calendar IS NOT DISTINCT FROM p.calendar AND b.moment = p.to_at),
counted AS (
  SELECT *, coalesce(sum(length_us) OVER (
    PARTITION BY need ORDER BY from_at ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING), 0) AS before_us
  FROM measured),
found AS (
  SELECT c.need, bool_and(c.is_known) AS is_known, coalesce(sum(c.length_us), 0) AS passed_us,
    min({'at': c.from_at, 'before_us': c.before_us}) FILTER (
      c.to_at IS NULL OR c.before_us + c.length_us >= n.target_us) AS reached
  FROM counted c JOIN sla_needs n ON n.need = c.need
  GROUP BY c.need)
SELECT n.source_id, n.conversation_id, n.need AS id, n.calendar, coalesce(f.is_known, true) AS is_known,
  -- A clock that ended before its target: when it would have been due, had it run on.
  coalesce(f.reached['at'], n.ended_at) AS start_at,
  (n.target_us - coalesce(f.reached['before_us'], f.passed_us, 0))::BIGINT AS needed_us
FROM sla_needs n
LEFT JOIN found f ON f.need = n.need
WHERE n.target_no IS NOT NULL;
