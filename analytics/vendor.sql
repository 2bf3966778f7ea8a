-- Every value that a vendor keeps of a conversation beside ours; where they differ, why.
-- Marks (:name) are filled by analytics/vendor_query.py.
-- One row a source, metric and cause: cause NULL counts what was compared and what is equal.

WITH told AS (
  SELECT c.source_id, c.conversation_id, json_transform(c.vendor_metrics, :structure) AS v
  FROM {conversations} c
  WHERE c.vendor_metrics IS NOT NULL AND NOT coalesce(c.is_deleted, false) AND c.status IS DISTINCT FROM 'deleted'
    AND ($1 IS NULL OR c.source_id = $1) :only),
wide AS MATERIALIZED (
  SELECT t.source_id, t.conversation_id, f.excluded_because, try_cast(t.v.updated_at AS TIMESTAMPTZ) AS told_at,
    :values
  FROM told t JOIN {conversation_facts} f ON f.source_id = t.source_id AND f.conversation_id = t.conversation_id),
counts AS (
  SELECT source_id, unnest([:names]) AS metric, unnest([:compared]) AS n, unnest([:equal]) AS equal
  FROM wide GROUP BY source_id),
differing AS MATERIALIZED (
  :differing),
metrics (metric, base, hours, rule, unit_s, moment) AS (VALUES :metrics),
-- One value, which only the vendor counts.
left_out AS (SELECT * FROM differing WHERE same),
seen AS MATERIALIZED (
  SELECT d.*, m.base, m.hours, m.rule, m.unit_s,
    f.created_at, f.is_outbound, f.is_solved, f.channel, f.calendar,
    f.first_reply_at, f.first_solved_at, f.last_solved_at,
    CASE m.moment WHEN 'first_reply_at' THEN f.first_reply_at WHEN 'first_solved_at' THEN f.first_solved_at
      WHEN 'last_solved_at' THEN f.last_solved_at WHEN 'last_status_at' THEN f.last_status_at
      ELSE f.last_activity_at END AS ended_at,
    f.reopens, f.thanks_reopens, f.agent_replies
  FROM differing d
  JOIN metrics m ON m.metric = d.metric
  JOIN {conversation_facts} f ON f.source_id = d.source_id AND f.conversation_id = d.conversation_id
  WHERE NOT d.same),

-- Replies as another rule would count them: bots, acknowledgements, hidden replies, former agents.
asked AS MATERIALIZED (
  SELECT DISTINCT source_id, conversation_id, created_at, channel, is_outbound FROM seen
  WHERE base IN ('reply_time', 'replies')),
acknowledgements AS (
  SELECT source_id, message_id FROM {early_texts}
  WHERE text_hash IN (
    SELECT text_hash FROM {early_texts} GROUP BY text_hash
    HAVING count(DISTINCT (source_id, conversation_id)) >= :acknowledged)),
assignees AS (
  SELECT DISTINCT e.source_id, e.conversation_id, e.new_value AS person_id FROM {conversation_events} e
  SEMI JOIN asked a ON a.source_id = e.source_id AND a.conversation_id = e.conversation_id
  WHERE e.field = 'assignee' AND e.new_value IS NOT NULL AND NOT coalesce(e.is_deleted, false)),
spoken AS MATERIALIZED (
  SELECT m.source_id, m.conversation_id, m.message_id, m.seq, m.created_at, a.created_at AS begun_at, a.channel, a.is_outbound,
    coalesce(m.author_role, 'unknown') AS role, p.person_id IS NOT NULL AS was_assignee,
    :public AS is_public,
    m.source_version > epoch_us(m.created_at) + 1000000 AS was_changed
  FROM {messages} m
  JOIN asked a ON a.source_id = m.source_id AND a.conversation_id = m.conversation_id
  LEFT JOIN assignees p ON p.source_id = m.source_id AND p.conversation_id = m.conversation_id
    AND p.person_id = m.author_id
  WHERE NOT coalesce(m.is_deleted, false) AND coalesce(m.kind, 'message') <> 'event'),
