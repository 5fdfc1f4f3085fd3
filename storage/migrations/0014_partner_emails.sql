-- The partner's e-mail that a summary shows is the primary one, else the latest, as the contact's own is. Summaries of
-- before showed the first; of a contact that changes only what follows from the change is written anew.

UPDATE contact_summaries AS s SET partner_email = p.email
FROM (
    SELECT contact, first(lower(text) ORDER BY is_primary DESC, updated_at DESC, created_at, id) AS email
    FROM contact_attributes
    WHERE attribute_type = 'email' AND is_partner AND deleted_at IS NULL
    GROUP BY contact
) p
WHERE s.contact = p.contact AND s.partner_email IS DISTINCT FROM p.email;

DELETE FROM settings WHERE name = 'contact_index' AND EXISTS (SELECT 1 FROM contacts);
