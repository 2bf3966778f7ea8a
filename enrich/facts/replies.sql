-- Who answered whom. Human public messages only: bots, the system and acknowledgements are nobody's turn.

CREATE OR REPLACE TEMP TABLE batch_spoken AS
WITH public_words AS (
  SELECT m.*, coalesce(e.is_thanks, false) AS is_thanks,
    row_number() OVER (
      PARTITION BY m.c
      ORDER BY m.role IN ('bot', 'system') OR m.is_acknowledgement, m.place) = 1 AS begins
  FROM batch_messages m
  LEFT JOIN message_enrichment e ON e.source_id = m.source_id AND e.message_id = m.message_id
  WHERE m.is_public),
-- A solve lies between two messages when the number of solves before them differs.
solves_before AS (
  SELECT m.c, m.place, count(*) AS n
  FROM public_words m
  JOIN batch_turns t ON t.c = m.c
    AND t.solved AND t.moment < m.moment
  GROUP BY ALL),
people_only AS (
  SELECT m.*, m.moment - lag(m.moment) OVER spoken_order > to_minutes(:chat_silence_min)
      OR coalesce(s.n, 0) <> lag(coalesce(s.n, 0)) OVER spoken_order AS breaks
  FROM public_words m
  LEFT JOIN solves_before s ON s.c = m.c AND s.place = m.place
  WHERE m.role NOT IN ('bot', 'system') AND NOT m.is_acknowledgement
  WINDOW spoken_order AS (PARTITION BY m.c ORDER BY m.place))
SELECT *,
  -- Chat: messages by people belong to one session until the silence, or a solve.
  sum(coalesce(breaks, false)::INTEGER) OVER so_far AS session,
  -- How often an agent has spoken, this message included: customers between two of them wait for the next.
  sum((role = 'agent')::INTEGER) OVER so_far AS agent_no
FROM people_only
WINDOW so_far AS (PARTITION BY c ORDER BY place ROWS UNBOUNDED PRECEDING);

-- The oldest customer message that is more than thanks, after each time an agent spoke (0: before the first).
CREATE OR REPLACE TEMP TABLE batch_asked AS
SELECT c, agent_no, min(moment) AS asked_at
FROM batch_spoken WHERE role = 'customer' AND (agent_no = 0 OR NOT is_thanks)
GROUP BY ALL;

CREATE OR REPLACE TEMP TABLE batch_replies AS
SELECT s.source_id, s.conversation_id, s.c, s.place, s.moment, s.author_id,
  coalesce(author.name, s.author_name, author.handle, s.author_id) AS agent,
  CASE WHEN c.channel IN (:chat_channels)
       THEN row_number() OVER (PARTITION BY s.c, s.session, s.begins ORDER BY s.place) = 1
       ELSE true END AND NOT s.begins AS is_reply,
  CASE WHEN s.agent_no > 1 THEN a.asked_at END AS asked_at
FROM batch_spoken s
JOIN batch_conversations c ON c.c = s.c
LEFT JOIN batch_asked a ON a.c = s.c
  AND a.agent_no = s.agent_no - 1
LEFT JOIN people author ON author.source_id = s.source_id AND author.person_id = s.author_id
WHERE s.role = 'agent';

CREATE OR REPLACE TEMP TABLE batch_counts AS
WITH spoken AS (
  SELECT any_value(source_id) AS source_id, any_value(conversation_id) AS conversation_id, c,
    coalesce(bool_or(begins AND role = 'agent'), false) AS begins_with_agent,
    count(*) FILTER (role = 'customer') AS customer_messages, max(agent_no) AS agents_spoke,
    max(created_at) FILTER (role = 'customer') AS last_customer_at
  FROM batch_spoken GROUP BY ALL),
replied AS (
  SELECT c, count(*) FILTER (is_reply) AS agent_replies FROM batch_replies GROUP BY ALL)
SELECT s.*, coalesce(r.agent_replies, 0) AS agent_replies, a.asked_at AS waiting_since
FROM spoken s
LEFT JOIN replied r ON r.c = s.c
LEFT JOIN batch_asked a ON a.c = s.c
  AND a.agent_no = s.agents_spoke;

-- The first reply is the earliest by time, whatever the sequence says; the second one is Zendesk's for outbound.
CREATE OR REPLACE TEMP TABLE batch_first_replies AS
SELECT m.c, min(m.created_at) AS moment, min(m.created_at, 2)[2] AS second_at,
  arg_min(m.author_id, (m.created_at, m.place)) AS author_id,
  arg_min(m.author_name, (m.created_at, m.place)) AS author_name
FROM batch_messages m
JOIN batch_conversations c ON c.c = m.c
WHERE m.role = 'agent' AND m.is_public AND NOT m.is_acknowledgement AND m.created_at >= c.created_at
GROUP BY ALL;

-- The first reply after the last reopen that was more than thanks.
CREATE OR REPLACE TEMP TABLE batch_reopened_replies AS
WITH reopened AS (
  SELECT t.c, max(t.moment) AS reopened_at
  FROM batch_turns t
  ANTI JOIN batch_thanks k ON k.c = t.c AND k.place = t.place
  WHERE NOT t.solved GROUP BY ALL)
SELECT r.c, any_value(o.reopened_at) AS reopened_at, min(r.moment) AS moment,
  arg_min(r.agent, r.place) AS agent
FROM batch_replies r
JOIN reopened o ON o.c = r.c AND r.moment >= o.reopened_at
GROUP BY ALL;

-- Bots: what they said in public beyond acknowledgements, and whether a person took over afterwards.
CREATE OR REPLACE TEMP TABLE batch_bots AS
SELECT c, count(*) FILTER (role = 'bot') AS bot_messages,
  coalesce(min(place) FILTER (role = 'bot') < max(place) FILTER (role = 'agent'), false) AS bot_handoff
FROM batch_messages WHERE is_public AND NOT is_acknowledgement GROUP BY ALL;

-- Estimated work on chat: the time between an agent's message and the one before it, at most 15 minutes.
CREATE OR REPLACE TEMP TABLE batch_gaps AS
SELECT c,
  sum(least(gap_us, 900000000)) FILTER (role = 'agent') // 1000000 AS gaps_s
FROM (
  SELECT c, role,
    epoch_us(moment) - epoch_us(lag(moment) OVER (PARTITION BY c ORDER BY place)) AS gap_us
  FROM batch_spoken)
GROUP BY ALL;
