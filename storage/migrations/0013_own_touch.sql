-- The frequency a person set on a contact itself is kept beside the one that counts: a tag's reminder set after it counts
-- instead, and when that tag or its reminder is gone the contact's own comes back (contract RULES G11).

ALTER TABLE contacts ADD COLUMN own_touch_freq INTEGER;
ALTER TABLE contacts ADD COLUMN own_touch_set_at TIMESTAMPTZ;
ALTER TABLE merge_contacts ADD COLUMN own_touch_freq INTEGER;
ALTER TABLE merge_contacts ADD COLUMN own_touch_set_at TIMESTAMPTZ;
ALTER TABLE import_contacts ADD COLUMN own_touch_freq INTEGER;
ALTER TABLE import_contacts ADD COLUMN own_touch_set_at TIMESTAMPTZ;
ALTER TABLE tags ADD COLUMN touch_set_at TIMESTAMPTZ;

UPDATE contacts SET own_touch_freq = touch_freq, own_touch_set_at = touch_set_at WHERE touch_source = 'contact';
UPDATE merge_contacts SET own_touch_freq = touch_freq, own_touch_set_at = touch_set_at WHERE touch_source = 'contact';
UPDATE import_contacts SET own_touch_freq = touch_freq, own_touch_set_at = touch_set_at WHERE touch_source = 'contact';

COMMENT ON COLUMN contacts.own_touch_freq IS 'Days between touches as set on the contact itself, NULL when none are wanted or it was never set.';
COMMENT ON COLUMN contacts.own_touch_set_at IS 'When own_touch_freq was set, NULL when never; a tag counts instead if its reminder was set later.';
COMMENT ON COLUMN merge_contacts.own_touch_freq IS 'Days between touches as set on the contact itself, NULL when none are wanted or it was never set.';
COMMENT ON COLUMN merge_contacts.own_touch_set_at IS 'When own_touch_freq was set, NULL when never; a tag counts instead if its reminder was set later.';
COMMENT ON COLUMN import_contacts.own_touch_freq IS 'Days between touches as set on the contact itself, NULL when none are wanted or it was never set.';
COMMENT ON COLUMN import_contacts.own_touch_set_at IS 'When own_touch_freq was set, NULL when never; a tag counts instead if its reminder was set later.';
COMMENT ON COLUMN tags.touch_set_at IS 'When its reminder was last set on the tag, NULL when it has the one it was added with.';

-- Events have particulars, and there are some of tags and definitions.
COMMENT ON TABLE events IS 'Timeline of what was done by hand: who, when, what. Which contacts an import created and changed is told by its job (contacts.job, import_contacts).';
COMMENT ON COLUMN events.contact IS 'Contact it happened to; NULL for what was done to a tag or an attribute definition itself.';
COMMENT ON COLUMN events.kind IS 'What happened: created, updated, owner changed, attributes deleted, deleted, merged, unmerged, tag added, definition created ….';
COMMENT ON COLUMN events.details IS 'Particulars without anybody''s values: attribute_types, tags (ids), touch_freq, user, attribute_def, merge, skipped.';
