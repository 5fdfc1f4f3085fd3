-- The first schema. Facts (contacts, contact_attributes, attribute_defs, tags, files), decisions (jobs, import_rejects,
-- judgements, merges, events) and derived tables (contact_summaries, duplicate_pairs, duplicate_members).
-- No keys or indexes on purpose: DuckDB's would triple the file and block ALTER; uniqueness is checked in the transaction.

CREATE TYPE address AS STRUCT(
    house_num VARCHAR, predir VARCHAR, qual VARCHAR, pretype VARCHAR, name VARCHAR, suftype VARCHAR, sufdir VARCHAR,
    building VARCHAR, unit VARCHAR, box VARCHAR, extra VARCHAR, ruralroute VARCHAR,
    city VARCHAR, state VARCHAR, country VARCHAR, postcode VARCHAR
);

CREATE TABLE settings (name VARCHAR NOT NULL, value VARCHAR NOT NULL);
COMMENT ON TABLE settings IS 'Defaults made at first use: the user and brand that own what is imported without naming an owner.';
COMMENT ON COLUMN settings.name IS 'Name of the setting: default_user or default_brand.';
COMMENT ON COLUMN settings.value IS 'Its value as text.';

CREATE TABLE attribute_defs (
    id UUID NOT NULL, name VARCHAR NOT NULL, data_type VARCHAR NOT NULL, label VARCHAR, section VARCHAR,
    required BOOLEAN NOT NULL, global BOOLEAN NOT NULL, singular BOOLEAN NOT NULL, "show" BOOLEAN NOT NULL,
    filterable BOOLEAN NOT NULL, editable BOOLEAN NOT NULL, searchable BOOLEAN NOT NULL, has_label BOOLEAN NOT NULL,
    labels VARCHAR[], enum_values VARCHAR[], "user" UUID, brand UUID,
    created_at TIMESTAMPTZ NOT NULL, updated_at TIMESTAMPTZ NOT NULL, deleted_at TIMESTAMPTZ,
    created_by UUID, updated_by UUID, position INTEGER NOT NULL
);
COMMENT ON TABLE attribute_defs IS 'Every kind of attribute: the 29 documented global ones and a team''s own.';
COMMENT ON COLUMN attribute_defs.id IS 'Definition id, the documented one for global definitions.';
COMMENT ON COLUMN attribute_defs.name IS 'Name used as attribute_type, such as email.';
COMMENT ON COLUMN attribute_defs.data_type IS 'text, date, number or address.';
COMMENT ON COLUMN attribute_defs.label IS 'Form label.';
COMMENT ON COLUMN attribute_defs.section IS 'Section of a form the attribute belongs to.';
COMMENT ON COLUMN attribute_defs.required IS 'Whether a form demands it.';
COMMENT ON COLUMN attribute_defs.global IS 'Defined by the system rather than by a team.';
COMMENT ON COLUMN attribute_defs.singular IS 'Whether a contact (and its partner) can have one value at most.';
COMMENT ON COLUMN attribute_defs."show" IS 'Whether clients show it.';
COMMENT ON COLUMN attribute_defs.filterable IS 'Whether filters may use it.';
COMMENT ON COLUMN attribute_defs.editable IS 'Whether clients may edit it.';
COMMENT ON COLUMN attribute_defs.searchable IS 'Whether its text is searched by q.';
COMMENT ON COLUMN attribute_defs.has_label IS 'Whether clients show a label beside it.';
COMMENT ON COLUMN attribute_defs.labels IS 'Labels offered.';
COMMENT ON COLUMN attribute_defs.enum_values IS 'Values offered, or NULL for free text.';
COMMENT ON COLUMN attribute_defs."user" IS 'User who owns a personal definition.';
COMMENT ON COLUMN attribute_defs.brand IS 'Team that owns a custom definition.';
COMMENT ON COLUMN attribute_defs.created_at IS 'When it was created.';
COMMENT ON COLUMN attribute_defs.updated_at IS 'When it was last changed.';
COMMENT ON COLUMN attribute_defs.deleted_at IS 'When it was deleted, NULL while it lives.';
COMMENT ON COLUMN attribute_defs.created_by IS 'User who created it.';
COMMENT ON COLUMN attribute_defs.updated_by IS 'User who last changed it.';
COMMENT ON COLUMN attribute_defs.position IS 'Order in listings: the documented order, then order of creation.';

