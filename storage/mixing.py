"""Notice that ids of two systems are mixed: contacts known by their id alone would become other people.

Nobody changes the name, every e-mail address and every phone number of half the contacts at once. All of it happens in
temporary tables of the connection, beside those of `identity` and `updating`.
"""

import duckdb

__all__ = ["count_replaced", "remember_people"]


def remember_people(con: duckdb.DuckDBPyConnection) -> None:
    """Keep who the contacts are that are changed because a row has their source_id, before their summaries follow."""
    con.execute(
        f"""
        CREATE OR REPLACE TEMP TABLE known_people AS
        SELECT contact, {_WORDS} AS words, {_REACHED} AS reached FROM contact_summaries s
        WHERE contact IN (SELECT contact FROM changed_contacts) AND contact IN (
            SELECT contact FROM identity WHERE action = 'update' AND source_id IS NOT NULL AND origin IS NULL
        )
        """
    )


def count_replaced(con: duckdb.DuckDBPyConnection) -> tuple[int, int]:
    """Count those kept who share no word of the name and no e-mail or phone with who they were: (they, all kept)."""
    ((replaced, known),) = con.execute(
        f"""
        SELECT count(*) FILTER (
            NOT list_has_any(k.words, n.words)
            AND len(k.reached) > 0 AND len(n.reached) > 0 AND NOT list_has_any(k.reached, n.reached)
        ), count(*)
        FROM known_people k JOIN (
            SELECT contact, {_WORDS} AS words, {_REACHED} AS reached FROM contact_summaries s
            WHERE contact IN (SELECT contact FROM known_people)
        ) n USING (contact)
        """
    ).fetchall()
    con.execute("DROP TABLE known_people")
    return int(replaced), int(known)


_WORDS = "string_split(strip_accents(lower(s.display_name)), ' ')"
_REACHED = "list_concat(coalesce(s.emails, []), coalesce(s.phone_numbers, []))"
