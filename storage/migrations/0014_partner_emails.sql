-- The partner's e-mail that a summary shows is the primary one, else the latest, as the contact's own is. Summaries of
-- before showed the first; of a contact that changes only what follows from the change is written anew.

CREATE TEMP TABLE partner_emails AS
SELECT s.contact, p.email
FROM contact_summaries s JOIN (
    SELECT contact, first(lower(text) ORDER BY is_primary DESC, updated_at DESC, created_at, id) AS email
    FROM contact_attributes
    WHERE attribute_type = 'email' AND is_partner AND deleted_at IS NULL
    GROUP BY contact
) p ON p.contact = s.contact
WHERE lower(s.partner_email) IS DISTINCT FROM p.email;

UPDATE contact_summaries AS s SET partner_email = p.email FROM partner_emails p WHERE p.contact = s.contact;
DELETE FROM settings WHERE name = 'contact_index' AND EXISTS (SELECT 1 FROM partner_emails);

DROP TABLE partner_emails;
