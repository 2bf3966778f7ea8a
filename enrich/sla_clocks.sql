-- Which clocks ran in the conversations of a batch, from when to when. See sla.gather.
-- A solve ends a reply's clock, whoever solved; one that is undone in the same instant ends nothing.

CREATE OR REPLACE TEMP TABLE sla_acts AS
WITH told AS (
  SELECT c, moment, 0 AS is_solve, place, role = 'customer' AS asks, is_thanks
  FROM batch_spoken WHERE role IN ('customer', 'agent') AND isfinite(moment)
  UNION ALL
  SELECT c, moment, 1, place, false, false
  FROM batch_turns WHERE solved AND next_at IS DISTINCT FROM moment
  UNION ALL
  SELECT c, solved_at, 1, 0, false, false FROM batch_begun WHERE solved_at IS NOT NULL)
SELECT *,
  -- How often the customer has had an answer: by an agent's message or a solve, this one included.
  sum((NOT asks)::INTEGER) OVER (
    PARTITION BY c ORDER BY moment, is_solve, place ROWS UNBOUNDED PRECEDING) AS answers
FROM told;

-- A ticket that an agent wrote down in private begins to wait for a reply with the customer's first public message.
CREATE OR REPLACE TEMP TABLE sla_begun AS
WITH words AS (
  SELECT c, arg_min(is_public, place) AS is_public
  FROM batch_messages WHERE role NOT IN ('bot', 'system') AND NOT is_acknowledgement GROUP BY ALL),
asked AS (
  SELECT c, min(moment) AS moment FROM sla_acts WHERE asks GROUP BY ALL),
solved AS (
  SELECT c, list(moment) AS moments FROM sla_acts WHERE is_solve = 1 GROUP BY ALL)
SELECT f.c, f.source_id, f.conversation_id, f.created_at, f.calendar,
  CASE WHEN f.status_now <> 'unknown' THEN f.status_now IN ('solved', 'closed') END AS is_solved,
  CASE WHEN coalesce(w.is_public, true) THEN f.created_at ELSE greatest(f.created_at, a.moment) END AS waits_from,
  -- An empty value must not pass for "from the creation".
  w.is_public = false AND a.moment IS NULL AS nobody_waits,
  coalesce(f.begins_with_agent, false) AS begins_with_agent, coalesce(k.has_agents, false) AS has_agents,
  f.reply_at AS first_reply_at, f.last_solve AS last_solved_at, coalesce(s.moments, []) AS solves
FROM batch_joined f
LEFT JOIN source_abilities k ON k.source_id = f.source_id
LEFT JOIN words w ON w.c = f.c
LEFT JOIN asked a ON a.c = f.c
LEFT JOIN solved s ON s.c = f.c
-- Years that no calendar reaches are mistakes; adding a target to them would leave the range of dates.
WHERE f.created_at BETWEEN TIMESTAMPTZ '1900-01-01' AND TIMESTAMPTZ '9000-01-01';

CREATE OR REPLACE TEMP TABLE sla_clocks AS
WITH first_replies AS (
  SELECT c, 'first_reply' AS sla_metric, waits_from AS started_at, is_solved,
    greatest(waits_from, least(first_reply_at, list_min(list_filter(solves, lambda s: s >= waits_from)))) AS ended_at,
    first_reply_at IS NOT NULL OR len(list_filter(solves, lambda s: s >= waits_from)) > 0 AS has_ended
  FROM sla_begun WHERE has_agents AND NOT begins_with_agent AND NOT coalesce(nobody_waits, false)),
-- After the first answer, each message that is more than thanks and not yet waited for starts a clock of its own.
turns AS (
  SELECT a.c, a.answers, greatest(b.created_at, min(a.moment)) AS started_at,
    any_value(b.is_solved) AS is_solved
  FROM sla_acts a
  JOIN sla_begun b ON b.c = a.c
  WHERE a.asks AND NOT a.is_thanks AND a.answers > 0 AND b.has_agents
  GROUP BY a.c, a.answers, b.created_at),
next_replies AS (
  SELECT t.c, 'next_reply' AS sla_metric, t.started_at, t.is_solved,
    greatest(t.started_at, e.moment) AS ended_at, e.moment IS NOT NULL AS has_ended
  FROM turns t
  LEFT JOIN sla_acts e ON e.c = t.c
    AND NOT e.asks AND e.answers = t.answers + 1),
resolutions AS (
  SELECT c, 'resolution' AS sla_metric, created_at AS started_at, is_solved,
    CASE WHEN is_solved THEN last_solved_at END AS ended_at, is_solved AS has_ended
  FROM sla_begun WHERE is_solved = false OR last_solved_at >= created_at),
told AS (
  SELECT c, sla_metric, started_at, CASE WHEN has_ended THEN ended_at END AS ended_at
  FROM (FROM first_replies UNION ALL BY NAME FROM next_replies UNION ALL BY NAME FROM resolutions)
  -- Solved at an unknown moment, or after the last word without a reopen: nobody waits.
  WHERE has_ended OR NOT coalesce(is_solved, false))
SELECT *, row_number() OVER () AS clock,
  row_number() OVER (PARTITION BY c, sla_metric ORDER BY started_at, ended_at) AS instance_no
FROM told;
