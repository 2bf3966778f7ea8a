-- What the facts of the batch will be: one row a conversation. `:zone` is the reporting zone. Needs `batch_sla`.

CREATE OR REPLACE TEMP TABLE batch_facts AS
SELECT j.c, j.source_id, j.conversation_id, :version AS facts_version,
  CASE WHEN j.status_now <> 'unknown' THEN j.status_now IN ('solved', 'closed') END AS is_solved,
  j.subject, j.channel, j.status_now AS status, j.priority, j.type, j.product, j.brand, j.spoken AS language,
  coalesce(team.name, j.team_id, j.team_now) AS team,
  coalesce(agent.name, agent.handle, j.assignee_id, j.agent_now) AS agent,
  j.requester_id, coalesce(linked.name, requester.name, requester.handle, j.requester_id) AS requester,
  coalesce(org.name, j.organization_id, requester.organization_id) AS organization,
  coalesce(j.tag_list, []) AS tags,
  j.created_at, timezone(':zone', j.created_at) AS created_local,
  at_creation.team AS created_team, at_creation.priority AS created_priority,
  coalesce(greatest(j.last_at, j.last_solve), j.last_message_at, j.updated_at, j.created_at) AS last_activity_at,
  timezone(':zone', last_activity_at) AS last_activity_local,
  j.reply_at AS first_reply_at, timezone(':zone', j.reply_at) AS first_reply_local,
  (epoch_us(j.reply_at) - epoch_us(j.created_at)) // 1000000 AS first_reply_s,
  CASE WHEN j.reply_at IS NOT NULL THEN reply_hours.business_s END AS first_reply_business_s,
  (epoch_us(j.zendesk_reply_at) - epoch_us(j.created_at)) // 1000000 AS first_reply_zendesk_s,
  CASE WHEN j.reply_at IS NOT NULL THEN j.reply_author END AS first_reply_agent,
  CASE WHEN j.reply_at IS NOT NULL THEN at_reply.team END AS first_reply_team,
  CASE WHEN j.reply_at IS NOT NULL THEN at_reply.priority END AS first_reply_priority,
  again.moment AS reopened_reply_at, timezone(':zone', again.moment) AS reopened_reply_local,
  (epoch_us(again.moment) - epoch_us(again.reopened_at)) // 1000000 AS reopened_reply_s,
  again_hours.business_s AS reopened_reply_business_s,
  again.agent AS reopened_reply_agent, at_again.team AS reopened_reply_team,
  at_again.priority AS reopened_reply_priority,
  j.first_solve AS first_solved_at, timezone(':zone', j.first_solve) AS first_solved_local,
  (epoch_us(j.first_solve) - epoch_us(j.created_at)) // 1000000 AS first_resolution_s,
  CASE WHEN first_hours.ends = j.first_solve THEN first_hours.business_s END AS first_resolution_business_s,
  coalesce(first_solve.solver, at_first.agent) AS first_solve_agent, at_first.team AS first_solve_team,
  at_first.priority AS first_solve_priority,
  j.first_reopened_at, timezone(':zone', j.first_reopened_at) AS first_reopened_local,
  (epoch_us(j.first_reopened_at) - epoch_us(j.first_solve)) // 1000000 AS first_reopened_s,
  j.last_solve AS last_solved_at, timezone(':zone', j.last_solve) AS last_solved_local,
  CASE WHEN j.status_now IN ('solved', 'closed')
       THEN (epoch_us(j.last_solve) - epoch_us(j.created_at)) // 1000000 END AS full_resolution_s,
  CASE WHEN j.status_now IN ('solved', 'closed') THEN last_hours.business_s END AS full_resolution_business_s,
  coalesce(last_solve.solver, at_last.agent) AS last_solve_agent, at_last.team AS last_solve_team,
  at_last.priority AS last_solve_priority,
  j.status_at AS last_status_at, timezone(':zone', j.status_at) AS last_status_local,
  CASE WHEN j.counts_waits THEN v.requester_wait_s END AS requester_wait_s,
  CASE WHEN j.counts_waits AND v.has_hours THEN v.requester_wait_business_s END AS requester_wait_business_s,
  CASE WHEN j.counts_waits THEN v.agent_work_s END AS agent_work_s,
  CASE WHEN j.counts_waits AND v.has_hours THEN v.agent_work_business_s END AS agent_work_business_s,
  CASE WHEN j.counts_waits THEN v.agent_wait_s END AS agent_wait_s,
  CASE WHEN j.counts_waits AND v.has_hours THEN v.agent_wait_business_s END AS agent_wait_business_s,
  CASE WHEN j.counts_waits THEN v.on_hold_s END AS on_hold_s,
  CASE WHEN j.counts_waits AND v.has_hours THEN v.on_hold_business_s END AS on_hold_business_s,
  CASE WHEN j.tracked_s IS NOT NULL THEN 'tracked'
       WHEN handling.minutes IS NOT NULL AND j.replies > 0 THEN 'average'
       WHEN j.channel IN (:chat_channels) AND j.gaps_s IS NOT NULL AND j.replies > 0 THEN 'gaps' END AS handling_kind,
  CASE handling_kind WHEN 'tracked' THEN j.tracked_s
       WHEN 'average' THEN round(handling.minutes * 60 * j.replies)::BIGINT
       WHEN 'gaps' THEN j.gaps_s END AS handling_s,
  -- A history that is only a resolution date cannot show reopens; one that was read off rows can.
  CASE WHEN NOT k.has_history THEN NULL
       WHEN j.has_history AND j.only_derived AND j.reopens_of_any_kind = 0 THEN NULL
       WHEN j.has_history THEN coalesce(j.history_reopens, 0)
       WHEN j.status_now IN ('new', 'open', 'pending', 'hold') AND k.exact_history THEN 0 END AS reopens,
  CASE WHEN reopens IS NOT NULL THEN coalesce(j.history_thanks, 0) END AS thanks_reopens,
  CASE WHEN k.has_agents THEN coalesce(j.replies, 0) END AS agent_replies,
  CASE WHEN k.has_roles THEN coalesce(j.customer_texts, 0) END AS customer_messages,
  CASE WHEN k.has_messages THEN coalesce(j.messages, 0) ELSE j.message_count END AS message_count,
  CASE WHEN is_solved THEN agent_replies = 1 AND reopens = 0 END AS one_touch,
  CASE WHEN is_solved AND j.has_history THEN agent_replies < 2 END AS one_touch_lt2,
  CASE WHEN is_solved AND j.has_history THEN agent_replies = 1 END AS one_touch_eq1,
  CASE WHEN is_solved THEN agent_replies > 0 AND reopens = 0 AND NOT coalesce(j.ever_waited, false) END
    AS one_touch_messaging,
  CASE WHEN k.has_assignees THEN coalesce(y.agent_stations, 0) END AS agent_stations,
  CASE WHEN k.has_teams THEN coalesce(y.team_stations, 0) END AS team_stations,
  CASE WHEN k.has_assignees OR k.has_teams THEN coalesce(y.handoffs, 0) END AS handoffs,
  CASE WHEN k.has_roles THEN coalesce(j.bot_messages, 0) END AS bot_messages,
  CASE WHEN j.bot_messages > 0 THEN j.bot_handoff END AS bot_handoff,
  CASE WHEN NOT coalesce(is_solved, true) THEN j.waiting_since END AS waiting_since_at,
  timezone(':zone', waiting_since_at) AS waiting_since_local,
  j.last_customer_at, timezone(':zone', j.last_customer_at) AS last_customer_local,
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
  j.score AS csat_score, j.rated_at AS csat_rated_at, timezone(':zone', j.rated_at) AS csat_local,
  CASE WHEN j.score IS NOT NULL THEN CASE
    WHEN j.last.scale = 'good or bad' THEN '2'
    WHEN regexp_matches(j.last.scale, '^\d+ ?(to|-) ?\d+') THEN (
      regexp_extract(j.last.scale, '^(\d+) ?(to|-) ?(\d+)', 3)::INTEGER
      - regexp_extract(j.last.scale, '^(\d+)', 1)::INTEGER + 1)::VARCHAR
    ELSE nullif(j.last.scale, '') END END AS csat_kind,
  j.ratings AS csat_ratings, j.first_score AS csat_first_score, j.unusable AS csat_unusable,
  CASE WHEN j.score IS NOT NULL
       THEN coalesce(rated.name, rated.handle, j.last.agent, at_rating.agent) END AS csat_agent,
  CASE WHEN j.score IS NOT NULL THEN coalesce(rated_team.name, j.last.team, at_rating.team) END AS csat_team,
  CASE WHEN j.score IS NOT NULL THEN at_rating.priority END AS csat_priority,
  CASE WHEN k.has_surveys THEN j.surveyed_at END AS surveyed_at,
  CASE WHEN k.has_surveys THEN timezone(':zone', j.surveyed_at) END AS surveyed_local,
  j.nps_score, j.nps_at, timezone(':zone', j.nps_at) AS nps_local,
  j.ces_score, j.ces_at, timezone(':zone', j.ces_at) AS ces_local,
  j.mood AS sentiment_score, j.mood_start AS sentiment_start, j.mood_end AS sentiment_end,
  CASE WHEN j.mood IS NULL THEN NULL WHEN j.mood <= :negative THEN 'negative'
       WHEN j.mood >= :positive THEN 'positive' ELSE 'neutral' END AS sentiment,
  coalesce(targets.missed, 0) AS missed_targets,
  targets.open_due_at, timezone(':zone', targets.open_due_at) AS open_due_local,
  topic.topic_id, topic.label AS topic, j.calendar, j.clamped_events,
  -- Filed away as closed after its solve is no contradiction.
  CASE WHEN j.has_history AND NOT j.only_derived AND j.status NOT IN ('unknown', 'deleted') AND j.status <> j.status_now
         AND NOT (j.status IN ('solved', 'closed') AND j.status_now IN ('solved', 'closed'))
       THEN j.status END AS contradicts:attributes
