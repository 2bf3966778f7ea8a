-- Facts of one batch of conversations from messages and the event log.
-- The temporary table `batch` (source_id, conversation_id) says which; `:zone` is the reporting zone.
-- Order inside a conversation: by sequence where the source has one, else by time, then arrival.

CREATE OR REPLACE TEMP TABLE batch_messages AS
SELECT m.source_id, m.conversation_id, m.message_id, m.created_at, m.author_id, m.author_name,
  coalesce(m.author_role, 'unknown') AS role,
  coalesce(m.is_public, true) AND coalesce(m.kind, 'message') IN ('message', 'voice') AS is_public,
  a.message_id IS NOT NULL AS is_acknowledgement,
  row_number() OVER (
    PARTITION BY m.source_id, m.conversation_id ORDER BY m.seq, m.created_at, m.message_id) AS place
FROM messages m
SEMI JOIN batch b ON b.source_id = m.source_id AND b.conversation_id = m.conversation_id
LEFT JOIN acknowledgements a ON a.source_id = m.source_id AND a.message_id = m.message_id
WHERE NOT coalesce(m.is_deleted, false) AND coalesce(m.kind, 'message') <> 'event';

CREATE OR REPLACE TEMP TABLE batch_conversations AS
SELECT c.* REPLACE (
    coalesce(c.created_at, m.first_at) AS created_at,
    -- DuckDB text like 'EN-us' or 'de' becomes its two-letter code; other words are kept as they came.
    CASE WHEN regexp_full_match(lower(c.language), '[a-z]{2}([-_].*)?') THEN left(lower(c.language), 2)
         ELSE lower(nullif(c.language, '')) END AS language),
  m.message_count AS messages, m.last_at, m.roles_known
FROM conversations c
SEMI JOIN batch b ON b.source_id = c.source_id AND b.conversation_id = c.conversation_id
LEFT JOIN (
  SELECT source_id, conversation_id, min(created_at) AS first_at, max(created_at) AS last_at,
    count(*) AS message_count, bool_or(role IN ('customer', 'agent')) AS roles_known
  FROM batch_messages GROUP BY ALL) m
ON m.source_id = c.source_id AND m.conversation_id = c.conversation_id;

-- Status history: an instant before the one before it (a clock that ran backwards) is moved up to it.
CREATE OR REPLACE TEMP TABLE batch_statuses AS
SELECT source_id, conversation_id, place, status, is_derived,
  greatest(created_at, max(occurred_at) OVER (
    PARTITION BY source_id, conversation_id ORDER BY place ROWS UNBOUNDED PRECEDING)) AS moment,
  status IN ('solved', 'closed') AS solved
FROM (
  SELECT e.source_id, e.conversation_id, lower(e.new_value) AS status, e.occurred_at, c.created_at,
    coalesce(e.is_derived, false) AS is_derived,
    row_number() OVER (
      PARTITION BY e.source_id, e.conversation_id ORDER BY e.seq, e.occurred_at, e.event_id) AS place
  FROM conversation_events e
  JOIN batch_conversations c ON c.source_id = e.source_id AND c.conversation_id = e.conversation_id
  WHERE e.field = 'status' AND NOT coalesce(e.is_deleted, false) AND e.occurred_at IS NOT NULL
    AND lower(e.new_value) IN ('new', 'open', 'pending', 'hold', 'solved', 'closed'));

-- Entries into the solved set and moves out of it (reopens). Before the first event a conversation is new,
-- and repeated statuses change nothing, so the two alternate and begin with a solve.
CREATE OR REPLACE TEMP TABLE batch_turns AS
SELECT source_id, conversation_id, place, moment, solved,
  lag(moment) OVER turns AS previous_at, lead(moment) OVER turns AS next_at
FROM (
  SELECT *, solved <> lag(solved, 1, false) OVER (
    PARTITION BY source_id, conversation_id ORDER BY place) AS is_turn
  FROM batch_statuses)
WHERE is_turn
WINDOW turns AS (PARTITION BY source_id, conversation_id ORDER BY place);

