"""`make bench-dedup`: import labelled tables, deduplicate them with the defaults, and say how well and how fast.

Generated people of three sizes, and any labelled CSV named in LABELLED: a `person_id` or `gold` column says who is who
and is not imported, `record_id` names the row, columns are mapped by name, unknown ones as custom attributes. Each
command is a fresh process. With SPLINK_PYTHON=/path/to/python, a Python that has Splink, it is measured beside on the
same records. The table goes into bench/RESULTS.md.
"""

import json
import os
import sys
from collections.abc import Iterator
from pathlib import Path

import duckdb
import polars as pl

from bench.measuring import Measured, measure, told_of, write_part
from bench.people import make_people
from dedup.evaluating import evaluate_people
from storage.database import open_database

__all__ = ["import_labelled", "main"]

DATA = Path(__file__).resolve().parent / "data"
ONECARD = Path(sys.executable).with_name("onecard")
SCRIPT = Path(__file__).with_name("splink_demo.py")
RESULTS = Path(__file__).with_name("RESULTS.md")
SIZES = (10_000, 100_000, 1_000_000)
SHUFFLE = 1
LABELS = ("person_id", "gold")
NOT_IMPORTED = (*LABELS, "source")

# Column names met in labelled tables, and the attribute each is.
COLUMNS = {
    "record_id": "source_id",
    "first_name": "first_name",
    "given_name": "first_name",
    "middle_name": "middle_name",
    "last_name": "last_name",
    "surname": "last_name",
    "nickname": "nickname",
    "company": "company",
    "job_title": "job_title",
    "emails": "email",
    "email": "email",
    "phone_numbers": "phone_number",
    "house_num": "address.house_num",
    "street_number": "address.house_num",
    "street": "address.name",
    "address_1": "address.name",
    "address_2": "address.extra",
    "city": "address.city",
    "suburb": "address.city",
    "state": "address.state",
    "postcode": "address.postcode",
    "country": "address.country",
    "birthday": "birthday",
    "dob": "birthday",
    "date_of_birth": "birthday",
}
SEVERAL = ("emails", "phone_numbers")


TITLE = "# Measured deduplication"
HEAD = """
The defaults of onecard, without labels or settings; precision, recall and F1 over pairs within clusters, B³ over
records, rows shuffled first. Seconds are those of `onecard dedup` as a whole process on an imported database.{splink}

| data | by | precision | recall | F1 | B³ | seconds | processor s | peak MB |
|---|---|---:|---:|---:|---:|---:|---:|---:|
"""
SPLINK = """
Splink reads the same contacts, cleaned by the import, as a Parquet file; its settings are those of its own
demonstrations (see bench/splink_demo.py), clustered at 0.95 as there. For contacts there is no demonstration but a
nearest one: whoever tunes Splink to contacts will get more out of it."""


def main(arguments: list[str]) -> int:
    """Measure generated sizes up to the number given by --up-to, then the labelled files; print and keep one table."""
    sizes = [size for size in SIZES if size <= _up_to(arguments)]
    files = [Path(argument) for argument in arguments if argument.endswith(".csv")]
    splink, before = os.environ.get("SPLINK_PYTHON"), os.getloadavg()[0]
    DATA.mkdir(parents=True, exist_ok=True)
    lines: list[str] = []
    for size in sizes:
        lines += _measured(f"generated {size:,}", make_people(size, seed=size), splink)
    for file in files:
        lines += _measured(file.stem, pl.read_csv(file, infer_schema_length=0), splink)
    head = "\n".join([TITLE, "", *told_of((before, os.getloadavg()[0])), HEAD.format(splink=SPLINK if splink else "")])
    text = head + "\n".join(lines) + "\n"
    print("\n" + text)
    write_part(RESULTS, text)
    return 0


def _up_to(arguments: list[str]) -> int:
    return int(arguments[arguments.index("--up-to") + 1]) if "--up-to" in arguments else SIZES[-1]


def _measured(name: str, table: pl.DataFrame, splink: str | None) -> Iterator[str]:
    """Import a table, deduplicate it, and give a line of figures for the dedup run, and one for Splink's."""
    database, custom, truth = import_labelled(table, DATA)
    run = measure(f"dedup {name}", [ONECARD, "--db", database, "dedup"])
    yield _line(name, "onecard", run, _clusters(database), truth)
    if splink:
        records, clusters = DATA / "splink.parquet", DATA / "splink.csv"
        _export(database, custom, records)
        clusters.unlink(missing_ok=True)
        run = measure(f"Splink {name}", [splink, SCRIPT, records, clusters])
        if not clusters.exists():
            yield f"| {name} | Splink | its settings do not fit these columns | | | | | | |"
            return
        found = pl.read_csv(clusters, infer_schema=False)
        numbered = found.select(contact="record_id", cluster=pl.col("cluster").rank("dense").cast(pl.Int64))
        yield _line(name, "Splink", run, numbered, truth)


