-- Everything that was found about each conversation of the batch, side by side.

CREATE OR REPLACE TEMP TABLE batch_joined AS
SELECT c.*,
  n.status IS NOT NULL AS has_history,
  coalesce(n.status, c.status, 'unknown') AS status_now,
  coalesce(n.is_derived, true) AS only_derived,
  coalesce(NOT n.is_derived AND n.status IN ('solved', 'closed'), false) AS counts_waits, n.ever_waited, n.last_at AS status_at,
  -- Without events the row's own dates are all there is, and only while the row says solved.
  CASE WHEN n.status IS NOT NULL THEN s.first_solved_at
       WHEN g.solved_at IS NOT NULL THEN greatest(c.created_at,
         coalesce(c.first_solved_at, c.last_solved_at, c.closed_at)) END AS first_solve,
  CASE WHEN n.status IS NOT NULL THEN s.last_solved_at ELSE g.solved_at END AS last_solve,
  s.first_reopened_at, s.reopens AS history_reopens, s.thanks AS history_thanks,
  coalesce(s.reopens, 0) + coalesce(s.thanks, 0) AS reopens_of_any_kind, s.solves,
  -- Who begins a conversation does not reply to it.
  CASE WHEN NOT coalesce(r.begins_with_agent, false) THEN f.moment END AS reply_at,
  CASE WHEN coalesce(r.begins_with_agent, false) THEN f.second_at ELSE f.moment END AS zendesk_reply_at,
  coalesce(author.name, f.author_name, author.handle, f.author_id) AS reply_author,
  r.begins_with_agent, r.agent_replies AS replies, r.customer_messages AS customer_texts, r.last_customer_at,
  r.waiting_since, w.bot_messages, w.bot_handoff, p.gaps_s, u.tracked_s,
  h.team AS team_now, h.agent AS agent_now, g.clamped + coalesce(c.clamped, 0) AS clamped_events,
  q.* EXCLUDE (c), t.tags AS tag_list,
  x.sentiment_score AS mood, x.sentiment_start AS mood_start, x.sentiment_end AS mood_end,
  coalesce(c.language, l.language) AS spoken, z.calendar
FROM (SELECT c, source_id, conversation_id FROM batch_conversations) o  -- the other columns are not carried along
LEFT JOIN batch_begun g ON g.c = o.c
LEFT JOIN batch_status_now n ON n.c = o.c
LEFT JOIN (
  SELECT c, min(solved_at) AS first_solved_at, max(solved_at) AS last_solved_at,
    min(reopened_at) FILTER (NOT by_thanks) AS first_reopened_at, count(*) AS solves,
    count(*) FILTER (NOT by_thanks) AS reopens, count(*) FILTER (by_thanks) AS thanks
  FROM batch_solved GROUP BY ALL) s ON s.c = o.c
LEFT JOIN batch_first_replies f ON f.c = o.c
LEFT JOIN people author ON author.source_id = o.source_id AND author.person_id = f.author_id
LEFT JOIN batch_counts r ON r.c = o.c
LEFT JOIN batch_bots w ON w.c = o.c
LEFT JOIN batch_gaps p ON p.c = o.c
LEFT JOIN batch_tracked u ON u.c = o.c
LEFT JOIN (SELECT * FROM batch_timeline WHERE to_at IS NULL) h ON h.c = o.c
LEFT JOIN batch_ratings q ON q.c = o.c
LEFT JOIN batch_tags t ON t.c = o.c
LEFT JOIN batch_texts x ON x.c = o.c
LEFT JOIN batch_languages l ON l.c = o.c
LEFT JOIN (
  SELECT source_id, conversation_id, arg_max(calendar, from_at) AS calendar FROM batch_calendars GROUP BY ALL) z
ON z.source_id = o.source_id AND z.conversation_id = o.conversation_id
JOIN batch_conversations c ON c.c = o.c;