FROM (
  -- All the columns come last: each of these joins would carry them along.
  SELECT c, source_id, conversation_id, solves, channel, team_id, assignee_id, requester_id, organization_id,
    last.agent AS last_agent, last.team AS last_team
  FROM batch_joined) o
LEFT JOIN batch_held at_creation ON at_creation.c = o.c AND at_creation.kind = 'created'
LEFT JOIN batch_held at_reply ON at_reply.c = o.c AND at_reply.kind = 'first_reply'
LEFT JOIN batch_held at_again ON at_again.c = o.c AND at_again.kind = 'reopened_reply'
LEFT JOIN batch_held at_first ON at_first.c = o.c AND at_first.kind = 'solve' AND at_first.no = 1
LEFT JOIN batch_held at_last ON at_last.c = o.c AND at_last.kind = 'solve' AND at_last.no = o.solves
LEFT JOIN batch_held at_rating ON at_rating.c = o.c AND at_rating.kind = 'rating'
LEFT JOIN batch_solved first_solve ON first_solve.c = o.c AND first_solve.solve_no = 1
LEFT JOIN batch_solved last_solve ON last_solve.c = o.c AND last_solve.solve_no = o.solves
LEFT JOIN batch_reopened_replies again ON again.c = o.c
LEFT JOIN batch_business reply_hours ON reply_hours.c = o.c AND reply_hours.kind = 'first_reply'
LEFT JOIN batch_business again_hours ON again_hours.c = o.c AND again_hours.kind = 'reopened_reply'
LEFT JOIN batch_business first_hours ON first_hours.c = o.c AND first_hours.kind = 'first_solve'
LEFT JOIN (
  SELECT c, arg_max(business_s, ends) AS business_s FROM batch_business
  WHERE kind IN ('first_solve', 'later_solve') GROUP BY ALL) last_hours
