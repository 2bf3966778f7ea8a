-- What each conversation of the batch was when: status, team, assignee and priority, from the event log.

-- Events in order. An instant before the one before it, or before the creation, is moved up to it.
CREATE OR REPLACE TEMP TABLE batch_history AS
SELECT c, place, field, old_value, new_value, actor_id, actor_role, is_derived, occurred_at,
  greatest(created_at, max(occurred_at) OVER (
    PARTITION BY c ORDER BY place ROWS UNBOUNDED PRECEDING)) AS moment
FROM (
  SELECT c.c, e.field, e.occurred_at, e.actor_id, e.actor_role, c.created_at,
    CASE WHEN e.field IN ('status', 'priority') THEN lower(e.old_value) ELSE e.old_value END AS old_value,
    CASE WHEN e.field IN ('status', 'priority') THEN lower(e.new_value) ELSE e.new_value END AS new_value,
    e.is_derived,
    row_number() OVER (
      PARTITION BY c.c ORDER BY e.seq, e.occurred_at, e.event_id) AS place
  FROM batch_events e
  JOIN batch_conversations c ON c.c = e.c
  WHERE e.field IN ('status', 'team', 'assignee', 'priority') AND e.occurred_at IS NOT NULL
    AND (e.field <> 'status' OR lower(e.new_value) IN ('new', 'open', 'pending', 'hold', 'solved', 'closed')));

CREATE OR REPLACE TEMP TABLE batch_statuses AS
SELECT c, place, new_value AS status, is_derived, moment, actor_id, actor_role,
  new_value IN ('solved', 'closed') AS solved
FROM batch_history WHERE field = 'status';

-- Entries into the solved set and moves out of it (reopens). Before the first event a conversation is new,
-- and repeated statuses change nothing, so the two alternate and begin with a solve.
CREATE OR REPLACE TEMP TABLE batch_turns AS
SELECT b.source_id, b.conversation_id, t.c, place, moment, solved, actor_id, actor_role,
  lag(moment) OVER turns AS previous_at, lead(moment) OVER turns AS next_at,
  lag(place) OVER turns AS previous_place
FROM (
  SELECT *, solved <> lag(solved, 1, false) OVER (
    PARTITION BY c ORDER BY place) AS is_turn
  FROM batch_statuses) t
JOIN batch b ON b.c = t.c
WHERE is_turn
WINDOW turns AS (PARTITION BY t.c ORDER BY place);

-- A reopen that only brought thanks: every new customer text until the next solve is thanks, and there is one.
CREATE OR REPLACE TEMP TABLE batch_thanks AS
SELECT t.c, t.place
FROM batch_turns t
JOIN batch_messages m ON m.c = t.c
  AND m.role = 'customer' AND m.is_public
  AND m.created_at > t.previous_at AND (t.next_at IS NULL OR m.created_at <= t.next_at)
LEFT JOIN message_enrichment e ON e.source_id = m.source_id AND e.message_id = m.message_id
WHERE NOT t.solved
GROUP BY ALL
HAVING bool_and(coalesce(e.is_thanks, false));

CREATE OR REPLACE TEMP TABLE batch_status_now AS
SELECT c, arg_max(status, place) AS status, bool_and(is_derived) AS is_derived,
  bool_or(status IN ('pending', 'hold')) AS ever_waited, max(moment) AS last_at
FROM batch_statuses GROUP BY ALL;

-- What held before the first event of its kind: the event's old value; without any event, what the row says.
-- Without a status history the row's own dates draw it: open until its last solve.
CREATE OR REPLACE TEMP TABLE batch_begun AS
SELECT c.source_id, c.conversation_id, c.c, c.created_at AS moment, n.status IS NOT NULL AS has_history,
  CASE WHEN n.status IS NOT NULL THEN 'new'
       WHEN c.status IN ('new', 'open', 'pending', 'hold') THEN c.status
       WHEN c.status IN ('solved', 'closed') AND coalesce(c.last_solved_at, c.closed_at, c.first_solved_at) IS NOT NULL
       THEN 'open' END AS status,
  -- greatest() takes an empty value for nothing at all.
  CASE WHEN n.status IS NULL AND c.status IN ('solved', 'closed')
         AND coalesce(c.last_solved_at, c.closed_at, c.first_solved_at) IS NOT NULL
       THEN greatest(c.created_at, coalesce(c.last_solved_at, c.closed_at, c.first_solved_at)) END AS solved_at,
  CASE WHEN h.has_team THEN h.team ELSE c.team_id END AS team_id,
  CASE WHEN h.has_assignee THEN h.assignee ELSE c.assignee_id END AS assignee_id,
  CASE WHEN h.has_priority THEN h.priority ELSE c.priority END AS priority,
  coalesce(h.clamped, 0) AS clamped
