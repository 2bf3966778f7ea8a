-- The messages and conversations of one batch. The temporary table `batch` (source_id, conversation_id, c) says which;
-- `c` is a number for the conversation, because everything below joins and sorts by it.
-- Order inside a conversation: by sequence where the source has one, else by time, then arrival.
-- `moment` is the time for durations: a clock that ran backwards is moved up to the event before it.
-- The macro `may_be_touched` lets pass whatever can be of the batch: see sieve.lay_sieve.

-- The events of the batch, read once: filters on words would else look at those of all conversations.
CREATE OR REPLACE TEMP TABLE batch_events AS
SELECT b.c, b.source_id, b.conversation_id, e.event_id, e.seq, e.occurred_at, e.field, e.old_value, e.new_value,
  e.actor_id, e.actor_role, coalesce(e.is_derived, false) AS is_derived
FROM conversation_events e
JOIN batch b ON b.source_id = e.source_id AND b.conversation_id = e.conversation_id
WHERE may_be_touched(e.conversation_id) AND NOT coalesce(e.is_deleted, false);

CREATE OR REPLACE TEMP TABLE batch_messages AS
SELECT *, max(created_at) OVER (
  PARTITION BY c ORDER BY place ROWS UNBOUNDED PRECEDING) AS moment
FROM (
  SELECT b.c, m.source_id, m.conversation_id, m.message_id, m.created_at, m.author_id, m.author_name,
    coalesce(m.author_role, 'unknown') AS role,
    :public AS is_public,
    a.message_id IS NOT NULL AS is_acknowledgement,
    row_number() OVER (
      PARTITION BY b.c ORDER BY m.seq, m.created_at, m.message_id) AS place
  FROM messages m
  JOIN batch b ON b.source_id = m.source_id AND b.conversation_id = m.conversation_id
  LEFT JOIN acknowledgements a ON a.source_id = m.source_id AND a.message_id = m.message_id
  WHERE may_be_touched(m.conversation_id) AND NOT coalesce(m.is_deleted, false) AND m.kind IS DISTINCT FROM 'event');

CREATE OR REPLACE TEMP TABLE batch_conversations AS
SELECT b.c, c.* REPLACE (
    coalesce(c.created_at, m.first_at, e.first_at) AS created_at,
    -- Text like 'EN-us' or 'de' becomes its two-letter code; other words are kept as they came.
    CASE WHEN regexp_full_match(lower(c.language), '[a-z]{2}([-_].*)?') THEN left(lower(c.language), 2)
         ELSE lower(nullif(c.language, '')) END AS language),
  m.message_count AS messages, m.last_at, m.roles_known, m.clamped
FROM conversations c
JOIN batch b ON b.source_id = c.source_id AND b.conversation_id = c.conversation_id
LEFT JOIN (
  SELECT c, min(created_at) AS first_at, max(created_at) AS last_at,
    count(*) AS message_count, bool_or(role IN ('customer', 'agent')) AS roles_known,
    count(*) FILTER (created_at < moment) AS clamped
  FROM batch_messages GROUP BY ALL) m
ON m.c = b.c
LEFT JOIN (SELECT c, min(occurred_at) AS first_at FROM batch_events GROUP BY ALL) e
ON e.c = b.c
WHERE may_be_touched(c.conversation_id);
