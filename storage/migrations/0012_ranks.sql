-- Where a contact stood in each order when the index was built: a page of all contacts is found by comparing numbers
-- instead of names. Cards are packed: DuckDB reads 2,048 of them to give one, and of packed ones that is half as long.

DROP TABLE contact_index;
DELETE FROM settings WHERE name = 'contact_index';
CREATE TABLE contact_index (
    id UUID NOT NULL, brand UUID NOT NULL, user_id UUID NOT NULL, created_by UUID, updated_by UUID,
    created_at TIMESTAMPTZ NOT NULL, updated_at TIMESTAMPTZ NOT NULL,
    last_touch TIMESTAMPTZ, touch_freq INTEGER, touch_set_at TIMESTAMPTZ, is_mark BOOLEAN NOT NULL,
    display_name VARCHAR USING COMPRESSION 'uncompressed', sort_field VARCHAR USING COMPRESSION 'uncompressed',
    tags VARCHAR, search VARCHAR USING COMPRESSION 'uncompressed',
    card VARCHAR USING COMPRESSION 'dict_fsst',
    id_rank INTEGER, display_name_rank INTEGER, sort_field_rank INTEGER, created_at_rank INTEGER, updated_at_rank INTEGER
);
COMMENT ON TABLE contact_index IS 'Derived: one row a living contact, what lists are filtered and ordered by. Used while the setting contact_index says it is current; rebuilt at any time.';
COMMENT ON COLUMN contact_index.id IS 'Contact id.';
COMMENT ON COLUMN contact_index.brand IS 'Team the contact belongs to.';
COMMENT ON COLUMN contact_index.user_id IS 'Owner of the contact.';
COMMENT ON COLUMN contact_index.created_by IS 'User who created it.';
COMMENT ON COLUMN contact_index.updated_by IS 'User who last changed it.';
COMMENT ON COLUMN contact_index.created_at IS 'When it was created.';
COMMENT ON COLUMN contact_index.updated_at IS 'When it was last changed.';
COMMENT ON COLUMN contact_index.last_touch IS 'When the owner was last in touch.';
COMMENT ON COLUMN contact_index.touch_freq IS 'Days between touches.';
COMMENT ON COLUMN contact_index.touch_set_at IS 'When touch_freq was set.';
COMMENT ON COLUMN contact_index.is_mark IS 'One contact in 64, picked by its id: from these the place of a page is guessed.';
COMMENT ON COLUMN contact_index.display_name IS 'Display name without case and accents.';
COMMENT ON COLUMN contact_index.sort_field IS 'Sort field without case and accents.';
COMMENT ON COLUMN contact_index.tags IS 'Tags in lower case, a control character before, between and after them.';
COMMENT ON COLUMN contact_index.search IS 'Searchable values and their keys, without case and accents, a control character between them.';
COMMENT ON COLUMN contact_index.card IS 'What is shown of the contact but ids, as JSON without nulls; times in unix seconds.';
COMMENT ON COLUMN contact_index.id_rank IS 'How many came before it by id when the index was built; NULL when it changed since.';
COMMENT ON COLUMN contact_index.display_name_rank IS 'The same by display name and id.';
COMMENT ON COLUMN contact_index.sort_field_rank IS 'The same by sort field and id.';
COMMENT ON COLUMN contact_index.created_at_rank IS 'The same by when it was created, latest first, and id.';
COMMENT ON COLUMN contact_index.updated_at_rank IS 'The same by when it was changed, latest first, and id.';

INSERT INTO settings SELECT 'contact_index', 'current' WHERE NOT EXISTS (SELECT 1 FROM contacts);
