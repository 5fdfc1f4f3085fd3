-- One row a contact. address_line1 and the rest of contract RULES E2-E4 are here once, for views and exports alike.

CREATE OR REPLACE MACRO address_line1(a) AS nullif(concat_ws(' ', a.house_num, a.predir, a.qual, a.pretype, a.name, a.suftype, a.sufdir, a.building, a.box, a.unit), '');
CREATE OR REPLACE MACRO address_line2(a) AS nullif(concat_ws(' ', a.city, a.state, a.postcode), '');
CREATE OR REPLACE MACRO address_full(a) AS nullif(concat_ws(', ', address_line1(a), address_line2(a)), '');
CREATE OR REPLACE MACRO next_touch(freq, last_touch, set_at) AS CASE WHEN freq > 0 THEN coalesce(last_touch, set_at) + to_days(freq) END;

CREATE OR REPLACE VIEW contacts_wide_all AS
SELECT c.id, c.user_id, c.brand, c.source, c.source_id, s.* EXCLUDE (contact, source), s.source AS source_attribute,
       c.last_touch, c.last_touch_action, c.touch_freq, next_touch(c.touch_freq, c.last_touch, c.touch_set_at) AS next_touch,
       c.created_at, c.updated_at, c.created_for, c.updated_for, c.job, c.source_row,
       c.deleted_at, c.deleted_for, c.merged_into
FROM contacts c LEFT JOIN contact_summaries s ON s.contact = c.id;

CREATE OR REPLACE VIEW contacts_wide AS SELECT * EXCLUDE (deleted_at, deleted_for, merged_into) FROM contacts_wide_all WHERE deleted_at IS NULL;

CREATE OR REPLACE VIEW emails_all AS
SELECT a.contact, s.display_name, lower(a.text) AS email, a.label, a.is_primary, a.is_partner, a.key, a.created_at, coalesce(a.deleted_at, c.deleted_at) AS deleted_at
FROM contact_attributes a JOIN contacts c ON c.id = a.contact LEFT JOIN contact_summaries s ON s.contact = a.contact
WHERE a.attribute_type = 'email';
CREATE OR REPLACE VIEW emails AS SELECT * EXCLUDE (deleted_at) FROM emails_all WHERE deleted_at IS NULL;

CREATE OR REPLACE VIEW phone_numbers_all AS
SELECT a.contact, s.display_name, a.text AS phone_number, a.label, a.is_primary, a.is_partner, a.key, a.created_at, coalesce(a.deleted_at, c.deleted_at) AS deleted_at
FROM contact_attributes a JOIN contacts c ON c.id = a.contact LEFT JOIN contact_summaries s ON s.contact = a.contact
WHERE a.attribute_type = 'phone_number';
CREATE OR REPLACE VIEW phone_numbers AS SELECT * EXCLUDE (deleted_at) FROM phone_numbers_all WHERE deleted_at IS NULL;

CREATE OR REPLACE VIEW addresses_all AS
SELECT a.contact, s.display_name, a.label, a.is_primary, a.is_partner, a."index", address_full(a.address) AS "full",
       address_line1(a.address) AS line1, address_line2(a.address) AS line2, unnest(a.address), a.created_at, coalesce(a.deleted_at, c.deleted_at) AS deleted_at
FROM contact_attributes a JOIN contacts c ON c.id = a.contact LEFT JOIN contact_summaries s ON s.contact = a.contact
WHERE a.attribute_type = 'address';
CREATE OR REPLACE VIEW addresses AS SELECT * EXCLUDE (deleted_at) FROM addresses_all WHERE deleted_at IS NULL;

CREATE OR REPLACE VIEW contact_tags_all AS
SELECT a.contact, s.display_name, a.text AS tag, a.created_at, coalesce(a.deleted_at, c.deleted_at) AS deleted_at
FROM contact_attributes a JOIN contacts c ON c.id = a.contact LEFT JOIN contact_summaries s ON s.contact = a.contact
WHERE a.attribute_type = 'tag' AND NOT a.is_partner;
CREATE OR REPLACE VIEW contact_tags AS SELECT * EXCLUDE (deleted_at) FROM contact_tags_all WHERE deleted_at IS NULL;

CREATE OR REPLACE VIEW tag_counts AS
SELECT t.tag, t.touch_freq, count(DISTINCT ct.contact) AS contacts
FROM tags t LEFT JOIN contact_tags ct ON lower(ct.tag) = lower(t.tag)
WHERE t.deleted_at IS NULL GROUP BY t.tag, t.touch_freq;

CREATE OR REPLACE VIEW touch_due AS
SELECT id AS contact, display_name, last_touch, touch_freq, next_touch, next_touch <= now() AS is_overdue
FROM contacts_wide WHERE next_touch IS NOT NULL;
