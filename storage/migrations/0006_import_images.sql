-- What an import keeps so that it can be taken back: rows as they were before it changed them, and what it added that is
-- not told by its job. Grows with what an import changes; what it creates needs no image.

CREATE TABLE import_contacts AS SELECT NULL::UUID AS import, * FROM contacts LIMIT 0;
COMMENT ON TABLE import_contacts IS 'Before-images of the contacts an import changed: the columns of contacts, and the import''s job. Gone once it is undone.';
CREATE TABLE import_attributes AS SELECT NULL::UUID AS import, * EXCLUDE (address) FROM contact_attributes LIMIT 0;
COMMENT ON TABLE import_attributes IS 'Before-images of the attributes an import changed: the columns of contact_attributes, and the import''s job. Gone once it is undone.';

CREATE TABLE import_additions (import UUID NOT NULL, kind VARCHAR NOT NULL, id UUID);
COMMENT ON TABLE import_additions IS 'What an import added beside contacts and values: tags, definitions, its file; and contacts made from corrected rejects.';
COMMENT ON COLUMN import_additions.import IS 'Job of the import.';
COMMENT ON COLUMN import_additions.kind IS 'tag, attribute_def, file or contact; unknown for an import from before this was kept, which cannot be undone.';
COMMENT ON COLUMN import_additions.id IS 'Id of what was added.';
INSERT INTO import_additions SELECT id, 'unknown', NULL FROM jobs WHERE kind = 'import' AND state = 'done';

COMMENT ON COLUMN jobs.kind IS 'import, undo, dedup, merge, unmerge.';
COMMENT ON COLUMN jobs.state IS 'queued, running, done, failed, or undone: an import that was taken back.';

COMMENT ON COLUMN import_contacts.import IS 'Import the before-image belongs to: its job.';
COMMENT ON COLUMN import_contacts.id IS 'Contact id (UUID version 7).';
COMMENT ON COLUMN import_contacts.user_id IS 'Owner of the contact.';
COMMENT ON COLUMN import_contacts.brand IS 'Team the contact belongs to.';
COMMENT ON COLUMN import_contacts.created_at IS 'When it was created.';
COMMENT ON COLUMN import_contacts.updated_at IS 'When it or one of its attributes was last changed.';
COMMENT ON COLUMN import_contacts.deleted_at IS 'When it was deleted or merged away, NULL while it lives.';
COMMENT ON COLUMN import_contacts.created_by IS 'User who created it.';
COMMENT ON COLUMN import_contacts.updated_by IS 'User who last changed it.';
COMMENT ON COLUMN import_contacts.deleted_by IS 'User who deleted or merged it.';
COMMENT ON COLUMN import_contacts.created_for IS 'What created it: direct_request, import_csv, import_xls, import_xlsx, import_json.';
COMMENT ON COLUMN import_contacts.updated_for IS 'What last changed it: as created_for, or merge.';
COMMENT ON COLUMN import_contacts.deleted_for IS 'What deleted it: direct_request or merge.';
COMMENT ON COLUMN import_contacts.ios_address_book_id IS 'Address book id on an iOS device.';
COMMENT ON COLUMN import_contacts.android_address_book_id IS 'Address book id on an Android device.';
COMMENT ON COLUMN import_contacts.last_touch IS 'When the owner was last in touch.';
COMMENT ON COLUMN import_contacts.last_touch_action IS 'How: email, phone ….';
COMMENT ON COLUMN import_contacts.touch_freq IS 'Days between touches, NULL when no reminder is wanted.';
COMMENT ON COLUMN import_contacts.touch_source IS 'Who set touch_freq: contact (explicitly) or tag.';
COMMENT ON COLUMN import_contacts.touch_set_at IS 'When touch_freq was set; next_touch counts from here while last_touch is NULL.';
COMMENT ON COLUMN import_contacts.parked IS 'Always false in the documented interface.';
COMMENT ON COLUMN import_contacts.merged_into IS 'Parent the contact was merged into.';
COMMENT ON COLUMN import_contacts.job IS 'Import job that created it.';
COMMENT ON COLUMN import_contacts.source IS 'Name of the source it was imported from.';
COMMENT ON COLUMN import_contacts.source_id IS 'Its id on that source: identity on re-import within owner and source.';
COMMENT ON COLUMN import_contacts.source_row IS 'Row of the imported file, the first data row being 1.';
COMMENT ON COLUMN import_contacts.fingerprint IS 'MD5 of the imported row, to recognise it unchanged.';
COMMENT ON COLUMN import_contacts.occurrence IS 'Which of several identical rows of the file it was, from 1.';
COMMENT ON COLUMN import_contacts.corrected IS 'MD5 of the row as it was corrected after a reject, to recognise that one too.';
COMMENT ON COLUMN import_contacts.mapping IS 'MD5 of the mapping and settings it was read with.';

COMMENT ON COLUMN import_attributes.import IS 'Import the before-image belongs to: its job.';
COMMENT ON COLUMN import_attributes.id IS 'Attribute id.';
COMMENT ON COLUMN import_attributes.contact IS 'Contact it belongs to.';
COMMENT ON COLUMN import_attributes.attribute_def IS 'Its definition.';
COMMENT ON COLUMN import_attributes.attribute_type IS 'Name of the definition.';
COMMENT ON COLUMN import_attributes.label IS 'Label such as Home or Work.';
COMMENT ON COLUMN import_attributes.is_primary IS 'The main one of its type.';
COMMENT ON COLUMN import_attributes.is_partner IS 'Belongs to the contact''s partner, not to the contact.';
COMMENT ON COLUMN import_attributes."index" IS 'Groups address parts; kept as sent.';
COMMENT ON COLUMN import_attributes.text IS 'Value of a text attribute, as sent.';
COMMENT ON COLUMN import_attributes.number IS 'Value of a number attribute.';
COMMENT ON COLUMN import_attributes.date IS 'Value of a date attribute: unix seconds at UTC midnight.';
COMMENT ON COLUMN import_attributes.place IS 'An address, in a list of it alone.';
COMMENT ON COLUMN import_attributes.key IS 'Normalised value for matching: folded e-mail, E.164 phone or its digits; NULL when the value is a placeholder.';
COMMENT ON COLUMN import_attributes.created_at IS 'When it was created; within one row values are microseconds apart, in the order sent.';
COMMENT ON COLUMN import_attributes.updated_at IS 'When it was last changed.';
COMMENT ON COLUMN import_attributes.deleted_at IS 'When it was deleted, NULL while it lives.';
COMMENT ON COLUMN import_attributes.created_by IS 'User who created it.';
COMMENT ON COLUMN import_attributes.updated_by IS 'User who last changed it, NULL if never.';
COMMENT ON COLUMN import_attributes.job IS 'Import job that wrote it, NULL when written by hand.';

COMMENT ON TABLE merge_attributes IS 'Before-images of the attributes a merge changed: the columns of contact_attributes, and the merge. Also what a sub_contact''s row added to the parent since, which goes to the sub_contact on undo.';
