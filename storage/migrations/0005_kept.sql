-- What a full dedup run keeps, so that the runs after it compare only what has changed since.

CREATE TABLE duplicate_records (record UINTEGER NOT NULL, contact UUID NOT NULL, state UBIGINT NOT NULL);
COMMENT ON TABLE duplicate_records IS 'Derived: the contacts the last dedup run saw, and the state it saw them in. A contact whose state differs now has changed.';
COMMENT ON COLUMN duplicate_records.record IS 'Number of the contact in duplicate_keys.';
COMMENT ON COLUMN duplicate_records.contact IS 'Contact id.';
COMMENT ON COLUMN duplicate_records.state IS 'Hash of its owner, its values with their time of change, and the judgements on it.';

CREATE TABLE duplicate_keys ("key" UINTEGER NOT NULL, record UINTEGER NOT NULL);
COMMENT ON TABLE duplicate_keys IS 'Derived: hashed keys by which a later dedup run finds the contacts to compare a new one with.';
COMMENT ON COLUMN duplicate_keys."key" IS 'Hash of what a contact has in common with others: an e-mail, a name and a birthday ….';
COMMENT ON COLUMN duplicate_keys.record IS 'Number of the contact in duplicate_records.';

CREATE TABLE duplicate_values (field VARCHAR NOT NULL, value VARCHAR NOT NULL, people INTEGER NOT NULL);
COMMENT ON TABLE duplicate_values IS 'Derived: values several people hold, and all first and last names, as the last full dedup run counted them.';
COMMENT ON COLUMN duplicate_values.field IS 'Field the value is of.';
COMMENT ON COLUMN duplicate_values.value IS 'The value as it was compared: folded, without titles and legal forms.';
COMMENT ON COLUMN duplicate_values.people IS 'How many different people hold it; the cards of one person count once.';

ALTER TABLE duplicate_weights ADD COLUMN rules JSON;
ALTER TABLE duplicate_weights ADD COLUMN reach JSON;
ALTER TABLE duplicate_weights ADD COLUMN hashing VARCHAR;
ALTER TABLE duplicate_weights ADD COLUMN changed BIGINT;
COMMENT ON TABLE duplicate_weights IS 'Derived: what the last full dedup run learned about agreement in each field, one row.';
COMMENT ON COLUMN duplicate_weights.job IS 'Dedup run that learned it.';
COMMENT ON COLUMN duplicate_weights.rules IS 'Rules it ran with; a run with other rules is a full one again.';
COMMENT ON COLUMN duplicate_weights.reach IS 'By blocking key, the most contacts sharing it that were still compared; NULL when every pair was.';
COMMENT ON COLUMN duplicate_weights.hashing IS 'How the keys in duplicate_keys were made.';
COMMENT ON COLUMN duplicate_weights.changed IS 'Contacts that runs since then compared anew because they had changed.';
