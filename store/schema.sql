-- The warehouse. Every table that holds source data is keyed by source_id and the source's own id.
-- All instants are UTC; columns that end in _local are naive wall-clock times in the reporting zone.
-- Keys are promised by the merge, which removes duplicates before it writes (DuckDB's own key index
-- would cost a third of the load time); `jobs doctor` and the tests check them.

CREATE TABLE schema_version (version INTEGER, applied_at TIMESTAMPTZ);

-- Values of the whole store: reporting_zone, versions of enrichers, counters.
CREATE TABLE settings_kv (key VARCHAR, value VARCHAR);                        -- key: key

CREATE TABLE sources (                                                        -- key: source_id
  source_id VARCHAR, kind VARCHAR, label VARCHAR, config JSON,                -- config holds no secrets
  secret_ref VARCHAR, assumed_tz VARCHAR, enabled BOOLEAN, created_at TIMESTAMPTZ);

CREATE TABLE conversations (                                                  -- key: source_id, conversation_id
  source_id VARCHAR, conversation_id VARCHAR, url VARCHAR,
  channel VARCHAR,            -- email web chat voice social api file other
  native_channel VARCHAR, subject VARCHAR,
  status VARCHAR,             -- new open pending hold solved closed deleted unknown
  native_status VARCHAR,
  priority VARCHAR,           -- low normal high urgent none
  native_priority VARCHAR, type VARCHAR, product VARCHAR,
  requester_id VARCHAR, submitter_id VARCHAR, assignee_id VARCHAR, team_id VARCHAR,
  organization_id VARCHAR, brand VARCHAR, language VARCHAR,
  created_at TIMESTAMPTZ, updated_at TIMESTAMPTZ, due_at TIMESTAMPTZ,
  first_agent_reply_at TIMESTAMPTZ, first_solved_at TIMESTAMPTZ, last_solved_at TIMESTAMPTZ,
  closed_at TIMESTAMPTZ, last_message_at TIMESTAMPTZ,  -- as the source gives them; facts are computed apart
  message_count INTEGER, parent_id VARCHAR, merged_into VARCHAR, is_public BOOLEAN,
  is_spam BOOLEAN, is_automatic BOOLEAN, is_test BOOLEAN, is_outbound BOOLEAN,
  custom_fields JSON, vendor_metrics JSON,
  time_precision VARCHAR,     -- ms s min day
  source_file VARCHAR, source_version HUGEINT, content_hash VARCHAR,
  is_deleted BOOLEAN, deleted_at TIMESTAMPTZ, first_seen_run VARCHAR, last_seen_run VARCHAR, raw JSON,
  is_derived BOOLEAN);          -- true: made from its messages, no source row of its own

-- What each file says about a conversation that several files speak of; the row above combines them.
CREATE TABLE conversation_parts AS FROM conversations LIMIT 0;                -- key: source_id, conversation_id, source_file

CREATE TABLE messages (                                                       -- key: source_id, message_id
  source_id VARCHAR, message_id VARCHAR, conversation_id VARCHAR, seq INTEGER,  -- seq orders a conversation
  author_id VARCHAR,
  author_role VARCHAR,        -- customer agent bot system unknown
  author_name VARCHAR, is_public BOOLEAN,
  kind VARCHAR,               -- message note voice event
  in_reply_to VARCHAR, body_text VARCHAR, body_html VARCHAR, language VARCHAR,
  created_at TIMESTAMPTZ, edited_at TIMESTAMPTZ, engagement JSON,
  source_file VARCHAR, source_version HUGEINT, content_hash VARCHAR,
  is_deleted BOOLEAN, deleted_at TIMESTAMPTZ, first_seen_run VARCHAR, last_seen_run VARCHAR, raw JSON);

