-- The moments that numbers are attributed to, and who held the conversation then.

CREATE OR REPLACE TEMP TABLE batch_solved AS
SELECT t.source_id, t.conversation_id, row_number() OVER (
    PARTITION BY t.source_id, t.conversation_id ORDER BY t.place) AS solve_no,
  t.moment AS solved_at, t.next_at AS reopened_at,
  CASE WHEN t.next_at IS NOT NULL THEN k.place IS NOT NULL END AS by_thanks,
  CASE WHEN t.actor_role = 'agent' THEN coalesce(solver.name, solver.handle, t.actor_id) END AS solver
FROM batch_turns t
LEFT JOIN batch_turns u ON u.source_id = t.source_id AND u.conversation_id = t.conversation_id
  AND u.previous_place = t.place
LEFT JOIN batch_thanks k ON k.source_id = t.source_id AND k.conversation_id = t.conversation_id AND k.place = u.place
LEFT JOIN people solver ON solver.source_id = t.source_id AND solver.person_id = t.actor_id
WHERE t.solved
UNION ALL
SELECT source_id, conversation_id, 1, solved_at, NULL, NULL, NULL FROM batch_begun WHERE solved_at IS NOT NULL;

CREATE OR REPLACE TEMP TABLE batch_moments AS
SELECT 'created' AS kind, source_id, conversation_id, 0 AS no, created_at AS moment
FROM batch_conversations WHERE created_at IS NOT NULL
UNION ALL SELECT 'first_reply', source_id, conversation_id, 0, moment FROM batch_first_replies
UNION ALL SELECT 'reopened_reply', source_id, conversation_id, 0, moment FROM batch_reopened_replies
UNION ALL SELECT 'rating', source_id, conversation_id, 0, rated_at FROM batch_ratings WHERE rated_at IS NOT NULL
UNION ALL SELECT 'solve', source_id, conversation_id, solve_no, solved_at FROM batch_solved
UNION ALL SELECT 'reply', source_id, conversation_id, place, moment FROM batch_replies;

-- A plain join: an ASOF join takes minutes where there are many conversations with a few rows each.
CREATE OR REPLACE TEMP TABLE batch_held AS
SELECT m.kind, m.source_id, m.conversation_id, m.no, t.team, t.agent, t.priority
FROM batch_moments m
JOIN batch_timeline t ON t.source_id = m.source_id AND t.conversation_id = m.conversation_id
  AND m.moment >= t.from_at AND (t.to_at IS NULL OR m.moment < t.to_at);

-- Every instant at which working time is read.
CREATE OR REPLACE TEMP TABLE batch_instants AS
SELECT source_id, conversation_id, moment FROM batch_moments WHERE kind <> 'rating'
UNION SELECT source_id, conversation_id, reopened_at FROM batch_reopened_replies
UNION SELECT source_id, conversation_id, asked_at FROM batch_replies WHERE asked_at IS NOT NULL
UNION SELECT source_id, conversation_id, from_at FROM batch_timeline;