-- `cause` is the rule under which a message is a reply, NULL where it is none under any; the first message never is.
judged AS MATERIALIZED (
  SELECT s.*, CASE
      WHEN s.message_id = b.message_id THEN NULL
      WHEN s.role = 'agent' AND s.is_public AND k.message_id IS NULL THEN 'plain'
      WHEN s.role = 'agent' AND s.is_public THEN 'acknowledgement'
      WHEN s.role = 'bot' AND s.is_public THEN 'bot_reply'
      WHEN s.role = 'customer' AND s.is_public AND s.was_assignee THEN 'former_agent'
      WHEN (s.role = 'agent' OR s.was_assignee) AND NOT s.is_public AND s.was_changed THEN 'restated' END AS cause
  FROM spoken s
  JOIN (
    SELECT source_id, conversation_id, arg_min(message_id, (seq, created_at, message_id)) AS message_id
    FROM spoken GROUP BY ALL) b
  ON b.source_id = s.source_id AND b.conversation_id = s.conversation_id
  LEFT JOIN acknowledgements k ON k.source_id = s.source_id AND k.message_id = s.message_id),
-- Chat: a reply for each session, which ends with silence or a solve.
chat AS (
  SELECT s.*, v.cause AS variant, coalesce(s.cause IN ('plain', v.cause), false) AS is_reply, (
      SELECT count(*) FROM {solves} o WHERE o.source_id = s.source_id AND o.conversation_id = s.conversation_id
        AND o.solved_at < s.created_at) AS solved_before
  FROM judged s
  CROSS JOIN (VALUES ('plain'), ('bot_reply'), ('acknowledgement'), ('former_agent'), ('restated')) v (cause)
  WHERE s.channel IN (:chat_channels)
    AND (s.cause IN ('plain', v.cause) OR (s.is_public AND s.role IN ('customer', 'agent')))),
sessions AS (
  SELECT source_id, conversation_id, variant AS cause, count(DISTINCT session) FILTER (is_reply) AS replies
  FROM (
    SELECT *, sum(coalesce(breaks, false)::INTEGER) OVER (
      PARTITION BY source_id, conversation_id, variant ORDER BY seq, created_at, message_id ROWS UNBOUNDED PRECEDING
    ) AS session
    FROM (
      SELECT *, created_at - lag(created_at) OVER said > to_minutes(:chat_silence_min)
          OR solved_before <> lag(solved_before) OVER said AS breaks
      FROM chat
      WINDOW said AS (
        PARTITION BY source_id, conversation_id, variant ORDER BY seq, created_at, message_id)))
  GROUP BY ALL),
alone AS MATERIALIZED (
  SELECT source_id, conversation_id, cause, any_value(begun_at) AS begun_at, any_value(channel) AS channel,
    any_value(is_outbound) AS is_outbound, min(created_at) FILTER (created_at >= begun_at) AS reply_at,
    count(*) AS messages
  FROM judged WHERE cause IS NOT NULL GROUP BY ALL),
plain AS MATERIALIZED (
  SELECT a.source_id, a.conversation_id, a.created_at AS begun_at, a.channel, a.is_outbound, p.reply_at,
    coalesce(p.messages, 0) AS messages, coalesce(o.messages, 0) AS other_messages, o.cause AS main_cause, o.causes,
    if(a.channel IN (:chat_channels), coalesce(s.replies, 0), coalesce(p.messages, 0)) AS replies
  FROM asked a
  LEFT JOIN alone p ON p.source_id = a.source_id AND p.conversation_id = a.conversation_id AND p.cause = 'plain'
  LEFT JOIN (
    SELECT source_id, conversation_id, sum(messages) AS messages, count(*) AS causes,
      arg_max(cause, (messages, cause)) FILTER (cause <> 'restated') AS cause
    FROM alone WHERE cause <> 'plain' GROUP BY ALL) o
  ON o.source_id = a.source_id AND o.conversation_id = a.conversation_id
  LEFT JOIN sessions s ON s.source_id = a.source_id AND s.conversation_id = a.conversation_id AND s.cause = 'plain'),