CREATE TABLE conversation_events (                                            -- key: source_id, event_id
  source_id VARCHAR, event_id VARCHAR, conversation_id VARCHAR, seq INTEGER, occurred_at TIMESTAMPTZ,
  actor_id VARCHAR, actor_role VARCHAR,
  field VARCHAR,              -- status assignee team priority tag csat sla schedule custom:<key>
  old_value VARCHAR, new_value VARCHAR,
  is_derived BOOLEAN,         -- inferred from a row's dates, not told by the source
  source_file VARCHAR, source_version HUGEINT, content_hash VARCHAR,
  is_deleted BOOLEAN, deleted_at TIMESTAMPTZ, first_seen_run VARCHAR, last_seen_run VARCHAR, raw JSON);

CREATE TABLE people (                                                         -- key: source_id, person_id
  source_id VARCHAR, person_id VARCHAR,
  kind VARCHAR,               -- customer agent bot
  name VARCHAR, email VARCHAR, handle VARCHAR, native_role VARCHAR, active BOOLEAN, timezone VARCHAR,
  organization_id VARCHAR, external_id VARCHAR, created_at TIMESTAMPTZ, updated_at TIMESTAMPTZ,
  custom_fields JSON, source_file VARCHAR, source_version HUGEINT, content_hash VARCHAR,
  is_deleted BOOLEAN, deleted_at TIMESTAMPTZ, first_seen_run VARCHAR, last_seen_run VARCHAR, raw JSON,
  is_derived BOOLEAN);
CREATE TABLE people_parts AS FROM people LIMIT 0;                             -- key: source_id, person_id, source_file

-- An agent who was once a customer keeps both roles, each in its time.
CREATE TABLE person_roles (                                                   -- key: source_id, person_id, kind, valid_from
  source_id VARCHAR, person_id VARCHAR, kind VARCHAR, valid_from TIMESTAMPTZ, valid_to TIMESTAMPTZ,
  source_file VARCHAR, source_version HUGEINT, content_hash VARCHAR,
  is_deleted BOOLEAN, deleted_at TIMESTAMPTZ, first_seen_run VARCHAR, last_seen_run VARCHAR);

CREATE TABLE teams (                                                          -- key: source_id, team_id
  source_id VARCHAR, team_id VARCHAR, name VARCHAR, source_file VARCHAR, source_version HUGEINT,
  content_hash VARCHAR, is_deleted BOOLEAN, deleted_at TIMESTAMPTZ, first_seen_run VARCHAR, last_seen_run VARCHAR);

CREATE TABLE team_members (                                                   -- key: source_id, team_id, person_id, valid_from
  source_id VARCHAR, team_id VARCHAR, person_id VARCHAR, valid_from TIMESTAMPTZ, valid_to TIMESTAMPTZ,
  source_file VARCHAR, source_version HUGEINT, content_hash VARCHAR,
  is_deleted BOOLEAN, deleted_at TIMESTAMPTZ, first_seen_run VARCHAR, last_seen_run VARCHAR);

CREATE TABLE organizations (                                                  -- key: source_id, organization_id
  source_id VARCHAR, organization_id VARCHAR, name VARCHAR, domains VARCHAR[], custom_fields JSON,
  source_file VARCHAR, source_version HUGEINT, content_hash VARCHAR,
  is_deleted BOOLEAN, deleted_at TIMESTAMPTZ, first_seen_run VARCHAR, last_seen_run VARCHAR, raw JSON);

CREATE TABLE csat (                                                           -- key: source_id, csat_id
  source_id VARCHAR, csat_id VARCHAR, conversation_id VARCHAR, person_id VARCHAR, agent_id VARCHAR,
  team_id VARCHAR, score DOUBLE, -- 0..1
  native_score VARCHAR, scale VARCHAR, comment VARCHAR, reason VARCHAR,
  offered_at TIMESTAMPTZ, rated_at TIMESTAMPTZ, updated_at TIMESTAMPTZ,
  source_file VARCHAR, source_version HUGEINT, content_hash VARCHAR,
  is_deleted BOOLEAN, deleted_at TIMESTAMPTZ, first_seen_run VARCHAR, last_seen_run VARCHAR, raw JSON);