CREATE TABLE contacts (
    id UUID NOT NULL, user_id UUID NOT NULL, brand UUID NOT NULL,
    created_at TIMESTAMPTZ NOT NULL, updated_at TIMESTAMPTZ NOT NULL, deleted_at TIMESTAMPTZ,
    created_by UUID, updated_by UUID, deleted_by UUID,
    created_for VARCHAR NOT NULL, updated_for VARCHAR NOT NULL, deleted_for VARCHAR,
    ios_address_book_id VARCHAR, android_address_book_id VARCHAR,
    last_touch TIMESTAMPTZ, last_touch_action VARCHAR,
    touch_freq INTEGER, touch_source VARCHAR, touch_set_at TIMESTAMPTZ, parked BOOLEAN NOT NULL,
    merged_into UUID,
    job UUID, source VARCHAR, source_id VARCHAR, source_row BIGINT,
    fingerprint UHUGEINT, occurrence INTEGER, corrected UHUGEINT, mapping UHUGEINT
);
COMMENT ON TABLE contacts IS 'One row a contact: the documented scalar fields and where the row came from. What it says of the person is in contact_attributes.';
COMMENT ON COLUMN contacts.id IS 'Contact id (UUID version 7).';
COMMENT ON COLUMN contacts.user_id IS 'Owner of the contact.';
COMMENT ON COLUMN contacts.brand IS 'Team the contact belongs to.';
COMMENT ON COLUMN contacts.created_at IS 'When it was created.';
COMMENT ON COLUMN contacts.updated_at IS 'When it or one of its attributes was last changed.';
COMMENT ON COLUMN contacts.deleted_at IS 'When it was deleted or merged away, NULL while it lives.';
COMMENT ON COLUMN contacts.created_by IS 'User who created it.';
COMMENT ON COLUMN contacts.updated_by IS 'User who last changed it.';
COMMENT ON COLUMN contacts.deleted_by IS 'User who deleted or merged it.';
COMMENT ON COLUMN contacts.created_for IS 'What created it: direct_request, import_csv, import_xls, import_xlsx, import_json.';
COMMENT ON COLUMN contacts.updated_for IS 'What last changed it: as created_for, or merge.';
COMMENT ON COLUMN contacts.deleted_for IS 'What deleted it: direct_request or merge.';
COMMENT ON COLUMN contacts.ios_address_book_id IS 'Address book id on an iOS device.';
COMMENT ON COLUMN contacts.android_address_book_id IS 'Address book id on an Android device.';
COMMENT ON COLUMN contacts.last_touch IS 'When the owner was last in touch.';
COMMENT ON COLUMN contacts.last_touch_action IS 'How: email, phone ….';
COMMENT ON COLUMN contacts.touch_freq IS 'Days between touches, NULL when no reminder is wanted.';
COMMENT ON COLUMN contacts.touch_source IS 'Who set touch_freq: contact (explicitly) or tag.';
COMMENT ON COLUMN contacts.touch_set_at IS 'When touch_freq was set; next_touch counts from here while last_touch is NULL.';
COMMENT ON COLUMN contacts.parked IS 'Always false in the documented interface.';
COMMENT ON COLUMN contacts.merged_into IS 'Parent the contact was merged into.';
COMMENT ON COLUMN contacts.job IS 'Import job that created it.';
COMMENT ON COLUMN contacts.source IS 'Name of the source it was imported from.';
COMMENT ON COLUMN contacts.source_id IS 'Its id on that source: identity on re-import within owner and source.';
COMMENT ON COLUMN contacts.source_row IS 'Row of the imported file, the first data row being 1.';
COMMENT ON COLUMN contacts.fingerprint IS 'MD5 of the imported row, to recognise it unchanged.';
COMMENT ON COLUMN contacts.occurrence IS 'Which of several identical rows of the file it was, from 1.';
COMMENT ON COLUMN contacts.corrected IS 'MD5 of the row as it was corrected after a reject, to recognise that one too.';
COMMENT ON COLUMN contacts.mapping IS 'MD5 of the mapping and settings it was read with.';