-- What the vendor would tell under each rule; one that changes nothing explains nothing.
other_replies AS MATERIALIZED (
  SELECT source_id, conversation_id, 'outbound' AS cause, begun_at, reply_at AS other_at, replies AS other_replies
  FROM plain WHERE is_outbound
  UNION ALL
  SELECT v.source_id, v.conversation_id, v.cause, p.begun_at,
    if(v.reply_at < coalesce(p.reply_at, 'infinity'), v.reply_at, NULL),
    if(p.channel IN (:chat_channels), nullif(s.replies, p.replies), p.messages + v.messages)
  FROM alone v
  JOIN plain p ON p.source_id = v.source_id AND p.conversation_id = v.conversation_id
  LEFT JOIN sessions s ON s.source_id = v.source_id AND s.conversation_id = v.conversation_id AND s.cause = v.cause
  WHERE v.cause NOT IN ('plain', 'restated')
  UNION ALL
  -- Several rules at once: told is the one that adds most.
  SELECT source_id, conversation_id, main_cause, begun_at, NULL, messages + other_messages FROM plain
  WHERE causes > 1 AND main_cause IS NOT NULL AND NOT coalesce(channel IN (:chat_channels), false)
  UNION ALL
  -- Which note was public once is not known: each may have been.
  SELECT h.source_id, h.conversation_id, 'restated', h.begun_at, h.created_at, NULL
  FROM judged h JOIN plain p ON p.source_id = h.source_id AND p.conversation_id = h.conversation_id
  WHERE h.cause = 'restated' AND h.created_at < coalesce(p.reply_at, 'infinity')),

-- Stretches of a status, for waits.
waits (base, status) AS (VALUES :waits),
pieces AS MATERIALIZED (
  SELECT p.source_id, p.conversation_id, w.base, p.from_at, p.to_at
  FROM (
    SELECT *, lead(from_at) OVER (PARTITION BY source_id, conversation_id ORDER BY place) AS to_at
    FROM (FROM (
      SELECT e.source_id, e.conversation_id, lower(e.new_value) AS status, greatest(e.occurred_at, a.created_at) AS from_at,
        row_number() OVER (
          PARTITION BY e.source_id, e.conversation_id ORDER BY e.seq, e.occurred_at, e.event_id) AS place
      FROM {conversation_events} e
      JOIN (SELECT DISTINCT source_id, conversation_id, created_at FROM seen WHERE rule = 'wait') a
      ON a.source_id = e.source_id AND a.conversation_id = e.conversation_id
      WHERE e.field = 'status' AND NOT coalesce(e.is_deleted, false) AND e.occurred_at IS NOT NULL
      UNION ALL
      SELECT DISTINCT source_id, conversation_id, 'new', created_at, 0 FROM seen WHERE rule = 'wait')
    QUALIFY status IS DISTINCT FROM lag(status) OVER (PARTITION BY source_id, conversation_id ORDER BY place))) p
  JOIN waits w ON w.status = p.status
  WHERE p.to_at IS NOT NULL),
waited AS (
  SELECT source_id, conversation_id, base, count(*) AS stretches,
    sum(epoch_us(to_at) - epoch_us(from_at)) // 60000000 AS minutes
  FROM pieces GROUP BY ALL),

-- Business hours as the vendor counts them: a conversation's hours changed, and those at the end count for all.
hours_asked AS MATERIALIZED (
  SELECT DISTINCT source_id, conversation_id, calendar FROM seen WHERE hours = 'business'),
