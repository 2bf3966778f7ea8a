-- The language in which the texts of a fit were compared; those of older fits were compared as they were written.
ALTER TABLE topic_fits ADD COLUMN language VARCHAR;
