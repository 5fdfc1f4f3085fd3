-- Which living contacts are in which list, flow, deal or task: those named, or the parents they were merged into, and
-- those that have the e-mail address or phone number named. Nothing moves in a merge, so nothing has to move back.

CREATE OR REPLACE VIEW collection_members AS
WITH RECURSIVE standing(collection, contact) AS (
    SELECT collection, contact FROM memberships WHERE contact IS NOT NULL
    UNION
    SELECT m.collection, a.contact FROM memberships m JOIN contact_attributes a ON a.key = m.key
    WHERE a.deleted_at IS NULL AND NOT a.is_partner AND a.attribute_type IN ('email', 'phone_number')
    UNION
    SELECT s.collection, c.merged_into FROM standing s JOIN contacts c ON c.id = s.contact WHERE c.merged_into IS NOT NULL
)
SELECT k.id AS collection, k.kind, k.name, c.id AS contact, s.display_name
FROM standing m JOIN collections k ON k.id = m.collection
JOIN contacts c ON c.id = m.contact AND c.brand = k.brand AND c.deleted_at IS NULL
LEFT JOIN contact_summaries s ON s.contact = c.id;
