-- An address is kept as a list of at most one. Of a struct DuckDB writes all sixteen fields for every row, though one row
-- in ten has an address: a third of what writing the table took. A list writes nothing where there is nothing.
-- `address` reads as before; `place` is what is written.

CREATE TABLE contact_attributes_0004 (
    id UUID NOT NULL, contact UUID NOT NULL, attribute_def UUID NOT NULL, attribute_type VARCHAR NOT NULL,
    label VARCHAR, is_primary BOOLEAN NOT NULL, is_partner BOOLEAN NOT NULL, "index" INTEGER,
    text VARCHAR, number DOUBLE, date BIGINT, place address[], key VARCHAR,
    created_at TIMESTAMPTZ NOT NULL, updated_at TIMESTAMPTZ NOT NULL, deleted_at TIMESTAMPTZ,
    created_by UUID, updated_by UUID, job UUID,
    address address GENERATED ALWAYS AS (place[1]) VIRTUAL
);
INSERT INTO contact_attributes_0004 BY NAME
SELECT * EXCLUDE (address), CASE WHEN address IS NOT NULL THEN [address] END AS place FROM contact_attributes;
DROP TABLE contact_attributes;
ALTER TABLE contact_attributes_0004 RENAME TO contact_attributes;

COMMENT ON TABLE contact_attributes IS 'One row a value (entity, attribute, value): everything known of a contact and its partner.';
COMMENT ON COLUMN contact_attributes.id IS 'Attribute id.';
COMMENT ON COLUMN contact_attributes.contact IS 'Contact it belongs to.';
COMMENT ON COLUMN contact_attributes.attribute_def IS 'Its definition.';
COMMENT ON COLUMN contact_attributes.attribute_type IS 'Name of the definition.';
COMMENT ON COLUMN contact_attributes.label IS 'Label such as Home or Work.';
COMMENT ON COLUMN contact_attributes.is_primary IS 'The main one of its type.';
COMMENT ON COLUMN contact_attributes.is_partner IS 'Belongs to the contact''s partner, not to the contact.';
COMMENT ON COLUMN contact_attributes."index" IS 'Groups address parts; kept as sent.';
COMMENT ON COLUMN contact_attributes.text IS 'Value of a text attribute, as sent.';
COMMENT ON COLUMN contact_attributes.number IS 'Value of a number attribute.';
COMMENT ON COLUMN contact_attributes.date IS 'Value of a date attribute: unix seconds at UTC midnight.';
COMMENT ON COLUMN contact_attributes.place IS 'How an address is written: a list of it alone, or NULL. Read address.';
COMMENT ON COLUMN contact_attributes.address IS 'Value of an address attribute, its documented components; computed from place.';
COMMENT ON COLUMN contact_attributes.key IS 'Normalised value for matching: folded e-mail, E.164 phone or its digits; NULL when the value is a placeholder.';
COMMENT ON COLUMN contact_attributes.created_at IS 'When it was created; within one row values are microseconds apart, in the order sent.';
COMMENT ON COLUMN contact_attributes.updated_at IS 'When it was last changed.';
COMMENT ON COLUMN contact_attributes.deleted_at IS 'When it was deleted, NULL while it lives.';
COMMENT ON COLUMN contact_attributes.created_by IS 'User who created it.';
COMMENT ON COLUMN contact_attributes.updated_by IS 'User who last changed it, NULL if never.';
COMMENT ON COLUMN contact_attributes.job IS 'Import job that wrote it, NULL when written by hand.';
COMMENT ON TABLE merge_attributes IS 'Before-images of the attributes a merge changed: the columns of contact_attributes, and the merge.';