CREATE TABLE conversation_tags (                                              -- key: source_id, conversation_id, tag
  source_id VARCHAR, conversation_id VARCHAR, tag VARCHAR, valid_from TIMESTAMPTZ, valid_to TIMESTAMPTZ,
  source_file VARCHAR, source_version HUGEINT, content_hash VARCHAR,
  is_deleted BOOLEAN, deleted_at TIMESTAMPTZ, first_seen_run VARCHAR, last_seen_run VARCHAR);

-- What custom_fields keys mean, and when a source began to send them.
CREATE TABLE field_definitions (                                              -- key: source_id, field_key
  source_id VARCHAR, field_key VARCHAR, native_id VARCHAR, title VARCHAR, type VARCHAR, options JSON,
  active BOOLEAN, first_seen TIMESTAMPTZ, last_seen TIMESTAMPTZ);

CREATE TABLE attachments (                                                    -- key: source_id, attachment_id
  source_id VARCHAR, attachment_id VARCHAR, message_id VARCHAR, conversation_id VARCHAR, file_name VARCHAR,
  mime_type VARCHAR, size_bytes BIGINT, url VARCHAR, inline BOOLEAN,
  source_file VARCHAR, source_version HUGEINT, content_hash VARCHAR,
  is_deleted BOOLEAN, deleted_at TIMESTAMPTZ, first_seen_run VARCHAR, last_seen_run VARCHAR);

CREATE TABLE schedules (                                                      -- key: source_id, schedule_id, valid_from
  source_id VARCHAR, schedule_id VARCHAR, name VARCHAR, iana_tz VARCHAR, native_tz VARCHAR,
  intervals JSON,             -- [[start, end], ...] in minutes since Sunday 00:00 local
  holidays JSON, valid_from TIMESTAMPTZ, valid_to TIMESTAMPTZ,
  source_file VARCHAR, source_version HUGEINT, content_hash VARCHAR,
  is_deleted BOOLEAN, deleted_at TIMESTAMPTZ, first_seen_run VARCHAR, last_seen_run VARCHAR);

CREATE TABLE sla_policies (                                                   -- key: source_id, policy_id
  source_id VARCHAR, policy_id VARCHAR, name VARCHAR, metric VARCHAR, priority VARCHAR,
  target_seconds BIGINT, business_hours BOOLEAN, schedule_id VARCHAR, filter JSON,
  position INTEGER,           -- of several that fit, the lowest counts
  valid_from TIMESTAMPTZ, valid_to TIMESTAMPTZ,
  source_file VARCHAR, source_version HUGEINT, content_hash VARCHAR,
  is_deleted BOOLEAN, deleted_at TIMESTAMPTZ, first_seen_run VARCHAR, last_seen_run VARCHAR);

-- How far each stream of each source has been read. Written in the same transaction as the rows.
CREATE TABLE sync_state (                                                     -- key: source_id, stream
  source_id VARCHAR, stream VARCHAR, cursor JSON, cursor_kind VARCHAR, cursor_version INTEGER,
  config_fingerprint VARCHAR, high_water TIMESTAMPTZ, updated_at TIMESTAMPTZ, run_id VARCHAR,
  horizon TIMESTAMPTZ);       -- history is loaded back to here; NULL: all that the source has

CREATE TABLE sync_runs (                                                      -- key: run_id, source_id
  run_id VARCHAR, source_id VARCHAR, trigger VARCHAR,  -- schedule manual webhook
  status VARCHAR,             -- running ok partial failed cancelled interrupted
  started_at TIMESTAMPTZ, finished_at TIMESTAMPTZ, heartbeat_at TIMESTAMPTZ, phase VARCHAR,
  pages BIGINT, rows_read BIGINT, rows_inserted BIGINT, rows_updated BIGINT, rows_unchanged BIGINT,
  rows_rejected BIGINT, rows_deleted BIGINT, requests BIGINT, retries BIGINT, rate_limited_seconds DOUBLE,
  bytes BIGINT, error_code VARCHAR, error_message VARCHAR, next_attempt_at TIMESTAMPTZ);