moves AS MATERIALIZED (
  SELECT e.source_id, e.conversation_id, e.at, k.calendar
  FROM (
    SELECT source_id, conversation_id, occurred_at AS at, new_value AS schedule FROM {conversation_events}
    WHERE field = 'schedule' AND NOT coalesce(is_deleted, false)
    UNION ALL
    SELECT source_id, conversation_id, '-infinity'::TIMESTAMPTZ,
      arg_min(coalesce(old_value, new_value), (coalesce(seq, 0), occurred_at, event_id)) FROM {conversation_events}
    WHERE field = 'schedule' AND NOT coalesce(is_deleted, false) GROUP BY ALL) e
  SEMI JOIN hours_asked a ON a.source_id = e.source_id AND a.conversation_id = e.conversation_id
  JOIN {calendars} k ON (k.source_id = e.source_id AND k.schedule_id = e.schedule) OR k.calendar = e.schedule
  WHERE k.is_usable),
moved AS (
  SELECT source_id, conversation_id FROM moves GROUP BY ALL HAVING count(DISTINCT calendar) > 1),
-- `whole` tells spans apart; those without one are stretches of a sum.
spans AS (
  SELECT source_id, conversation_id, 'reply_time.business' AS metric, cause, begun_at AS starts, other_at AS ends,
    other_at AS whole
  FROM other_replies WHERE other_at IS NOT NULL
  UNION ALL
  SELECT s.source_id, s.conversation_id, s.metric, 'schedule_change', s.created_at,
    CASE s.base WHEN 'reply_time' THEN s.first_reply_at WHEN 'first_resolution_time' THEN s.first_solved_at
                ELSE s.last_solved_at END AS ends, ends
  FROM seen s SEMI JOIN moved m ON m.source_id = s.source_id AND m.conversation_id = s.conversation_id
  WHERE s.hours = 'business' AND s.rule = 'end'
  UNION ALL
  SELECT source_id, conversation_id, metric, 'still_open', created_at, last_solved_at, last_solved_at FROM seen
  WHERE metric = 'full_resolution_time.business' AND NOT is_solved AND ours IS NULL
  UNION ALL
  SELECT p.source_id, p.conversation_id, p.base || '.business', 'schedule_change', p.from_at, p.to_at, NULL
  FROM pieces p SEMI JOIN moved m ON m.source_id = p.source_id AND m.conversation_id = p.conversation_id),
placed AS (
  SELECT x.*, coalesce(m.calendar, a.calendar) AS calendar
  FROM spans x
  JOIN hours_asked a ON a.source_id = x.source_id AND a.conversation_id = x.conversation_id
  ASOF LEFT JOIN moves m ON m.source_id = x.source_id AND m.conversation_id = x.conversation_id AND x.ends >= m.at
  WHERE x.starts IS NOT NULL AND x.ends IS NOT NULL),
worked AS (
  SELECT x.source_id, x.conversation_id, x.metric, x.cause, x.whole, sum(
      (b.worked_before_us + epoch_us(least(x.ends, b.ends_at)) - epoch_us(b.starts_at))
      - (a.worked_before_us + epoch_us(least(x.starts, a.ends_at)) - epoch_us(a.starts_at))) // 60000000 AS value
  FROM placed x
  ASOF JOIN {business_hours} a ON a.calendar = x.calendar AND x.starts >= a.starts_at
  ASOF JOIN {business_hours} b ON b.calendar = x.calendar AND x.ends >= b.starts_at
  GROUP BY ALL),

candidates AS (
  SELECT source_id, conversation_id, 'reply_time.calendar' AS metric, cause,
    (epoch_us(other_at) - epoch_us(begun_at)) // 60000000 AS value FROM other_replies
  UNION ALL
  SELECT source_id, conversation_id, 'replies', cause, other_replies FROM other_replies
  UNION ALL
  SELECT source_id, conversation_id, metric, cause, value FROM worked
  UNION ALL
  SELECT source_id, conversation_id, metric, 'thanks_reopen', reopens + thanks_reopens FROM seen
  WHERE metric = 'reopens' AND thanks_reopens > 0
  UNION ALL
  SELECT source_id, conversation_id, metric, 'still_open',
    (epoch_us(last_solved_at) - epoch_us(created_at)) // 60000000
  FROM seen WHERE metric = 'full_resolution_time.calendar' AND NOT is_solved AND ours IS NULL),
