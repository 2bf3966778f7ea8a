-- Corrections by people are laid over the facts; `found` keeps what the machine says.
CREATE TABLE conversation_corrections (
  source_id VARCHAR, conversation_id VARCHAR, field VARCHAR, value VARCHAR, found VARCHAR,
  corrected_by VARCHAR, corrected_at TIMESTAMPTZ);