CREATE TABLE sync_rejects (
  run_id VARCHAR, source_id VARCHAR, stream VARCHAR, native_id VARCHAR, source_file VARCHAR, line BIGINT,
  reason VARCHAR, field VARCHAR, sample VARCHAR,       -- sample is masked and at most 500 characters
  occurred_at TIMESTAMPTZ);

CREATE TABLE sync_files (                                                     -- key: source_id, path
  source_id VARCHAR, path VARCHAR, etag VARCHAR, size BIGINT, modified_at TIMESTAMPTZ, sha256 VARCHAR,
  rows BIGINT, status VARCHAR, run_id VARCHAR, processed_at TIMESTAMPTZ, archived_to VARCHAR);

-- Conversations whose facts and enrichment are older than their rows. Written with the rows, so that a
-- refresh that dies between loading and enriching is finished by the next one.
CREATE TABLE dirty_conversations (source_id VARCHAR, conversation_id VARCHAR);

-- What a source can and cannot tell, for "not available, because": roles, status_history, messages, ...
CREATE TABLE capabilities (                                                   -- key: source_id, capability
  source_id VARCHAR, capability VARCHAR, available BOOLEAN, reason VARCHAR);

-- Per-message results of the enrichers.
CREATE TABLE message_enrichment (                                             -- key: source_id, message_id
  source_id VARCHAR, message_id VARCHAR, conversation_id VARCHAR, content_hash VARCHAR,
  clean_text VARCHAR,         -- what the author said; NULL: the message as it is
  left_out STRUCT(kind VARCHAR, "first" INTEGER, "last" INTEGER)[],  -- quote header signature disclaimer notice macro;
                              -- characters of body_text from first up to last, from 0
  word_count INTEGER,         -- of what the author said; NULL: nothing
  language VARCHAR, language_confidence DOUBLE,
  sentiment_score DOUBLE,     -- -1 (negative) to 1 (positive)
  is_thanks BOOLEAN);         -- nothing but thanks

-- Names of agents and teams as the facts show them: when one changes, the facts that show it are made anew.
CREATE TABLE names_seen (kind VARCHAR, source_id VARCHAR, id VARCHAR, name VARCHAR);  -- key: kind, source_id, id

-- Texts by anybody but the customer within 60 seconds of a conversation's creation: the same text in many
-- conversations, numbers and names aside, is an automatic acknowledgement, never a reply.
CREATE TABLE early_texts (                                                    -- key: source_id, message_id
  source_id VARCHAR, message_id VARCHAR, conversation_id VARCHAR, text_hash VARCHAR);

-- Lines of messages by agents and bots, for those that many conversations share: macros. Only of messages of
-- several lines, of which something is left without them.
CREATE TABLE agent_lines (                                                    -- key: source_id, message_id, line_no
  source_id VARCHAR, message_id VARCHAR, conversation_id VARCHAR, line_no INTEGER, line_hash UBIGINT);

-- Topics are versioned: a new version never rewrites an older one. A topic keeps its id from version to version.
-- size: conversations of the fit's sample; fit: their mean. A group is named by the id of its largest topic.
-- found_*: what the machine says; beside them what people want instead. merged_into: counted under that topic.
CREATE TABLE topics (                                                         -- key: topic_version, topic_id
  topic_version INTEGER, topic_id INTEGER, label VARCHAR, keywords VARCHAR[], size BIGINT,
  centroid FLOAT[], made_at TIMESTAMPTZ, is_current BOOLEAN, group_id INTEGER, group_label VARCHAR, fit DOUBLE,
  found_label VARCHAR, found_group INTEGER, found_group_label VARCHAR, merged_into INTEGER);

-- What a version rests on: halves of the sample agreed on `agreement` (1: on everything) at this number of topics.
CREATE TABLE topic_fits (                                                     -- key: topic_version
  topic_version INTEGER, made_at TIMESTAMPTZ, conversations BIGINT, sampled BIGINT, topics INTEGER,
  agreement DOUBLE, kept DOUBLE,  -- kept: share of the texts of the version before that stayed in their topic
  language VARCHAR);              -- that of most messages: listed words of other languages were read in it