FROM batch_conversations c
LEFT JOIN batch_status_now n ON n.c = c.c
LEFT JOIN (
  SELECT c,
    bool_or(field = 'team') AS has_team, bool_or(field = 'assignee') AS has_assignee,
    bool_or(field = 'priority') AS has_priority,
    first(old_value ORDER BY place) FILTER (field = 'team') AS team,
    first(old_value ORDER BY place) FILTER (field = 'assignee') AS assignee,
    first(old_value ORDER BY place) FILTER (field = 'priority') AS priority,
    count(*) FILTER (occurred_at < moment) AS clamped
  FROM batch_history GROUP BY ALL) h
ON h.c = c.c;

-- One row an instant: the state after everything of that instant. An empty text stands for "nobody" until the end.
CREATE OR REPLACE TEMP TABLE batch_timeline AS
WITH told AS (
  SELECT c, 0 AS place, moment, coalesce(status, '') AS status, coalesce(team_id, '') AS team_id,
    coalesce(assignee_id, '') AS assignee_id, coalesce(priority, '') AS priority
  FROM batch_begun WHERE moment IS NOT NULL
  UNION ALL BY NAME
  SELECT c, 1 AS place, solved_at AS moment, 'solved' AS status
  FROM batch_begun WHERE moment IS NOT NULL AND solved_at IS NOT NULL
  UNION ALL BY NAME
  SELECT c, place, moment,
    CASE field WHEN 'status' THEN new_value END AS status,
    CASE field WHEN 'team' THEN coalesce(new_value, '') END AS team_id,
    CASE field WHEN 'assignee' THEN coalesce(new_value, '') END AS assignee_id,
    CASE field WHEN 'priority' THEN coalesce(new_value, '') END AS priority
  FROM batch_history WHERE moment IS NOT NULL),
filled AS (
  SELECT c, place, moment,
    last_value(status IGNORE NULLS) OVER so_far AS status,
    last_value(team_id IGNORE NULLS) OVER so_far AS team_id,
    last_value(assignee_id IGNORE NULLS) OVER so_far AS assignee_id,
    last_value(priority IGNORE NULLS) OVER so_far AS priority
  FROM told
  WINDOW so_far AS (PARTITION BY c ORDER BY moment, place ROWS UNBOUNDED PRECEDING)),
states AS (
  SELECT c, moment AS from_at, nullif(status, '') AS status, nullif(team_id, '') AS team_id,
    nullif(assignee_id, '') AS assignee_id, nullif(priority, '') AS priority
  FROM filled
  QUALIFY row_number() OVER (PARTITION BY c, moment ORDER BY place DESC) = 1)
SELECT b.source_id, b.conversation_id, s.c, s.from_at,
  lead(s.from_at) OVER (PARTITION BY s.c ORDER BY s.from_at) AS to_at,
  s.status, s.team_id, s.assignee_id, s.priority,
  coalesce(team.name, s.team_id) AS team, coalesce(agent.name, agent.handle, s.assignee_id) AS agent
FROM states s
JOIN batch b ON b.c = s.c
LEFT JOIN teams team ON team.source_id = b.source_id AND team.team_id = s.team_id
LEFT JOIN people agent ON agent.source_id = b.source_id AND agent.person_id = s.assignee_id;

-- How many teams and assignees a conversation had, and how often it went from one to another.
CREATE OR REPLACE TEMP TABLE batch_stations AS
SELECT c,
  count(*) FILTER (team_id IS NOT NULL AND team_id IS DISTINCT FROM team_before) AS team_stations,
  count(*) FILTER (assignee_id IS NOT NULL AND assignee_id IS DISTINCT FROM agent_before) AS agent_stations,
  count(*) FILTER (team_id <> team_before OR assignee_id <> agent_before) AS handoffs
FROM (
  SELECT *, lag(team_id IGNORE NULLS) OVER places AS team_before, lag(assignee_id IGNORE NULLS) OVER places AS agent_before
  FROM batch_timeline WINDOW places AS (PARTITION BY c ORDER BY from_at))
GROUP BY ALL;
