-- Small dense groups of recent conversations that fit no topic.
CREATE TABLE emerging_groups (
  group_no INTEGER, label VARCHAR, keywords VARCHAR[], p DOUBLE, window_start TIMESTAMPTZ, window_end TIMESTAMPTZ,
  one_in INTEGER, earlier_one_in INTEGER);
CREATE TABLE emerging_conversations (group_no INTEGER, rank INTEGER, source_id VARCHAR, conversation_id VARCHAR);