-- How the topics of a version overlap with those of the version before, in conversations that both have seen.
CREATE TABLE topic_links (                                                    -- key: topic_version, from_id, to_id
  topic_version INTEGER, from_id INTEGER, to_id INTEGER, shared BIGINT, of_old BIGINT);

-- Conversations that show what a topic is about, the nearest to its middle first.
CREATE TABLE topic_examples (                                                 -- key: topic_version, topic_id, rank
  topic_version INTEGER, topic_id INTEGER, rank INTEGER, source_id VARCHAR, conversation_id VARCHAR);

CREATE TABLE conversation_topics (                                            -- key: source_id, conversation_id
  source_id VARCHAR, conversation_id VARCHAR, topic_version INTEGER, topic_id INTEGER,
  fit DOUBLE, content_hash VARCHAR,      -- fit: cosine to the topic's centre
  found_id INTEGER);                     -- the machine's topic, where people merged it into another

-- What people want of topics, as the workspace holds it, and the parts that splits have made.
CREATE TABLE topic_choices (                                                  -- key: id
  id BIGINT, kind VARCHAR, topic_id INTEGER, target_id INTEGER, words VARCHAR,
  chosen_at TIMESTAMPTZ);
CREATE TABLE topic_splits (choice_id BIGINT, topic_id INTEGER, made_id INTEGER);  -- key: made_id

-- Small dense groups of recent conversations that fit no topic, the surest first. p: the chance of a group as new
-- where nothing is; the window is that of recent conversations, of which one in `one_in` was looked at, and of those
-- before it one in `earlier_one_in`.
CREATE TABLE emerging_groups (                                                -- key: group_no
  group_no INTEGER, label VARCHAR, keywords VARCHAR[], p DOUBLE, window_start TIMESTAMPTZ, window_end TIMESTAMPTZ,
  one_in INTEGER, earlier_one_in INTEGER);

-- Their conversations, the nearest to the middle first; those of before the window are what they had until then.
CREATE TABLE emerging_conversations (                                         -- key: source_id, conversation_id
  group_no INTEGER, rank INTEGER, source_id VARCHAR, conversation_id VARCHAR);

-- What people say instead of what was found: laid over the facts. `found` is the machine's value.
CREATE TABLE conversation_corrections (                                       -- key: source_id, conversation_id, field
  source_id VARCHAR, conversation_id VARCHAR, field VARCHAR,                  -- topic sentiment
  value VARCHAR, found VARCHAR, corrected_by VARCHAR, corrected_at TIMESTAMPTZ);

-- Search units of one conversation. The text itself stays in messages.
CREATE TABLE chunks (                                                         -- key: source_id, conversation_id, chunk_no
  source_id VARCHAR, conversation_id VARCHAR, chunk_no INTEGER, first_seq INTEGER, last_seq INTEGER,
  content_hash VARCHAR, embed_model VARCHAR);

-- What a conversation's chunks were cut from: when its fingerprint differs, it is cut again.
CREATE TABLE chunk_state (                                                    -- key: source_id, conversation_id
  source_id VARCHAR, conversation_id VARCHAR, fingerprint UBIGINT);

