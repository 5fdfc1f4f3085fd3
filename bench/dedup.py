"""`make bench-dedup`: import labelled tables, deduplicate them with the defaults, and say how well and how fast.

Generated people of three sizes, and any labelled CSV named in LABELLED: a `person_id` or `gold` column says who is who
and is not imported, `record_id` names the row, columns are mapped by name, unknown ones as custom attributes. Each
command is a fresh process.
"""

import json
import sys
from pathlib import Path

import duckdb
import polars as pl

from bench.measuring import Measured, measure
from bench.people import make_people
from dedup.evaluating import evaluate_people
from storage.database import open_database

__all__ = ["main"]

DATA = Path(__file__).resolve().parent / "data"
ONECARD = Path(sys.executable).with_name("onecard")
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


def main(arguments: list[str]) -> int:
    """Measure generated sizes up to the number given by --up-to, then the labelled files; print one table."""
    sizes = [size for size in SIZES if size <= _up_to(arguments)]
    files = [Path(argument) for argument in arguments if argument.endswith(".csv")]
    DATA.mkdir(parents=True, exist_ok=True)
    lines = [
        "| data | precision | recall | F1 | B³ | seconds | processor s | peak MB |",
        "|---|---|---|---|---|---|---|---|",
    ]
    lines += [_measured(f"generated {size:,}", make_people(size, seed=size)) for size in sizes]
    lines += [_measured(file.stem, pl.read_csv(file, infer_schema_length=0)) for file in files]
    print("\n".join(lines))
    return 0


def _up_to(arguments: list[str]) -> int:
    return int(arguments[arguments.index("--up-to") + 1]) if "--up-to" in arguments else SIZES[-1]


def _measured(name: str, table: pl.DataFrame) -> str:
    """Import a table, deduplicate it, and return a line of figures for the dedup run."""
    label = next(column for column in LABELS if column in table.columns)
    table = table.sample(fraction=1, shuffle=True, seed=SHUFFLE)
    source, mapping, database = DATA / "labelled.csv", DATA / "labelled.json", DATA / "labelled.duckdb"
    database.unlink(missing_ok=True)
    table.drop(label).write_csv(source)
    mapping.write_text(json.dumps({"mappings": _mapping(table)}), encoding="utf-8")
    _define(database, [column for column in table.columns if column not in (*COLUMNS, *NOT_IMPORTED)])
    command = [ONECARD, "--db", database]
    measure(f"(import {name})", [*command, "import", source, "--mapping", mapping, "--dates", "ymd"])
    run = measure(f"dedup {name}", [*command, "dedup"])
    return _line(name, run, database, table.select(pl.col("record_id"), person=label))


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


def _line(name: str, run: Measured, database: Path, labels: pl.DataFrame) -> str:
    """Score the clusters in the database against the labels."""
    with duckdb.connect(str(database), read_only=True) as con:
        contacts = con.sql("SELECT id::VARCHAR AS contact, source_id AS record_id FROM contacts").pl()
        members = con.sql("SELECT cluster, contact::VARCHAR AS contact, probability FROM duplicate_members").pl()
        pairs = con.sql(
            'SELECT "left"::VARCHAR AS "left", "right"::VARCHAR AS "right", probability FROM duplicate_pairs'
        ).pl()
    truth = contacts.join(labels, on="record_id").select("contact", "person")
    score = evaluate_people(members, pairs, truth)
    figures = " | ".join(f"{value:.4f}" for value in (score.precision, score.recall, score.f1, score.b_cubed))
    return f"| {name} | {figures} | {run.seconds:.1f} | {run.cpu_seconds:.1f} | {run.megabytes:.0f} |"


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
