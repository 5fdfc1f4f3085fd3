"""A condition names the contacts asked for and no others, be it one or several."""

import duckdb
import polars as pl
import pytest

from storage.among import among

IDS = [f"00000000-0000-0000-0000-00000000000{number}" for number in range(6)]


@pytest.mark.parametrize("wanted", [IDS[2:3], IDS[1:3], [IDS[4], IDS[0], IDS[4]], IDS])
def test_a_condition_names_the_contacts_and_no_others(wanted: list[str]) -> None:
    con = duckdb.connect()
    con.execute("CREATE TABLE facts AS SELECT unnest($ids::UUID[]) AS contact", {"ids": IDS})
    with among(con, pl.DataFrame({"contact": wanted})) as named:
        rows = con.execute(
            f"SELECT f.contact::VARCHAR FROM facts f WHERE {named.told('f.contact')} ORDER BY 1", named.bounds
        ).fetchall()
    assert [contact for (contact,) in rows] == sorted({*wanted})
