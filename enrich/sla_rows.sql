-- The rows of sla_instances for the conversations of a batch.

DELETE FROM sla_instances s USING batch b
WHERE b.source_id = s.source_id AND b.conversation_id = s.conversation_id;

INSERT INTO sla_instances BY NAME
SELECT n.* EXCLUDE (c, is_lost),
  CASE WHEN f.excluded_because IN ('merged', 'deleted', 'spam') THEN f.excluded_because
       WHEN n.is_lost THEN 'policy' END AS cancelled_because,
  timezone(':zone', n.due_at) AS due_local, timezone(':zone', n.ended_at) AS ended_local,
  timezone(':zone', n.breached_at) AS breached_local, f.is_counted, f.excluded_because
FROM batch_sla n
JOIN batch_told f ON f.c = n.c;