CREATE TABLE contact_attributes (
    id UUID NOT NULL, contact UUID NOT NULL, attribute_def UUID NOT NULL, attribute_type VARCHAR NOT NULL,
    label VARCHAR, is_primary BOOLEAN NOT NULL, is_partner BOOLEAN NOT NULL, "index" INTEGER,
    text VARCHAR, number DOUBLE, date BIGINT, address address, key VARCHAR,
    created_at TIMESTAMPTZ NOT NULL, updated_at TIMESTAMPTZ NOT NULL, deleted_at TIMESTAMPTZ,
    created_by UUID, updated_by UUID, job UUID
);
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
COMMENT ON COLUMN contact_attributes.address IS 'Value of an address attribute, its documented components.';
COMMENT ON COLUMN contact_attributes.key IS 'Normalised value for matching: folded e-mail, E.164 phone or its digits; NULL when the value is a placeholder.';
COMMENT ON COLUMN contact_attributes.created_at IS 'When it was created; within one row values are microseconds apart, in the order sent.';
COMMENT ON COLUMN contact_attributes.updated_at IS 'When it was last changed.';
COMMENT ON COLUMN contact_attributes.deleted_at IS 'When it was deleted, NULL while it lives.';
COMMENT ON COLUMN contact_attributes.created_by IS 'User who created it.';
COMMENT ON COLUMN contact_attributes.updated_by IS 'User who last changed it, NULL if never.';
COMMENT ON COLUMN contact_attributes.job IS 'Import job that wrote it, NULL when written by hand.';

CREATE TABLE tags (
    id UUID NOT NULL, brand UUID NOT NULL, tag VARCHAR NOT NULL, touch_freq INTEGER,
    created_at TIMESTAMPTZ NOT NULL, updated_at TIMESTAMPTZ NOT NULL, deleted_at TIMESTAMPTZ,
    created_by UUID, updated_by UUID
);
COMMENT ON TABLE tags IS 'The tag collection: every tag in use and those added by hand.';
COMMENT ON COLUMN tags.id IS 'Tag id.';
COMMENT ON COLUMN tags.brand IS 'Team whose collection it is in.';
COMMENT ON COLUMN tags.tag IS 'Its text, in the first spelling met.';
COMMENT ON COLUMN tags.touch_freq IS 'Days between touches for contacts carrying it.';
COMMENT ON COLUMN tags.created_at IS 'When a contact first carried it, or when it was added.';
COMMENT ON COLUMN tags.updated_at IS 'When it was last changed.';
COMMENT ON COLUMN tags.deleted_at IS 'When it was deleted, NULL while it lives.';
COMMENT ON COLUMN tags.created_by IS 'User who first used or added it.';
COMMENT ON COLUMN tags.updated_by IS 'User who last changed it.';

CREATE TABLE files (
    id UUID NOT NULL, name VARCHAR NOT NULL, path VARCHAR, mime VARCHAR, bytes BIGINT, sha256 VARCHAR,
    created_at TIMESTAMPTZ NOT NULL, updated_at TIMESTAMPTZ NOT NULL, deleted_at TIMESTAMPTZ, created_by UUID
);
COMMENT ON TABLE files IS 'Files that were imported or uploaded.';
COMMENT ON COLUMN files.id IS 'File id.';
COMMENT ON COLUMN files.name IS 'File name without folders.';
COMMENT ON COLUMN files.path IS 'Where an uploaded file is kept, relative to the database; NULL for one read in place.';
COMMENT ON COLUMN files.mime IS 'Media type by content.';
COMMENT ON COLUMN files.bytes IS 'Size in bytes.';
COMMENT ON COLUMN files.sha256 IS 'SHA-256 of the content, hexadecimal.';
COMMENT ON COLUMN files.created_at IS 'When it was first seen.';
COMMENT ON COLUMN files.updated_at IS 'When it was last changed.';
COMMENT ON COLUMN files.deleted_at IS 'When it was deleted.';
COMMENT ON COLUMN files.created_by IS 'User who imported or uploaded it.';

CREATE TABLE jobs (
    id UUID NOT NULL, kind VARCHAR NOT NULL, state VARCHAR NOT NULL,
    created_at TIMESTAMPTZ NOT NULL, started_at TIMESTAMPTZ, finished_at TIMESTAMPTZ,
    created_by UUID, brand UUID, file UUID, arguments JSON, report JSON, error VARCHAR
);
COMMENT ON TABLE jobs IS 'Every import, dedup run, merge and undo: what was asked and what came of it.';
COMMENT ON COLUMN jobs.id IS 'Job id.';
COMMENT ON COLUMN jobs.kind IS 'import, dedup, merge, unmerge.';
COMMENT ON COLUMN jobs.state IS 'queued, running, done or failed.';
COMMENT ON COLUMN jobs.created_at IS 'When it was asked for.';
COMMENT ON COLUMN jobs.started_at IS 'When it began.';
COMMENT ON COLUMN jobs.finished_at IS 'When it ended.';
COMMENT ON COLUMN jobs.created_by IS 'User who asked.';
COMMENT ON COLUMN jobs.brand IS 'Team it ran for.';
COMMENT ON COLUMN jobs.file IS 'File it imported.';
COMMENT ON COLUMN jobs.arguments IS 'Settings it ran with.';
COMMENT ON COLUMN jobs.report IS 'Its report, as printed with --json.';
COMMENT ON COLUMN jobs.error IS 'Why it failed.';

