-- A corrected reject goes to the contact that its row changed. One that its row made is known by its job and row; one
-- that was there before and was recognised by the text of its row is known by nothing else once that text is corrected.

ALTER TABLE import_rejects ADD COLUMN contact UUID;
COMMENT ON COLUMN import_rejects.contact IS 'Contact that the row was to change, NULL when it made one or was rejected before.';
