-- A card holds all that is shown of a contact but ids: for times in columns of their own DuckDB took as long as for the
-- rest together.

TRUNCATE contact_index;
DELETE FROM settings WHERE name = 'contact_index';
COMMENT ON COLUMN contact_index.card IS 'What is shown of the contact but ids, as JSON without nulls; times in unix seconds.';
INSERT INTO settings SELECT 'contact_index', 'current' WHERE NOT EXISTS (SELECT 1 FROM contacts);
