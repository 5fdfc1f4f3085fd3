-- What was imported, rejected and merged.

CREATE OR REPLACE VIEW import_history AS
SELECT j.id AS job, j.state, coalesce(f.name, j.report ->> '$.file', j.arguments ->> '$.file') AS file, (j.report ->> '$.rows')::BIGINT AS rows, (j.report ->> '$.created')::BIGINT AS created,
       (j.report ->> '$.updated')::BIGINT AS updated, (j.report ->> '$.unchanged')::BIGINT AS unchanged,
       (j.report ->> '$.rejected')::BIGINT AS rejected, (j.report ->> '$.attributes')::BIGINT AS attributes,
       (j.report ->> '$.seconds')::DOUBLE AS seconds, j.created_at, j.created_by, j.error
FROM jobs j LEFT JOIN files f ON f.id = j.file WHERE j.kind = 'import';

CREATE OR REPLACE VIEW import_errors AS
SELECT r.job, f.name AS file, r.row, r.column_name, r.attribute_type, r.value, r.reason, r.whole_row, r.original, j.created_at
FROM import_rejects r JOIN jobs j ON j.id = r.job LEFT JOIN files f ON f.id = j.file;

CREATE OR REPLACE VIEW merge_history AS
SELECT m.id AS merge, m.job, m.parent, s.display_name, len(m.sub_contacts) AS sub_contact_count, m.sub_contacts, m.created_at, m.created_by, m.undone_at, m.undone_by
FROM merges m LEFT JOIN contact_summaries s ON s.contact = m.parent;
