-- While a long history is still being loaded, this says how far back it reaches.
ALTER TABLE sync_state ADD COLUMN horizon TIMESTAMPTZ;
