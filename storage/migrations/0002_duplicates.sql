-- What deduplication derives: weighed pairs with their evidence, clusters, and what the matcher learned.

CREATE SEQUENCE duplicate_cluster_ids;

CREATE TABLE duplicate_pairs (
    "left" UUID NOT NULL, "right" UUID NOT NULL, probability FLOAT NOT NULL, weight FLOAT NOT NULL,
    otherwise VARCHAR NOT NULL, evidence STRUCT(field VARCHAR, "level" VARCHAR, bits FLOAT)[] NOT NULL, job UUID NOT NULL
);
COMMENT ON TABLE duplicate_pairs IS 'Derived: pairs of contacts that may be one person, with the evidence field by field. Rebuilt by every dedup run.';
COMMENT ON COLUMN duplicate_pairs."left" IS 'The smaller contact id of the pair.';
COMMENT ON COLUMN duplicate_pairs."right" IS 'The larger contact id of the pair.';
COMMENT ON COLUMN duplicate_pairs.probability IS 'Probability that the two are one person, 0 to 1.';
COMMENT ON COLUMN duplicate_pairs.weight IS 'The same as log-odds in bits: 0 is even, 10 is a thousand to one.';
COMMENT ON COLUMN duplicate_pairs.otherwise IS 'What the pair most likely is if not one person: household, colleague, namesake or chance.';
COMMENT ON COLUMN duplicate_pairs.evidence IS 'Fields both contacts have, with the level of agreement and its weight in bits, strongest first.';
COMMENT ON COLUMN duplicate_pairs.job IS 'Dedup run that weighed it.';

CREATE TABLE duplicate_members (cluster BIGINT NOT NULL, contact UUID NOT NULL, probability DOUBLE NOT NULL);
COMMENT ON TABLE duplicate_members IS 'Derived: clusters of contacts taken to be one person, one row a member. Rebuilt by every dedup run.';
COMMENT ON COLUMN duplicate_members.cluster IS 'Cluster id; it stays the same from run to run while its members overlap.';
COMMENT ON COLUMN duplicate_members.contact IS 'Contact id.';
COMMENT ON COLUMN duplicate_members.probability IS 'Probability that the contact belongs with the others of its cluster, 0 to 1.';

CREATE TABLE duplicate_weights (job UUID NOT NULL, contacts BIGINT NOT NULL, weights JSON NOT NULL);
COMMENT ON TABLE duplicate_weights IS 'Derived: what the last dedup run learned about agreement in each field, one row.';
COMMENT ON COLUMN duplicate_weights.job IS 'Dedup run that learned it.';
COMMENT ON COLUMN duplicate_weights.contacts IS 'How many contacts it learned from.';
COMMENT ON COLUMN duplicate_weights.weights IS 'Expected pairs of each class and each class''s shares over the levels of each field.';
