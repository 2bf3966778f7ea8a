-- The moments that numbers are attributed to, and who held the conversation then.

CREATE OR REPLACE TEMP TABLE batch_solved AS
SELECT t.c, row_number() OVER (
    PARTITION BY t.c ORDER BY t.place) AS solve_no,
  t.moment AS solved_at, t.next_at AS reopened_at,
  CASE WHEN t.next_at IS NOT NULL THEN k.place IS NOT NULL END AS by_thanks,
  CASE WHEN t.actor_role = 'agent' THEN coalesce(solver.name, solver.handle, t.actor_id) END AS solver
FROM batch_turns t
LEFT JOIN batch_turns u ON u.c = t.c
  AND u.previous_place = t.place
LEFT JOIN batch_thanks k ON k.c = t.c AND k.place = u.place
LEFT JOIN people solver ON solver.source_id = t.source_id AND solver.person_id = t.actor_id
WHERE t.solved
UNION ALL
SELECT c, 1, solved_at, NULL, NULL, NULL FROM batch_begun WHERE solved_at IS NOT NULL;

CREATE OR REPLACE TEMP TABLE batch_moments AS
SELECT 'created' AS kind, c, 0 AS no, created_at AS moment
FROM batch_conversations WHERE created_at IS NOT NULL
UNION ALL SELECT 'first_reply', c, 0, moment FROM batch_first_replies
UNION ALL SELECT 'reopened_reply', c, 0, moment FROM batch_reopened_replies
UNION ALL SELECT 'rating', c, 0, rated_at FROM batch_ratings WHERE rated_at IS NOT NULL
UNION ALL SELECT 'solve', c, solve_no, solved_at FROM batch_solved
UNION ALL SELECT 'reply', c, place, moment FROM batch_replies;

-- A plain join: an ASOF join takes minutes where there are many conversations with a few rows each.
CREATE OR REPLACE TEMP TABLE batch_held AS
SELECT m.kind, m.c, m.no, t.team, t.agent, t.priority
FROM batch_moments m
JOIN batch_timeline t ON t.c = m.c
  AND m.moment >= t.from_at AND (t.to_at IS NULL OR m.moment < t.to_at);

-- Every instant at which working time is read.
CREATE OR REPLACE TEMP TABLE batch_instants AS
SELECT b.source_id, b.conversation_id, i.c, i.moment
FROM (
  SELECT c, moment FROM batch_moments WHERE kind <> 'rating'
  UNION SELECT c, reopened_at FROM batch_reopened_replies
  UNION SELECT c, asked_at FROM batch_replies WHERE asked_at IS NOT NULL
  UNION SELECT c, from_at FROM batch_timeline) i
JOIN batch b ON b.c = i.c;
