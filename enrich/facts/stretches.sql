-- The rows that have more than one a conversation: open stretches, replies, solves. Written after the facts.

DELETE FROM open_spans s USING batch b
WHERE b.source_id = s.source_id AND b.conversation_id = s.conversation_id;
DELETE FROM replies r USING batch b
WHERE b.source_id = r.source_id AND b.conversation_id = r.conversation_id;
DELETE FROM solves s USING batch b
WHERE b.source_id = s.source_id AND b.conversation_id = s.conversation_id;

-- A stretch goes on as long as nothing changes; one that ends as it begins is none.
INSERT INTO open_spans BY NAME
SELECT source_id, conversation_id,
  row_number() OVER (PARTITION BY c ORDER BY opened_at) AS span_no,
  opened_at, timezone(':zone', opened_at) AS opened_local, closed_at, timezone(':zone', closed_at) AS closed_local,
  status, team, agent, priority, created_local, last_activity_local, last_customer_local, is_counted, excluded_because
FROM (
  SELECT c, from_at AS opened_at, status, team, agent, priority,
    lead(from_at) OVER (PARTITION BY c ORDER BY from_at) AS closed_at
  FROM (
    FROM batch_timeline
    QUALIFY row(status, team, agent, priority) IS DISTINCT FROM lag(row(status, team, agent, priority)) OVER (
      PARTITION BY c ORDER BY from_at)))
JOIN batch_told USING (c)
WHERE status IN ('new', 'open', 'pending', 'hold') AND excluded_because IS DISTINCT FROM 'deleted';

INSERT INTO replies BY NAME
SELECT t.source_id, t.conversation_id,
  row_number() OVER (PARTITION BY r.c ORDER BY r.place) AS reply_no,
  r.moment AS replied_at, timezone(':zone', r.moment) AS replied_local, r.agent, h.team, h.priority,
  :agent_hour AS agent_hour, r.is_reply,
  r.asked_at, (epoch_us(r.moment) - epoch_us(r.asked_at)) // 1000000 AS waited_s,
  (b.worked_us - a.worked_us) // 1000000 AS waited_business_s, t.is_counted, t.excluded_because
FROM batch_replies r
JOIN batch_told t ON t.c = r.c
LEFT JOIN batch_held h ON h.c = r.c
  AND h.kind = 'reply' AND h.no = r.place
LEFT JOIN batch_clock a ON a.c = r.c
  AND a.moment = r.asked_at
LEFT JOIN batch_clock b ON b.c = r.c AND b.moment = r.moment
WHERE r.is_reply OR r.asked_at IS NOT NULL
-- In order of time: numbers of a period then read few blocks, and count an hour's replies side by side.
ORDER BY r.moment;

INSERT INTO solves BY NAME
SELECT t.source_id, t.conversation_id, s.solve_no, s.solved_at, timezone(':zone', s.solved_at) AS solved_local,
  coalesce(s.solver, h.agent) AS agent, h.team, h.priority,
  s.reopened_at, timezone(':zone', s.reopened_at) AS reopened_local, s.by_thanks AS reopened_by_thanks,
  t.is_counted, t.excluded_because
FROM batch_solved s
JOIN batch_told t ON t.c = s.c
LEFT JOIN batch_held h ON h.c = s.c
  AND h.kind = 'solve' AND h.no = s.solve_no;
