-- The schema of the first version, as it was then: a change of today cannot change the past.
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
  valid_from TIMESTAMPTZ, valid_to TIMESTAMPTZ,
  source_file VARCHAR, source_version HUGEINT, content_hash VARCHAR,
  is_deleted BOOLEAN, deleted_at TIMESTAMPTZ, first_seen_run VARCHAR, last_seen_run VARCHAR);

-- How far each stream of each source has been read. Written in the same transaction as the rows.
CREATE TABLE sync_state (                                                     -- key: source_id, stream
  source_id VARCHAR, stream VARCHAR, cursor JSON, cursor_kind VARCHAR, cursor_version INTEGER,
  config_fingerprint VARCHAR, high_water TIMESTAMPTZ, updated_at TIMESTAMPTZ, run_id VARCHAR);

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
  language VARCHAR, language_confidence DOUBLE,
  sentiment_score DOUBLE);    -- -1 (negative) to 1 (positive)

-- Texts by anybody but the customer within 60 seconds of a conversation's creation: the same text in many
-- conversations is an automatic acknowledgement, never a reply.
CREATE TABLE early_texts (                                                    -- key: source_id, message_id
  source_id VARCHAR, message_id VARCHAR, conversation_id VARCHAR, text_hash VARCHAR);

-- Topics are versioned: a new version never rewrites an older one.
CREATE TABLE topics (                                                         -- key: topic_version, topic_id
  topic_version INTEGER, topic_id INTEGER, label VARCHAR, keywords VARCHAR[], size BIGINT,
  centroid FLOAT[], made_at TIMESTAMPTZ, is_current BOOLEAN);

CREATE TABLE conversation_topics (                                            -- key: source_id, conversation_id
  source_id VARCHAR, conversation_id VARCHAR, topic_version INTEGER, topic_id INTEGER,
  fit DOUBLE, content_hash VARCHAR);  -- fit: cosine to the topic's centre

-- Search units of one conversation. The text itself stays in messages.
CREATE TABLE chunks (                                                         -- key: source_id, conversation_id, chunk_no
  source_id VARCHAR, conversation_id VARCHAR, chunk_no INTEGER, first_seq INTEGER, last_seq INTEGER,
  content_hash VARCHAR, embed_model VARCHAR);

-- What a conversation's chunks were cut from: when its fingerprint differs, it is cut again.
CREATE TABLE chunk_state (                                                    -- key: source_id, conversation_id
  source_id VARCHAR, conversation_id VARCHAR, fingerprint UBIGINT);

-- One row a conversation: what the metrics read. Rebuilt for changed conversations only.
-- Durations are whole seconds, NULL when the event has not happened or the source cannot tell.
CREATE TABLE conversation_facts (                                             -- key: source_id, conversation_id
  source_id VARCHAR, conversation_id VARCHAR, facts_version INTEGER,
  subject VARCHAR, channel VARCHAR, status VARCHAR, priority VARCHAR, type VARCHAR, product VARCHAR,
  brand VARCHAR, language VARCHAR, team VARCHAR, agent VARCHAR,  -- names, or ids where there is no name
  requester_id VARCHAR, requester VARCHAR, organization VARCHAR, tags VARCHAR[],
  created_at TIMESTAMPTZ, created_local TIMESTAMP,
  last_activity_at TIMESTAMPTZ, last_activity_local TIMESTAMP,
  first_reply_at TIMESTAMPTZ, first_reply_local TIMESTAMP, first_reply_s BIGINT, first_reply_agent VARCHAR,
  first_solved_at TIMESTAMPTZ, first_solved_local TIMESTAMP, first_resolution_s BIGINT,
  last_solved_at TIMESTAMPTZ, last_solved_local TIMESTAMP, full_resolution_s BIGINT,
  reopens INTEGER, agent_replies INTEGER, customer_messages INTEGER, message_count INTEGER,
  is_solved BOOLEAN, is_outbound BOOLEAN,
  is_counted BOOLEAN, excluded_because VARCHAR,        -- merged spam deleted test automatic outbound
  csat_score DOUBLE, csat_rated_at TIMESTAMPTZ, csat_local TIMESTAMP,
  sentiment_score DOUBLE, sentiment VARCHAR,           -- negative neutral positive, of the customer's words
  sentiment_start DOUBLE, sentiment_end DOUBLE,
  topic_id INTEGER, topic VARCHAR);

-- Every stretch of time in which a conversation was unsolved; the backlog at t is the spans that cover t.
CREATE TABLE open_spans (                                                     -- key: source_id, conversation_id, span_no
  source_id VARCHAR, conversation_id VARCHAR, span_no INTEGER,
  opened_at TIMESTAMPTZ, opened_local TIMESTAMP,
  closed_at TIMESTAMPTZ, closed_local TIMESTAMP);      -- NULL while still open