-- A reopen that only brought thanks: every new customer text until the next solve is thanks, and there is one.
CREATE OR REPLACE TEMP TABLE batch_thanks AS
SELECT t.source_id, t.conversation_id, t.place
FROM batch_turns t
JOIN batch_messages m ON m.source_id = t.source_id AND m.conversation_id = t.conversation_id
  AND m.role = 'customer' AND m.is_public
  AND m.created_at > t.previous_at AND (t.next_at IS NULL OR m.created_at <= t.next_at)
JOIN messages body ON body.source_id = m.source_id AND body.message_id = m.message_id
WHERE NOT t.solved
GROUP BY ALL
HAVING bool_and(:is_thanks);

-- Chat: public messages by people belong to one session until 30 minutes of silence or a solve.
CREATE OR REPLACE TEMP TABLE batch_replies AS
WITH spoken AS (
  SELECT m.*, c.channel,
    row_number() OVER (
      PARTITION BY m.source_id, m.conversation_id
      ORDER BY m.role IN ('bot', 'system') OR m.is_acknowledgement, m.place) = 1 AS begins,
    -- A solve lies between two messages when the number of solves before them differs.
    (SELECT count(*) FROM batch_turns t WHERE t.solved AND t.source_id = m.source_id
       AND t.conversation_id = m.conversation_id AND t.moment < m.created_at) AS solves_before
  FROM batch_messages m
  JOIN batch_conversations c ON c.source_id = m.source_id AND c.conversation_id = m.conversation_id
  WHERE m.is_public),
people_only AS (
  SELECT *, created_at - lag(created_at) OVER spoken_order > INTERVAL 30 MINUTE
      OR solves_before <> lag(solves_before) OVER spoken_order AS breaks
  FROM spoken WHERE role NOT IN ('bot', 'system') AND NOT is_acknowledgement
  WINDOW spoken_order AS (PARTITION BY source_id, conversation_id ORDER BY place)),
sessions AS (
  SELECT *, sum(coalesce(breaks, false)::INTEGER) OVER (
    PARTITION BY source_id, conversation_id ORDER BY place ROWS UNBOUNDED PRECEDING) AS session
  FROM people_only)
SELECT source_id, conversation_id,
  coalesce(bool_or(begins AND role = 'agent'), false) AS begins_with_agent,
  CASE WHEN any_value(channel) = 'chat' THEN count(DISTINCT session) FILTER (role = 'agent' AND NOT begins)
       ELSE count(*) FILTER (role = 'agent' AND NOT begins) END AS agent_replies,
  count(*) FILTER (role = 'customer') AS customer_messages
FROM sessions GROUP BY ALL;

CREATE OR REPLACE TEMP TABLE batch_first_replies AS
SELECT m.source_id, m.conversation_id, min(m.created_at) AS moment,
  arg_min(m.author_id, (m.created_at, m.place)) AS author_id,
  arg_min(m.author_name, (m.created_at, m.place)) AS author_name
FROM batch_messages m
JOIN batch_conversations c ON c.source_id = m.source_id AND c.conversation_id = m.conversation_id
WHERE m.role = 'agent' AND m.is_public AND NOT m.is_acknowledgement AND m.created_at >= c.created_at
GROUP BY ALL;

CREATE OR REPLACE TEMP TABLE batch_solves AS
SELECT t.source_id, t.conversation_id,
  min(t.moment) FILTER (t.solved) AS first_solved_at, max(t.moment) FILTER (t.solved) AS last_solved_at,
  count(*) FILTER (NOT t.solved AND k.place IS NULL) AS reopens,
  count(*) FILTER (NOT t.solved) AS reopens_of_any_kind
FROM batch_turns t
LEFT JOIN batch_thanks k
ON k.source_id = t.source_id AND k.conversation_id = t.conversation_id AND k.place = t.place
GROUP BY ALL;

CREATE OR REPLACE TEMP TABLE batch_status_now AS
SELECT source_id, conversation_id, arg_max(status, place) AS status, bool_and(is_derived) AS is_derived
FROM batch_statuses GROUP BY ALL;

CREATE OR REPLACE TEMP TABLE batch_ratings AS
SELECT r.source_id, r.conversation_id,
  arg_max(r.score, (coalesce(r.rated_at, r.updated_at), r.csat_id)) AS score,
  max(coalesce(r.rated_at, r.updated_at)) AS rated_at
