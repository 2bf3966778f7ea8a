-- Messages without quoted mail, signatures and notices, and the lines that make macros.
ALTER TABLE message_enrichment ADD COLUMN clean_text VARCHAR;
ALTER TABLE message_enrichment ADD COLUMN left_out STRUCT(kind VARCHAR, "first" INTEGER, "last" INTEGER)[];
ALTER TABLE message_enrichment ADD COLUMN word_count INTEGER;
CREATE TABLE agent_lines (
  source_id VARCHAR, message_id VARCHAR, conversation_id VARCHAR, line_no INTEGER, line_hash UBIGINT);