CREATE TABLE import_rejects (
    job UUID NOT NULL, row BIGINT NOT NULL, column_name VARCHAR, attribute_type VARCHAR,
    value VARCHAR, reason VARCHAR NOT NULL, whole_row BOOLEAN NOT NULL, original JSON
);
COMMENT ON TABLE import_rejects IS 'Every value and row an import would not take, with its reason.';
COMMENT ON COLUMN import_rejects.job IS 'Import job.';
COMMENT ON COLUMN import_rejects.row IS 'Row of the file, the first data row being 1.';
COMMENT ON COLUMN import_rejects.column_name IS 'Column of the file, NULL when the whole row was rejected.';
COMMENT ON COLUMN import_rejects.attribute_type IS 'What the column was mapped to.';
COMMENT ON COLUMN import_rejects.value IS 'The value as it stood.';
COMMENT ON COLUMN import_rejects.reason IS 'Why, in words.';
COMMENT ON COLUMN import_rejects.whole_row IS 'True when the row was not imported at all.';
COMMENT ON COLUMN import_rejects.original IS 'The row as it stood, column by column, to correct and import again.';

CREATE TABLE judgements (
    "left" UUID NOT NULL, "right" UUID NOT NULL, judgement VARCHAR NOT NULL,
    created_at TIMESTAMPTZ NOT NULL, created_by UUID, deleted_at TIMESTAMPTZ
);
COMMENT ON TABLE judgements IS 'A person''s word on a pair of contacts; it outlives every dedup run.';
COMMENT ON COLUMN judgements."left" IS 'The smaller contact id of the pair.';
COMMENT ON COLUMN judgements."right" IS 'The larger contact id of the pair.';
COMMENT ON COLUMN judgements.judgement IS 'same or different.';
COMMENT ON COLUMN judgements.created_at IS 'When it was said.';
COMMENT ON COLUMN judgements.created_by IS 'User who said it.';
COMMENT ON COLUMN judgements.deleted_at IS 'When it was replaced by a later word.';

CREATE TABLE merges (
    id UUID NOT NULL, job UUID NOT NULL, parent UUID NOT NULL, sub_contacts UUID[] NOT NULL,
    created_at TIMESTAMPTZ NOT NULL, created_by UUID, undone_at TIMESTAMPTZ, undone_by UUID
);
COMMENT ON TABLE merges IS 'Every merge, one row a cluster; what it changed is in merge_contacts and merge_attributes.';
COMMENT ON COLUMN merges.id IS 'Merge id.';
COMMENT ON COLUMN merges.job IS 'Job that made it.';
COMMENT ON COLUMN merges.parent IS 'Contact that lived on.';
COMMENT ON COLUMN merges.sub_contacts IS 'Contacts that were merged into it.';
COMMENT ON COLUMN merges.created_at IS 'When it was made.';
COMMENT ON COLUMN merges.created_by IS 'User who made it.';
COMMENT ON COLUMN merges.undone_at IS 'When it was undone, NULL while it holds.';
COMMENT ON COLUMN merges.undone_by IS 'User who undid it.';

CREATE TABLE merge_contacts AS SELECT NULL::UUID AS merge, * FROM contacts LIMIT 0;
COMMENT ON TABLE merge_contacts IS 'Before-images of the contacts a merge changed: the columns of contacts, and the merge.';
CREATE TABLE merge_attributes AS SELECT NULL::UUID AS merge, * FROM contact_attributes LIMIT 0;
COMMENT ON TABLE merge_attributes IS 'Before-images of the attributes a merge changed: the columns of contact_attributes, and the merge.';

