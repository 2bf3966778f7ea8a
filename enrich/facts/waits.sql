-- Working time between two moments, and how long a conversation was in which status. Needs `batch_worked`.

CREATE OR REPLACE TEMP TABLE batch_clock AS
SELECT b.c, w.moment, w.worked_us
FROM batch_worked w JOIN batch b ON b.source_id = w.source_id AND b.conversation_id = w.conversation_id;

CREATE OR REPLACE TEMP TABLE batch_waits AS
WITH lengths AS (
  -- The running stretch never counts: it is 0 long, so that one that was solved at once waited 0 s.
  SELECT t.c, t.status, epoch_us(t.to_at) - epoch_us(t.from_at) AS us,
    CASE WHEN t.to_at IS NULL THEN a.worked_us - a.worked_us ELSE b.worked_us - a.worked_us END AS business_us
  FROM batch_timeline t
  LEFT JOIN batch_clock a ON a.c = t.c AND a.moment = t.from_at
  LEFT JOIN batch_clock b ON b.c = t.c AND b.moment = t.to_at)
SELECT c,
  coalesce(sum(us) FILTER (status IN ('new', 'open', 'hold')), 0) // 1000000 AS requester_wait_s,
  coalesce(sum(us) FILTER (status IN ('new', 'open')), 0) // 1000000 AS agent_work_s,
  coalesce(sum(us) FILTER (status = 'pending'), 0) // 1000000 AS agent_wait_s,
  coalesce(sum(us) FILTER (status = 'hold'), 0) // 1000000 AS on_hold_s,
  count(business_us) = count(*) AS has_hours,  -- a part that is not known makes the sum so
  coalesce(sum(business_us) FILTER (status IN ('new', 'open', 'hold')), 0) // 1000000 AS requester_wait_business_s,
  coalesce(sum(business_us) FILTER (status IN ('new', 'open')), 0) // 1000000 AS agent_work_business_s,
  coalesce(sum(business_us) FILTER (status = 'pending'), 0) // 1000000 AS agent_wait_business_s,
  coalesce(sum(business_us) FILTER (status = 'hold'), 0) // 1000000 AS on_hold_business_s
FROM lengths GROUP BY ALL;

-- From creation to first reply, first and last solve; from the last reopen to the reply after it.
CREATE OR REPLACE TEMP TABLE batch_pairs AS
SELECT 'first_reply' AS kind, c.c, c.created_at AS starts, f.moment AS ends
FROM batch_conversations c
JOIN batch_first_replies f ON f.c = c.c
UNION ALL
SELECT CASE WHEN s.solve_no = 1 THEN 'first_solve' ELSE 'later_solve' END, c.c,
  c.created_at, s.solved_at
FROM batch_conversations c
JOIN batch_solved s ON s.c = c.c
UNION ALL
SELECT 'reopened_reply', c, reopened_at, moment FROM batch_reopened_replies;

CREATE OR REPLACE TEMP TABLE batch_single_pairs AS
SELECT b.source_id, b.conversation_id, p.starts AS start, p.ends AS "end"
FROM batch_pairs p JOIN batch b ON b.c = p.c;