-- One row a conversation: what the metrics read. Rebuilt for changed conversations only.
-- Durations are whole seconds, rounded down; NULL when the event has not happened or the source cannot tell.
-- *_business_s count the working time of the conversation's calendar; NULL without one.
-- *_team, *_agent and *_priority of a moment are those of that moment; without a moment: of now.
-- Names of teams and agents, or ids where there is no name.
CREATE TABLE conversation_facts (                                             -- key: source_id, conversation_id
  source_id VARCHAR, conversation_id VARCHAR, facts_version INTEGER,
  subject VARCHAR, channel VARCHAR, status VARCHAR, priority VARCHAR, type VARCHAR, product VARCHAR,
  brand VARCHAR, language VARCHAR, team VARCHAR, agent VARCHAR,
  requester_id VARCHAR, requester VARCHAR, organization VARCHAR, tags VARCHAR[],
  created_at TIMESTAMPTZ, created_local TIMESTAMP, created_team VARCHAR, created_priority VARCHAR,
  last_activity_at TIMESTAMPTZ, last_activity_local TIMESTAMP,
  first_reply_at TIMESTAMPTZ, first_reply_local TIMESTAMP, first_reply_s BIGINT, first_reply_business_s BIGINT,
  first_reply_zendesk_s BIGINT,                        -- the variant in which a second message answers an outbound first one
  first_reply_agent VARCHAR, first_reply_team VARCHAR, first_reply_priority VARCHAR,
  reopened_reply_at TIMESTAMPTZ, reopened_reply_local TIMESTAMP,  -- the first reply after the last reopen
  reopened_reply_s BIGINT, reopened_reply_business_s BIGINT,
  reopened_reply_agent VARCHAR, reopened_reply_team VARCHAR, reopened_reply_priority VARCHAR,
  first_solved_at TIMESTAMPTZ, first_solved_local TIMESTAMP, first_resolution_s BIGINT,
  first_resolution_business_s BIGINT, first_solve_agent VARCHAR, first_solve_team VARCHAR,
  first_solve_priority VARCHAR,
  first_reopened_at TIMESTAMPTZ, first_reopened_local TIMESTAMP,  -- first reopen after the first solve, thanks apart
  first_reopened_s BIGINT,                             -- from the first solve until then
  last_solved_at TIMESTAMPTZ, last_solved_local TIMESTAMP, full_resolution_s BIGINT,
  full_resolution_business_s BIGINT, last_solve_agent VARCHAR, last_solve_team VARCHAR,
  last_solve_priority VARCHAR,
  last_status_at TIMESTAMPTZ, last_status_local TIMESTAMP,
  requester_wait_s BIGINT, requester_wait_business_s BIGINT,   -- in new, open, hold; of solved conversations
  agent_work_s BIGINT, agent_work_business_s BIGINT,           -- in new, open
  agent_wait_s BIGINT, agent_wait_business_s BIGINT,           -- in pending
  on_hold_s BIGINT, on_hold_business_s BIGINT,                 -- in hold
  handling_s BIGINT,
  handling_kind VARCHAR,                               -- tracked average gaps: how the handling time was found
  reopens INTEGER, thanks_reopens INTEGER,
  agent_replies INTEGER, customer_messages INTEGER, message_count INTEGER,
  one_touch BOOLEAN, one_touch_lt2 BOOLEAN, one_touch_eq1 BOOLEAN, one_touch_messaging BOOLEAN,
  next_contact_at TIMESTAMPTZ,                         -- the requester's next counted conversation after the last solve
  next_contact_same_topic_at TIMESTAMPTZ,
  next_contact_s BIGINT, next_contact_same_topic_s BIGINT,       -- from the last solve until then
  agent_stations INTEGER, team_stations INTEGER, handoffs INTEGER,
  bot_messages INTEGER, bot_handoff BOOLEAN,           -- a bot spoke in public; then a human agent replied
  waiting_since_at TIMESTAMPTZ, waiting_since_local TIMESTAMP,   -- the oldest customer turn without a reply
  last_customer_at TIMESTAMPTZ, last_customer_local TIMESTAMP,
  is_solved BOOLEAN, is_outbound BOOLEAN,
  is_counted BOOLEAN, excluded_because VARCHAR,        -- merged spam deleted test automatic duplicate outbound
  csat_score DOUBLE, csat_rated_at TIMESTAMPTZ, csat_local TIMESTAMP,  -- the last rating
  csat_kind VARCHAR,                                   -- its scale: how many points it has
  csat_ratings INTEGER, csat_first_score DOUBLE,
  csat_unusable INTEGER,                               -- ratings that fit no scale
  csat_agent VARCHAR, csat_team VARCHAR, csat_priority VARCHAR,
  surveyed_at TIMESTAMPTZ, surveyed_local TIMESTAMP,   -- the first survey that was sent
  nps_score DOUBLE, nps_at TIMESTAMPTZ, nps_local TIMESTAMP,     -- 0 to 10
  ces_score DOUBLE, ces_at TIMESTAMPTZ, ces_local TIMESTAMP,     -- 1 to 7
  sentiment_score DOUBLE, sentiment VARCHAR,           -- negative neutral positive, of the customer's words
  sentiment_start DOUBLE, sentiment_end DOUBLE,
  missed_targets INTEGER,                              -- SLA targets that were breached for good
  open_due_at TIMESTAMPTZ, open_due_local TIMESTAMP,   -- when the next of those that still run is due
  topic_id INTEGER, topic VARCHAR,
  calendar VARCHAR,                                    -- whose working hours count; NULL: none
  clamped_events INTEGER,                              -- events whose clock ran backwards
  contradicts VARCHAR);                                -- the row's status where it is not that of the last event

