-- How full and how sound the data is.

CREATE OR REPLACE VIEW completeness AS
WITH live AS (SELECT id, coalesce(source, '') AS source FROM contacts WHERE deleted_at IS NULL),
     totals AS (SELECT source, count(*) AS contacts FROM live GROUP BY source),
     filled AS (
         SELECT l.source, a.attribute_type, count(DISTINCT a.contact) AS filled
         FROM contact_attributes a JOIN live l ON l.id = a.contact
         WHERE a.deleted_at IS NULL AND NOT a.is_partner GROUP BY ALL
     )
SELECT t.source, d.name AS attribute_type, t.contacts, coalesce(f.filled, 0) AS filled, coalesce(f.filled, 0) / t.contacts AS fill_rate
FROM totals t CROSS JOIN (SELECT DISTINCT name FROM attribute_defs WHERE deleted_at IS NULL) d LEFT JOIN filled f ON f.source = t.source AND f.attribute_type = d.name;

CREATE OR REPLACE VIEW data_quality AS
WITH live AS (SELECT a.* FROM contact_attributes a JOIN contacts c ON c.id = a.contact WHERE a.deleted_at IS NULL AND c.deleted_at IS NULL),
problems AS (
    SELECT contact, id AS attribute, attribute_type, text AS value, 'placeholder, no proof of identity' AS problem FROM live
    WHERE attribute_type IN ('email', 'phone_number') AND key IS NULL
    UNION ALL
    SELECT contact, id, attribute_type, text, 'not a valid phone number' FROM live
    WHERE attribute_type = 'phone_number' AND key IS NOT NULL AND NOT starts_with(key, '+')
    UNION ALL
    SELECT contact, id, attribute_type, text, 'not a complete e-mail address' FROM live
    WHERE attribute_type = 'email' AND key IS NOT NULL AND NOT regexp_full_match(key, '[^@\s]+@[^@\s.]+(\.[^@\s.]+)+')
    UNION ALL
    SELECT contact, id, attribute_type, text, 'role address, shared by several people' FROM live
    WHERE attribute_type = 'email' AND regexp_matches(key, '^(info|office|sales|admin|contact|support|hello|team|mail|billing|accounts|noreply|no-reply)@')
    UNION ALL
    SELECT contact, id, attribute_type, strftime(make_timestamp(date * 1000000), '%Y-%m-%d'), 'birthday in the future' FROM live
    WHERE attribute_type IN ('birthday', 'child_birthday') AND date > epoch(now())
    UNION ALL
    SELECT contact, id, attribute_type, strftime(make_timestamp(date * 1000000), '%Y-%m-%d'), 'birthday more than 120 years ago' FROM live
    WHERE attribute_type = 'birthday' AND date < epoch(now() - INTERVAL 120 YEAR) AND date <> -2208988800 AND year(make_timestamp(date * 1000000)) <> 1604
    UNION ALL
    SELECT contact, id, attribute_type, strftime(make_timestamp(date * 1000000), '%m-%d'), 'day without a year, kept under 1604' FROM live
    WHERE year(make_timestamp(date * 1000000)) = 1604
    UNION ALL
    SELECT contact, id, attribute_type, '1900-01-01', 'placeholder, no date of anybody' FROM live WHERE date = -2208988800
)
SELECT p.contact, s.display_name, p.attribute, p.attribute_type, p.value, p.problem
FROM problems p LEFT JOIN contact_summaries s ON s.contact = p.contact;
