-- Pairs of living contacts that may be one person and on which nobody has given a word yet, likeliest first.
CREATE OR REPLACE VIEW duplicates_to_review AS
SELECT
    p."left" AS contact,
    l.display_name AS name,
    p."right" AS other_contact,
    r.display_name AS other_name,
    round(p.probability::DOUBLE, 4) AS probability,
    round(p.weight::DOUBLE, 1) AS weight,
    array_to_string(
        list_transform(
            list_filter(p.evidence, lambda e: abs(e.bits) >= 0.05),
            lambda e: replace(e.field, '_', ' ') || ' ' || e."level" || ' (' || printf('%+.1f', e.bits) || ')'
        ),
        ', '
    ) AS reasons,
    p.otherwise,
    m.cluster
FROM duplicate_pairs AS p
JOIN contact_summaries AS l ON l.contact = p."left"
JOIN contact_summaries AS r ON r.contact = p."right"
LEFT JOIN duplicate_members AS m ON m.contact = p."left"
    AND EXISTS (FROM duplicate_members AS o WHERE o.contact = p."right" AND o.cluster = m.cluster)
WHERE NOT EXISTS (
    FROM judgements AS j WHERE j."left" = p."left" AND j."right" = p."right" AND j.deleted_at IS NULL
)
ORDER BY p.probability DESC, p."left", p."right";
COMMENT ON VIEW duplicates_to_review IS 'Pairs of contacts that may be one person and that nobody has judged yet: names, probability and reasons, likeliest first.';
COMMENT ON COLUMN duplicates_to_review.contact IS 'The smaller contact id of the pair.';
COMMENT ON COLUMN duplicates_to_review.name IS 'Its display name.';
COMMENT ON COLUMN duplicates_to_review.other_contact IS 'The larger contact id of the pair.';
COMMENT ON COLUMN duplicates_to_review.other_name IS 'Its display name.';
COMMENT ON COLUMN duplicates_to_review.probability IS 'Probability that the two are one person, 0 to 1.';
COMMENT ON COLUMN duplicates_to_review.weight IS 'The same as log-odds in bits.';
COMMENT ON COLUMN duplicates_to_review.reasons IS 'Each field both have: how far it agrees and what that is worth in bits, strongest first; what is worth nothing is left out.';
COMMENT ON COLUMN duplicates_to_review.otherwise IS 'What the pair most likely is if not one person: household, colleague, namesake or chance.';
COMMENT ON COLUMN duplicates_to_review.cluster IS 'Cluster both are in, NULL when the run kept them apart.';