-- Stretches of time in which a conversation was unsolved, cut wherever status, team, agent or priority changed.
-- The backlog at t is the spans that cover t.
CREATE TABLE open_spans (                                                     -- key: source_id, conversation_id, span_no
  source_id VARCHAR, conversation_id VARCHAR, span_no INTEGER,
  opened_at TIMESTAMPTZ, opened_local TIMESTAMP,
  closed_at TIMESTAMPTZ, closed_local TIMESTAMP,       -- NULL while still open
  status VARCHAR, team VARCHAR, agent VARCHAR, priority VARCHAR,
  created_local TIMESTAMP, last_activity_local TIMESTAMP, last_customer_local TIMESTAMP,
  is_counted BOOLEAN, excluded_because VARCHAR);

-- Public replies by human agents; the messages of one chat session are one. `waited_*` is the next reply time:
-- from the oldest unanswered customer message since the agent spoke (asked_at), NULL when nobody waited.
CREATE TABLE replies (                                                        -- key: source_id, conversation_id, reply_no
  source_id VARCHAR, conversation_id VARCHAR, reply_no INTEGER,
  replied_at TIMESTAMPTZ, replied_local TIMESTAMP, agent VARCHAR, team VARCHAR, priority VARCHAR,
  agent_hour BIGINT,          -- a number for the agent and the hour of the reply, to count hours at work by
  is_reply BOOLEAN,           -- false: a further message of a chat session that answered a customer turn
  asked_at TIMESTAMPTZ, waited_s BIGINT, waited_business_s BIGINT,
  is_counted BOOLEAN, excluded_because VARCHAR);

-- Entries into the solved set, and when each was undone.
CREATE TABLE solves (                                                         -- key: source_id, conversation_id, solve_no
  source_id VARCHAR, conversation_id VARCHAR, solve_no INTEGER,
  solved_at TIMESTAMPTZ, solved_local TIMESTAMP, agent VARCHAR, team VARCHAR, priority VARCHAR,
  reopened_at TIMESTAMPTZ, reopened_local TIMESTAMP,
  reopened_by_thanks BOOLEAN,                          -- the only new words of the customer were thanks
  is_counted BOOLEAN, excluded_because VARCHAR);

-- One row a target and its clock. Running or breached by now is decided when it is read: see analytics.
CREATE TABLE sla_instances (                                                  -- key: source_id, conversation_id, sla_metric, instance_no
  source_id VARCHAR, conversation_id VARCHAR,
  sla_metric VARCHAR,         -- first_reply next_reply resolution
  instance_no INTEGER, policy VARCHAR, priority VARCHAR, target_s BIGINT,
  calendar VARCHAR,           -- NULL: calendar hours
  started_at TIMESTAMPTZ,
  due_at TIMESTAMPTZ, due_local TIMESTAMP,             -- NULL while the clock stands still
  ended_at TIMESTAMPTZ, ended_local TIMESTAMP,         -- fulfilled, or ended by a solve
  breached_at TIMESTAMPTZ, breached_local TIMESTAMP,   -- where it ended late, or an earlier target passed; NULL: not so far
  cancelled_because VARCHAR,  -- merged deleted spam policy
  agent VARCHAR, team VARCHAR,
  is_counted BOOLEAN, excluded_because VARCHAR);