ON last_hours.c = o.c
LEFT JOIN batch_waits v ON v.c = o.c
LEFT JOIN (
  SELECT c, count(breached_at) AS missed, min(due_at) FILTER (ended_at IS NULL AND breached_at IS NULL) AS open_due_at
  FROM batch_sla WHERE NOT is_lost GROUP BY c) targets
ON targets.c = o.c
LEFT JOIN batch_stations y ON y.c = o.c
LEFT JOIN (VALUES :handling_minutes) handling (channel, minutes) ON handling.channel = o.channel AND o.channel <> ''
LEFT JOIN teams team ON team.source_id = o.source_id AND team.team_id = o.team_id
LEFT JOIN people agent ON agent.source_id = o.source_id AND agent.person_id = o.assignee_id
LEFT JOIN people rated ON rated.source_id = o.source_id AND rated.person_id = o.last_agent
LEFT JOIN teams rated_team ON rated_team.source_id = o.source_id AND rated_team.team_id = o.last_team
LEFT JOIN people requester ON requester.source_id = o.source_id AND requester.person_id = o.requester_id
LEFT JOIN linked_people linked ON linked.source_id = o.source_id AND linked.person_id = o.requester_id
LEFT JOIN organizations org ON org.source_id = o.source_id
  AND org.organization_id = coalesce(o.organization_id, requester.organization_id)
LEFT JOIN conversation_copies copy ON copy.source_id = o.source_id AND copy.conversation_id = o.conversation_id
LEFT JOIN conversation_topics ct ON ct.source_id = o.source_id AND ct.conversation_id = o.conversation_id
LEFT JOIN topics topic ON topic.topic_version = ct.topic_version AND topic.topic_id = ct.topic_id
JOIN batch_joined j ON j.c = o.c
JOIN source_abilities k ON k.source_id = j.source_id
:attribute_join;

-- What rows with more than one a conversation repeat of it.
CREATE OR REPLACE TEMP TABLE batch_told AS
SELECT c, source_id, conversation_id, created_local, last_activity_local, last_customer_local, is_counted, excluded_because
FROM batch_facts;