CREATE TABLE events (
    id UUID NOT NULL, contact UUID, kind VARCHAR NOT NULL, created_at TIMESTAMPTZ NOT NULL, created_by UUID, job UUID, details JSON
);
COMMENT ON TABLE events IS 'Timeline of what was done by hand: who, when, what.';
COMMENT ON COLUMN events.id IS 'Event id.';
COMMENT ON COLUMN events.contact IS 'Contact it happened to.';
COMMENT ON COLUMN events.kind IS 'What happened: judged, merged, unmerged ….';
COMMENT ON COLUMN events.created_at IS 'When.';
COMMENT ON COLUMN events.created_by IS 'User who did it.';
COMMENT ON COLUMN events.job IS 'Job it was part of.';
COMMENT ON COLUMN events.details IS 'Particulars.';

CREATE TABLE contact_summaries (
    contact UUID NOT NULL, display_name VARCHAR NOT NULL, sort_field VARCHAR NOT NULL, partner_name VARCHAR,
    title VARCHAR, first_name VARCHAR, partner_first_name VARCHAR, middle_name VARCHAR, last_name VARCHAR,
    partner_last_name VARCHAR, marketing_name VARCHAR, nickname VARCHAR,
    email VARCHAR, emails VARCHAR[], partner_email VARCHAR, phone_number VARCHAR, phone_numbers VARCHAR[],
    company VARCHAR, birthday BIGINT, profile_image_url VARCHAR, cover_image_url VARCHAR, job_title VARCHAR,
    source_type VARCHAR, source VARCHAR, website VARCHAR[], tags VARCHAR[], summary_tags VARCHAR[], address address[],
    summary_display_name VARCHAR NOT NULL, abbreviated_display_name VARCHAR NOT NULL
);
COMMENT ON TABLE contact_summaries IS 'Derived: one row a living contact, the fields computed from its attributes. Rebuilt at any time.';
COMMENT ON COLUMN contact_summaries.contact IS 'Contact id.';
COMMENT ON COLUMN contact_summaries.display_name IS 'Nickname, else first and last name, else the next best.';
COMMENT ON COLUMN contact_summaries.sort_field IS 'What lists are sorted by: nickname, else last and first name, else the next best.';
COMMENT ON COLUMN contact_summaries.partner_name IS 'Partner''s first and last name.';
COMMENT ON COLUMN contact_summaries.title IS 'Title before the name.';
COMMENT ON COLUMN contact_summaries.first_name IS 'First name.';
COMMENT ON COLUMN contact_summaries.partner_first_name IS 'Partner''s first name.';
COMMENT ON COLUMN contact_summaries.middle_name IS 'Middle name.';
COMMENT ON COLUMN contact_summaries.last_name IS 'Last name.';
COMMENT ON COLUMN contact_summaries.partner_last_name IS 'Partner''s last name.';
COMMENT ON COLUMN contact_summaries.marketing_name IS 'Name used in mailings.';
COMMENT ON COLUMN contact_summaries.nickname IS 'Nickname.';
COMMENT ON COLUMN contact_summaries.email IS 'First of emails.';
COMMENT ON COLUMN contact_summaries.emails IS 'E-mail addresses: primary first, then latest first.';
COMMENT ON COLUMN contact_summaries.partner_email IS 'Partner''s e-mail address.';
COMMENT ON COLUMN contact_summaries.phone_number IS 'First of phone_numbers.';
COMMENT ON COLUMN contact_summaries.phone_numbers IS 'Phone numbers: primary first, then latest first.';
COMMENT ON COLUMN contact_summaries.company IS 'Company.';
COMMENT ON COLUMN contact_summaries.birthday IS 'Birthday: unix seconds at UTC midnight.';
COMMENT ON COLUMN contact_summaries.profile_image_url IS 'Profile picture.';
COMMENT ON COLUMN contact_summaries.cover_image_url IS 'Cover picture.';
COMMENT ON COLUMN contact_summaries.job_title IS 'Job title.';
COMMENT ON COLUMN contact_summaries.source_type IS 'Kind of source.';
COMMENT ON COLUMN contact_summaries.source IS 'Source named by the contact''s own attribute.';
COMMENT ON COLUMN contact_summaries.website IS 'Websites: primary first, then latest first.';
COMMENT ON COLUMN contact_summaries.tags IS 'Tags, latest first.';
COMMENT ON COLUMN contact_summaries.summary_tags IS 'Tags in the order they were added.';
COMMENT ON COLUMN contact_summaries.address IS 'Addresses: primary first, then in the order they were added.';
COMMENT ON COLUMN contact_summaries.summary_display_name IS 'First and last name even when there is a nickname, else the next best.';
COMMENT ON COLUMN contact_summaries.abbreviated_display_name IS 'Nickname, else the shortest name there is.';