FROM csat r
SEMI JOIN batch b ON b.source_id = r.source_id AND b.conversation_id = r.conversation_id
WHERE r.score IS NOT NULL AND coalesce(r.rated_at, r.updated_at) IS NOT NULL AND NOT coalesce(r.is_deleted, false)
GROUP BY ALL;

CREATE OR REPLACE TEMP TABLE batch_tags AS
SELECT t.source_id, t.conversation_id, list_sort(list(DISTINCT t.tag)) AS tags
FROM conversation_tags t
SEMI JOIN batch b ON b.source_id = t.source_id AND b.conversation_id = t.conversation_id
WHERE t.valid_to IS NULL AND t.tag IS NOT NULL AND NOT coalesce(t.is_deleted, false)
GROUP BY ALL;

-- Mood and language of the customer's words; of every public word where nobody knows who is the customer.
-- The mood is the mean of the messages that show any: an order number says nothing about it.
CREATE OR REPLACE TEMP TABLE batch_texts AS
SELECT m.source_id, m.conversation_id,
  coalesce(avg(nullif(e.sentiment_score, 0)), avg(e.sentiment_score)) AS sentiment_score,
  arg_min(e.sentiment_score, m.place) FILTER (e.sentiment_score IS NOT NULL) AS sentiment_start,
  arg_max(e.sentiment_score, m.place) FILTER (e.sentiment_score IS NOT NULL) AS sentiment_end
FROM batch_messages m
JOIN batch_conversations c ON c.source_id = m.source_id AND c.conversation_id = m.conversation_id
JOIN message_enrichment e ON e.source_id = m.source_id AND e.message_id = m.message_id
WHERE m.is_public AND (m.role = 'customer' OR (NOT c.roles_known AND m.role = 'unknown'))
GROUP BY ALL;

CREATE OR REPLACE TEMP TABLE batch_languages AS
SELECT source_id, conversation_id, arg_max(language, (weight, language)) AS language
FROM (
  SELECT m.source_id, m.conversation_id, e.language, sum(e.language_confidence) AS weight
  FROM batch_messages m
  JOIN batch_conversations c ON c.source_id = m.source_id AND c.conversation_id = m.conversation_id
  JOIN message_enrichment e ON e.source_id = m.source_id AND e.message_id = m.message_id
  WHERE e.language IS NOT NULL AND (m.role = 'customer' OR (NOT c.roles_known AND m.role = 'unknown'))
  GROUP BY ALL)
GROUP BY ALL;

-- The last assignee and team that the event log names, for sources whose rows do not say.
CREATE OR REPLACE TEMP TABLE batch_holders AS
SELECT e.source_id, e.conversation_id,
  arg_max(e.new_value, (coalesce(e.seq, 0), e.occurred_at, e.event_id)) FILTER (e.field = 'assignee') AS assignee_id,
  arg_max(e.new_value, (coalesce(e.seq, 0), e.occurred_at, e.event_id)) FILTER (e.field = 'team') AS team_id
FROM conversation_events e
SEMI JOIN batch b ON b.source_id = e.source_id AND b.conversation_id = e.conversation_id
WHERE e.field IN ('assignee', 'team') AND NOT coalesce(e.is_deleted, false)
GROUP BY ALL;

CREATE OR REPLACE TEMP TABLE batch_joined AS
SELECT c.*,
  n.status IS NOT NULL AS has_history,
  coalesce(n.status, c.status, 'unknown') AS status_now,
  coalesce(n.is_derived, true) AS only_derived,
  -- Without events the row's own dates are all there is, and only while the row says solved.
  CASE WHEN n.status IS NOT NULL THEN s.first_solved_at
       WHEN c.status IN ('solved', 'closed')
       THEN if(coalesce(c.first_solved_at, c.last_solved_at, c.closed_at) < c.created_at, c.created_at,
               coalesce(c.first_solved_at, c.last_solved_at, c.closed_at)) END AS first_solve,
  CASE WHEN n.status IS NOT NULL THEN s.last_solved_at
       WHEN c.status IN ('solved', 'closed')
       THEN if(coalesce(c.last_solved_at, c.closed_at, c.first_solved_at) < c.created_at, c.created_at,
               coalesce(c.last_solved_at, c.closed_at, c.first_solved_at)) END AS last_solve,
  s.reopens AS history_reopens, s.reopens_of_any_kind,
  -- Who begins a conversation does not reply to it.
  CASE WHEN NOT coalesce(r.begins_with_agent, false) THEN f.moment END AS reply_at,
  CASE WHEN NOT coalesce(r.begins_with_agent, false)
       THEN coalesce(author.name, f.author_name, author.handle, f.author_id) END AS reply_author,
  r.begins_with_agent, r.agent_replies AS replies, r.customer_messages AS customer_texts,
  coalesce(c.assignee_id, h.assignee_id) AS holder_id, coalesce(c.team_id, h.team_id) AS holding_team_id,
  q.score AS rating, q.rated_at, t.tags AS tag_list,
  x.sentiment_score AS mood, x.sentiment_start AS mood_start, x.sentiment_end AS mood_end,
  coalesce(c.language, l.language) AS spoken
