-- Conversations that a retention rule took out, by a hash of source and id: what a source sends of them stays out.
CREATE TABLE retired_conversations (source_id VARCHAR, key_hash VARCHAR, retired_at TIMESTAMPTZ);