def import_labelled(table: pl.DataFrame, folder: Path) -> tuple[Path, list[str], pl.DataFrame]:
    """Import a labelled table, shuffled, without its labels.

    Returns: the database, the names of custom attributes, and the truth [contact: the record's id, person].
    """
    label = next(column for column in LABELS if column in table.columns)
    table = table.sample(fraction=1, shuffle=True, seed=SHUFFLE)
    source, mapping, database = folder / "labelled.csv", folder / "labelled.json", folder / "labelled.duckdb"
    database.unlink(missing_ok=True)
    table.drop(label).write_csv(source)
    mapping.write_text(json.dumps({"mappings": _mapping(table)}), encoding="utf-8")
    custom = [column for column in table.columns if column not in (*COLUMNS, *NOT_IMPORTED)]
    _define(database, custom)
    command = [ONECARD, "--db", database, "import", source, "--mapping", mapping, "--dates", "ymd"]
    measure(f"(import of {len(table):,} records)", command)
    return database, custom, table.select(contact="record_id", person=label)


def _mapping(table: pl.DataFrame) -> dict[str, dict[str, object]]:
    """Map the columns known by name; addresses of a row are one address."""
    found: dict[str, dict[str, object]] = {}
    for column in table.columns:
        attribute = COLUMNS.get(column, column)
        if column in NOT_IMPORTED:
            continue
        found[column] = {"attribute_type": attribute}
        if attribute.startswith("address."):
            found[column]["index"] = 0
        if column in SEVERAL:
            found[column]["multivalued"] = ";"
    return found


def _define(database: Path, names: list[str]) -> None:
    """Define custom text attributes, as a team would."""
    with open_database(database) as db:
        for name in names:
            db.con.execute(
                """
                INSERT INTO attribute_defs
                SELECT * REPLACE (uuid() AS id, $1 AS name, false AS global, $2 AS brand)
                FROM attribute_defs WHERE name = 'nickname'
                """,
                [name, db.brand],
            )


def _clusters(database: Path) -> pl.DataFrame:
    """Return the clusters found: [contact: the record's id, cluster]."""
    with duckdb.connect(str(database), read_only=True) as con:
        return con.sql(
            "SELECT c.source_id AS contact, m.cluster FROM duplicate_members m JOIN contacts c ON c.id = m.contact"
        ).pl()


def _export(database: Path, custom: list[str], target: Path) -> None:
    """Write the contacts as Splink wants them: one value a column, in small letters."""
    texts = ", ".join(f"lower({name}) AS {name}" for name in ("first_name", "last_name", "company"))
    more = "".join(f""", min(a.text) FILTER (a.attribute_type = '{name}') AS "{name}\"""" for name in custom)
    with duckdb.connect(str(database), read_only=True) as con:
        con.execute(
            f"""
            COPY (
                SELECT c.source_id AS record_id, {texts},
                    strftime(to_timestamp(c.birthday) AT TIME ZONE 'UTC', '%Y-%m-%d') AS birthday,
                    (SELECT min(key) FROM emails WHERE contact = c.id) AS email,
                    (SELECT min(key) FROM phone_numbers WHERE contact = c.id) AS phone,
                    c.address[1].house_num AS house_num, lower(c.address[1].city) AS city,
                    c.address[1].postcode AS postcode{more and ", k.* EXCLUDE (contact)"}
                FROM contacts_wide c
                LEFT JOIN (SELECT a.contact{more} FROM contact_attributes a GROUP BY a.contact) k ON k.contact = c.id
                ORDER BY record_id
            ) TO '{target}' (FORMAT parquet)
            """
        )
    records = pl.read_parquet(target)
    records.select(column for column in records if column.null_count() < len(records)).write_parquet(target)


def _line(name: str, by: str, run: Measured, clusters: pl.DataFrame, truth: pl.DataFrame) -> str:
    """Score clusters [contact, cluster] against the truth [contact, person]."""
    score = evaluate_people(clusters, NO_PAIRS, truth)
    figures = " | ".join(f"{value:.4f}" for value in (score.precision, score.recall, score.f1, score.b_cubed or 0))
    return f"| {name} | {by} | {figures} | {run.seconds:.1f} | {run.cpu_seconds:.1f} | {run.megabytes:.0f} |"


NO_PAIRS = pl.DataFrame(schema={"left": pl.String, "right": pl.String, "probability": pl.Float32})


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