FROM batch_conversations c
LEFT JOIN batch_status_now n ON n.source_id = c.source_id AND n.conversation_id = c.conversation_id
LEFT JOIN batch_solves s ON s.source_id = c.source_id AND s.conversation_id = c.conversation_id
LEFT JOIN batch_first_replies f ON f.source_id = c.source_id AND f.conversation_id = c.conversation_id
LEFT JOIN people author ON author.source_id = f.source_id AND author.person_id = f.author_id
LEFT JOIN batch_replies r ON r.source_id = c.source_id AND r.conversation_id = c.conversation_id
LEFT JOIN batch_holders h ON h.source_id = c.source_id AND h.conversation_id = c.conversation_id
LEFT JOIN batch_ratings q ON q.source_id = c.source_id AND q.conversation_id = c.conversation_id
LEFT JOIN batch_tags t ON t.source_id = c.source_id AND t.conversation_id = c.conversation_id
LEFT JOIN batch_texts x ON x.source_id = c.source_id AND x.conversation_id = c.conversation_id
LEFT JOIN batch_languages l ON l.source_id = c.source_id AND l.conversation_id = c.conversation_id;

DELETE FROM conversation_facts f USING batch b
WHERE b.source_id = f.source_id AND b.conversation_id = f.conversation_id;

INSERT INTO conversation_facts BY NAME
SELECT j.source_id, j.conversation_id, :version AS facts_version,
  j.subject, j.channel, j.status_now AS status, j.priority, j.type, j.product, j.brand, j.spoken AS language,
  coalesce(team.name, j.holding_team_id) AS team,
  coalesce(agent.name, agent.handle, j.holder_id) AS agent,
  j.requester_id, coalesce(linked.name, requester.name, requester.handle, j.requester_id) AS requester,
  coalesce(org.name, j.organization_id, requester.organization_id) AS organization,
  coalesce(j.tag_list, []) AS tags,
  j.created_at, timezone(':zone', j.created_at) AS created_local,
  coalesce(greatest(j.last_at, j.last_solve), j.last_message_at, j.updated_at, j.created_at) AS last_activity_at,
  timezone(':zone', last_activity_at) AS last_activity_local,
  j.reply_at AS first_reply_at, timezone(':zone', j.reply_at) AS first_reply_local,
  (epoch_us(j.reply_at) - epoch_us(j.created_at)) // 1000000 AS first_reply_s,
  j.reply_author AS first_reply_agent,
  j.first_solve AS first_solved_at, timezone(':zone', j.first_solve) AS first_solved_local,
  (epoch_us(j.first_solve) - epoch_us(j.created_at)) // 1000000 AS first_resolution_s,
  j.last_solve AS last_solved_at, timezone(':zone', j.last_solve) AS last_solved_local,
  CASE WHEN j.status_now IN ('solved', 'closed')
       THEN (epoch_us(j.last_solve) - epoch_us(j.created_at)) // 1000000 END AS full_resolution_s,
  -- A history that is only a resolution date cannot show reopens; one that was read off rows can.
  CASE WHEN NOT k.has_history THEN NULL
       WHEN j.has_history AND j.only_derived AND coalesce(j.reopens_of_any_kind, 0) = 0 THEN NULL
       WHEN j.has_history THEN coalesce(j.history_reopens, 0)
       WHEN j.status_now IN ('new', 'open', 'pending', 'hold') AND k.exact_history THEN 0 END AS reopens,
  CASE WHEN k.has_agents THEN coalesce(j.replies, 0) END AS agent_replies,
  CASE WHEN k.has_roles THEN coalesce(j.customer_texts, 0) END AS customer_messages,
  CASE WHEN k.has_messages THEN coalesce(j.messages, 0) ELSE j.message_count END AS message_count,
  CASE WHEN j.status_now <> 'unknown' THEN j.status_now IN ('solved', 'closed') END AS is_solved,
  coalesce(j.is_outbound, false) OR coalesce(j.begins_with_agent, false) AS is_outbound,
  CASE WHEN coalesce(j.is_deleted, false) OR j.status = 'deleted' THEN 'deleted'
       WHEN j.merged_into IS NOT NULL THEN 'merged'
       WHEN j.is_spam THEN 'spam'
       WHEN j.is_test THEN 'test'
       WHEN j.is_automatic THEN 'automatic'
       WHEN copy.original_id IS NOT NULL THEN 'duplicate'
       WHEN coalesce(j.is_outbound, false) OR coalesce(j.begins_with_agent, false) THEN 'outbound'
       END AS excluded_because,
  excluded_because IS NULL AS is_counted,
  j.rating AS csat_score, j.rated_at AS csat_rated_at, timezone(':zone', j.rated_at) AS csat_local,
  j.mood AS sentiment_score, j.mood_start AS sentiment_start, j.mood_end AS sentiment_end,
  CASE WHEN j.mood IS NULL THEN NULL WHEN j.mood <= :negative THEN 'negative'
       WHEN j.mood >= :positive THEN 'positive' ELSE 'neutral' END AS sentiment,
  topic.topic_id, topic.label AS topic:attributes