causes (cause, rank) AS (VALUES :causes),
found AS (
  SELECT s.source_id, s.conversation_id, s.metric, arg_min(x.cause, c.rank) AS cause
  FROM seen s
  JOIN candidates x ON x.source_id = s.source_id AND x.conversation_id = s.conversation_id AND x.metric = s.metric
    AND x.value = s.theirs
  JOIN causes c ON c.cause = x.cause
  GROUP BY ALL),
eventful AS (
  SELECT DISTINCT e.source_id, e.conversation_id FROM {conversation_events} e
  SEMI JOIN seen s
  ON s.source_id = e.source_id AND s.conversation_id = e.conversation_id
  WHERE NOT coalesce(e.is_derived, false)),
explained AS (
  SELECT s.source_id, s.conversation_id, s.metric, s.theirs, s.ours // s.unit_s AS ours,
    f.cause IS NOT NULL AS is_exact,
    coalesce(f.cause, CASE
      WHEN e.conversation_id IS NULL OR (s.ours IS NULL AND s.rule = 'count') THEN 'no_history'
      WHEN s.ended_at > s.told_at THEN 'restated'
      WHEN s.rule = 'wait' AND s.ours IS NULL AND NOT s.is_solved AND s.theirs <= w.minutes THEN 'still_open'
      WHEN s.base = 'replies' AND s.theirs > r.replies AND s.theirs <= r.messages + r.other_messages
        AND x.cause IS NOT NULL THEN 'restated'
      WHEN s.base = 'replies' AND s.channel IN (:chat_channels) AND s.theirs BETWEEN 1 AND r.messages THEN 'chat_session'
      WHEN s.unit_s > 1 AND abs(s.theirs * s.unit_s - s.ours) < s.unit_s * coalesce(w.stretches, 1) THEN 'rounding'
      WHEN s.calendar_agrees AND (s.theirs IS NULL OR s.ours IS NULL OR k.source_id IS DISTINCT FROM s.source_id)
      THEN 'other_hours'
      WHEN s.calendar_agrees AND h.edited_at > s.ended_at THEN 'restated'
      ELSE 'unexplained' END) AS cause
  FROM seen s
  LEFT JOIN found f ON f.source_id = s.source_id AND f.conversation_id = s.conversation_id AND f.metric = s.metric
  LEFT JOIN eventful e ON e.source_id = s.source_id AND e.conversation_id = s.conversation_id
  LEFT JOIN waited w ON w.source_id = s.source_id AND w.conversation_id = s.conversation_id AND w.base = s.base
  LEFT JOIN plain r ON r.source_id = s.source_id AND r.conversation_id = s.conversation_id
  LEFT JOIN alone x ON x.source_id = s.source_id AND x.conversation_id = s.conversation_id AND x.cause = 'restated'
  LEFT JOIN {calendars} k ON k.calendar = s.calendar
  LEFT JOIN (
    SELECT source_id, schedule_id, make_timestamptz(max(source_version)::BIGINT) AS edited_at FROM {schedules}
    GROUP BY ALL) h
  ON h.source_id = k.source_id AND h.schedule_id = k.schedule_id)
SELECT source_id, metric, NULL AS cause, n, equal, NULL AS examples FROM counts
UNION ALL BY NAME
SELECT source_id, metric, cause, count(*) AS n, count(*) FILTER (is_exact) AS equal,
  arg_min({'conversation_id': conversation_id, 'theirs': theirs, 'ours': ours}, conversation_id, :limit) AS examples
FROM explained GROUP BY source_id, metric, cause
UNION ALL BY NAME
SELECT source_id, metric, coalesce(excluded_because, 'unexplained') AS cause, count(*) AS n, count(*) AS equal,
  arg_min({'conversation_id': conversation_id, 'theirs': theirs, 'ours': theirs}, conversation_id, :limit) AS examples
FROM left_out GROUP BY ALL