-- Working hours as stretches of UTC, with the working time before each since the first.
CREATE TABLE business_hours (                                                 -- key: calendar, starts_at
  calendar VARCHAR, starts_at TIMESTAMPTZ, ends_at TIMESTAMPTZ, worked_before_us BIGINT);

-- The calendars there are: of the settings (source_id NULL) and of sources.
CREATE TABLE calendars (                                                      -- key: calendar
  calendar VARCHAR, source_id VARCHAR, schedule_id VARCHAR, title VARCHAR, zone VARCHAR,
  is_usable BOOLEAN, reason VARCHAR);                  -- why its hours are not counted

-- Values of closed days as they were told, so that a number that changed can say from what.
CREATE TABLE metric_ledger (                                                  -- key: metric, grain, day, dimension, segment, recorded_at
  metric VARCHAR,
  grain VARCHAR,              -- day; month too where a month cannot be put together from its days
  day DATE,                   -- the first one of the bucket
  dimension VARCHAR,          -- total team channel
  segment VARCHAR, value DOUBLE, n BIGINT, recorded_at TIMESTAMPTZ);

-- What the rows behind a metric's day amounted to, so that only days that changed are computed again.
CREATE TABLE metric_ledger_days (                                             -- key: metric, day
  metric VARCHAR, day DATE, fingerprint UBIGINT);

-- Daily numbers that others are divided by: active customers, orders. Days are those of the reporting zone.
CREATE TABLE denominators (                                                   -- key: source_id, day, name
  source_id VARCHAR, day DATE, name VARCHAR, value DOUBLE, source_file VARCHAR, source_version HUGEINT,
  content_hash VARCHAR, is_deleted BOOLEAN, deleted_at TIMESTAMPTZ, first_seen_run VARCHAR, last_seen_run VARCHAR);

-- What is known about customers and can be split and filtered by. Each that is a dimension is a column
-- attribute_<name> of conversation_facts, which the refresh adds and removes.
CREATE TABLE attributes (                                                     -- key: name
  name VARCHAR, title VARCHAR,
  kind VARCHAR,               -- text number month year
  edges DOUBLE[],             -- of a number: where its bands begin
  holders BIGINT, distinct_values BIGINT, is_dimension BOOLEAN, reason VARCHAR);

-- Which person or organization of another source a requester is. One row with an empty match: nobody.
CREATE TABLE people_matches (                                                 -- key: source_id, person_id, matched_source_id, matched_kind
  source_id VARCHAR, person_id VARCHAR, matched_source_id VARCHAR,
  matched_kind VARCHAR,       -- person organization
  matched_id VARCHAR,
  rule VARCHAR);              -- external id, e-mail, own, organization, domain

-- A requester's attributes as the facts show them.
CREATE TABLE requester_attributes (                                           -- key: source_id, person_id, name
  source_id VARCHAR, person_id VARCHAR, name VARCHAR, value VARCHAR);

-- Persons who are one and the same, as people confirmed; `name` is what all of them are called.
CREATE TABLE linked_people (                                                  -- key: source_id, person_id
  source_id VARCHAR, person_id VARCHAR, canonical_source_id VARCHAR, canonical_id VARCHAR, name VARCHAR);

-- Conversations that arrived through two sources: this one is the copy and is counted with the original.
CREATE TABLE conversation_copies (                                            -- key: source_id, conversation_id
  source_id VARCHAR, conversation_id VARCHAR, original_source_id VARCHAR, original_id VARCHAR, rule VARCHAR);

-- Conversations that a retention rule took out, by a hash of source and id: what a source sends of them stays out.
CREATE TABLE retired_conversations (                                          -- key: source_id, key_hash
  source_id VARCHAR, key_hash VARCHAR, retired_at TIMESTAMPTZ);