FROM batch_joined j
JOIN source_abilities k ON k.source_id = j.source_id
LEFT JOIN teams team ON team.source_id = j.source_id AND team.team_id = j.holding_team_id
LEFT JOIN people agent ON agent.source_id = j.source_id AND agent.person_id = j.holder_id
LEFT JOIN people requester ON requester.source_id = j.source_id AND requester.person_id = j.requester_id
LEFT JOIN linked_people linked ON linked.source_id = j.source_id AND linked.person_id = j.requester_id
LEFT JOIN organizations org ON org.source_id = j.source_id
  AND org.organization_id = coalesce(j.organization_id, requester.organization_id)
LEFT JOIN conversation_copies copy ON copy.source_id = j.source_id AND copy.conversation_id = j.conversation_id
LEFT JOIN conversation_topics ct ON ct.source_id = j.source_id AND ct.conversation_id = j.conversation_id
LEFT JOIN topics topic ON topic.topic_version = ct.topic_version AND topic.topic_id = ct.topic_id
:attribute_join;

DELETE FROM open_spans s USING batch b
WHERE b.source_id = s.source_id AND b.conversation_id = s.conversation_id;

-- Stretches run from the creation or a reopen to the next solve; one that ends as it begins is none.
INSERT INTO open_spans BY NAME
SELECT source_id, conversation_id,
  row_number() OVER (PARTITION BY source_id, conversation_id ORDER BY opened_at, closed_at) AS span_no,
  opened_at, timezone(':zone', opened_at) AS opened_local,
  closed_at, timezone(':zone', closed_at) AS closed_local
FROM (
  SELECT source_id, conversation_id, created_at AS opened_at,
    CASE WHEN has_history THEN first_solve ELSE last_solve END AS closed_at
  FROM batch_joined
  WHERE NOT coalesce(is_deleted, false) AND status_now NOT IN ('unknown', 'deleted')
    -- Solved at an unknown moment: no honest stretch can be drawn.
    AND (has_history OR status_now NOT IN ('solved', 'closed') OR last_solve IS NOT NULL)
  UNION ALL
  SELECT t.source_id, t.conversation_id, t.moment, t.next_at
  FROM batch_turns t
  JOIN batch_joined j ON j.source_id = t.source_id AND j.conversation_id = t.conversation_id
  WHERE NOT t.solved AND NOT coalesce(j.is_deleted, false) AND j.status_now <> 'deleted')
WHERE opened_at IS NOT NULL AND (closed_at IS NULL OR closed_at > opened_at);
