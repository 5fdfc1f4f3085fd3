-- What surrounds contacts: the users of the team, and the lists, flows, deals and tasks contacts are in.

CREATE TABLE users (
    id UUID NOT NULL, brand UUID NOT NULL, email VARCHAR, phone_number VARCHAR, first_name VARCHAR, last_name VARCHAR,
    email_key VARCHAR, phone_key VARCHAR, created_at TIMESTAMPTZ NOT NULL, updated_at TIMESTAMPTZ NOT NULL
);
COMMENT ON TABLE users IS 'People who own, create and change contacts, as loaded with `onecard load users`.';
COMMENT ON COLUMN users.id IS 'User id, as in user_id, created_by and updated_by of contacts.';
COMMENT ON COLUMN users.brand IS 'Team the user is of.';
COMMENT ON COLUMN users.email IS 'E-mail address, as loaded.';
COMMENT ON COLUMN users.phone_number IS 'Phone number, as loaded.';
COMMENT ON COLUMN users.first_name IS 'First name.';
COMMENT ON COLUMN users.last_name IS 'Last name.';
COMMENT ON COLUMN users.email_key IS 'Folded e-mail address: contacts with the same key match the user.';
COMMENT ON COLUMN users.phone_key IS 'E.164 phone number or its digits: contacts with the same key match the user.';
COMMENT ON COLUMN users.created_at IS 'When it was first loaded.';
COMMENT ON COLUMN users.updated_at IS 'When it was last changed.';

CREATE TABLE collections (
    id UUID NOT NULL, kind VARCHAR NOT NULL, brand UUID NOT NULL, name VARCHAR,
    created_at TIMESTAMPTZ NOT NULL, updated_at TIMESTAMPTZ NOT NULL, created_by UUID
);
COMMENT ON TABLE collections IS 'Lists, flows, deals and tasks that contacts are in; who is in them is in memberships.';
COMMENT ON COLUMN collections.id IS 'Its id, as the filters lists, flows and crm_task name it.';
COMMENT ON COLUMN collections.kind IS 'list, flow, deal or crm_task.';
COMMENT ON COLUMN collections.brand IS 'Team it belongs to; only contacts of that team are in it.';
COMMENT ON COLUMN collections.name IS 'What people call it.';
COMMENT ON COLUMN collections.created_at IS 'When it was first loaded.';
COMMENT ON COLUMN collections.updated_at IS 'When it or who is in it was last changed.';
COMMENT ON COLUMN collections.created_by IS 'User who loaded it first.';

CREATE TABLE memberships (collection UUID NOT NULL, contact UUID, key VARCHAR, created_at TIMESTAMPTZ NOT NULL);
COMMENT ON TABLE memberships IS 'Who is in a collection, as loaded: a contact, or whoever has an e-mail address or phone number. The view collection_members says which living contacts that makes.';
COMMENT ON COLUMN memberships.collection IS 'List, flow, deal or task.';
COMMENT ON COLUMN memberships.contact IS 'Contact as loaded; once it is merged its parent stands for it.';
COMMENT ON COLUMN memberships.key IS 'Folded e-mail address or phone number: every contact that has it is in.';
COMMENT ON COLUMN memberships.created_at IS 'When it was loaded.';
