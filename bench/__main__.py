"""`make bench`: measure the whole path against bare DuckDB and write bench/RESULTS.md.

`--quick` stays at 100,000 rows. Data and databases live in bench/data and may be thrown away.
"""

import json
import os
import shutil
import sys
from collections.abc import Iterator
from pathlib import Path

import duckdb

from bench.import_data import write_changed, write_mapping, write_table, write_with_ids
from bench.import_files import write_cards, write_xls, write_xlsx
from bench.measuring import Limit, Measured, measure, report, write_part
from bench.operations import measure_operations
from bench.serving import measure_http

HERE = Path(__file__).resolve().parent
DATA = HERE / "data"
ONECARD = Path(sys.executable).with_name("onecard")
FLOOR = [sys.executable, "-m", "bench.floor"]
Result = tuple[Measured, Limit]


def main(arguments: list[str]) -> int:
    """Measure and write the results; return 0 when everything ran."""
    quick, before = "--quick" in arguments, os.getloadavg()[0]
    DATA.mkdir(parents=True, exist_ok=True)
    results = [(measure("`onecard --help`", [ONECARD, "--help"], repeats=3), Limit(seconds=0.5)), *_hundred_thousand()]
    if not quick:
        results += _million()
    text = report(results, title="Measured speed", loads=(before, os.getloadavg()[0]))
    database = DATA / ("100k.duckdb" if quick else "1m.duckdb")
    text += f"\n{measure_operations(database)}\n{measure_http(database)}"
    print("\n" + text)
    if not quick:
        write_part(HERE / "RESULTS.md", text)
    return 1 if any(run.exit_code for run, _ in results) else 0


def _hundred_thousand() -> Iterator[Result]:
    """Import, export, dedup and merge 100,000 contacts."""
    table, mapping = write_table(DATA / "import_100k.csv", 100_000), write_mapping(DATA / "mapping.json")
    database, out = _fresh("100k.duckdb"), DATA / "contacts.json"
    floor = measure("floor: DuckDB reads and unpivots 100k rows", [*FLOOR, "import", table, _fresh("floor.duckdb")])
    yield floor, Limit()
    yield _import("import 100k rows", table, mapping, database), Limit(seconds=5)
    for workbook, limit in (
        (write_xlsx(DATA / "import_100k.xlsx", 100_000), 6),
        (write_xls(DATA / "import_60k.xls", 60_000), 5),
    ):
        name = f"import {workbook.stem.removeprefix('import_')} rows of {workbook.suffix[1:].upper()}"
        yield _import(name, workbook, mapping, _fresh("workbook.duckdb")), Limit(seconds=limit)
    cards = write_cards(DATA / "cards_100k.vcf", 100_000)
    yield measure("import 100k vCards", [ONECARD, "--db", _fresh("cards.duckdb"), "import", cards]), Limit()
    lines = DATA / "contacts.ndjson"
    export = [ONECARD, "--db", database, "export", "contacts", "--associations", "contact.attributes"]
    measure("(export as NDJSON, for the floor)", [*export, "--format", "ndjson", "-o", lines])
    measure("(load it for the floor)", [*FLOOR, "load", lines, _fresh("records.duckdb")])
    bare = measure("floor: DuckDB's bare COPY of the same records", [*FLOOR, "export", DATA / "records.duckdb", out])
    yield bare, Limit()
    yield measure("export 100k contacts with attributes, JSON", [*export, "-o", out]), Limit(floor=bare, ratio=3)
    yield measure("dedup 100k contacts", [ONECARD, "--db", database, "dedup"]), Limit()
    merge = [ONECARD, "--db", database, "merge", "--clusters", _clusters(database, 20_000)]
    yield measure("merge 20,000 clusters of 3", merge), Limit(seconds=20)


def _million() -> Iterator[Result]:
    """Import a million rows, the same again, ten more, and a million with a mapping found by itself."""
    table, mapping = write_table(DATA / "import_1m.csv", 1_000_000), write_mapping(DATA / "mapping.json")
    ten = write_table(DATA / "import_10.csv", 10, seed=7)
    database = _fresh("1m.duckdb")
    floor = measure("floor: DuckDB reads and unpivots 1M rows", [*FLOOR, "import", table, _fresh("floor.duckdb")])
    yield floor, Limit()
    first = _import("import 1M rows", table, mapping, database)
    yield first, Limit(seconds=37, floor=floor, ratio=5, megabytes=2000)
    again = _import("import the same 1M rows again, nothing changed", table, mapping, database)
    yield again, Limit(floor=first, ratio=0.2)
    yield _import("import 10 rows into 1M contacts", ten, mapping, database), Limit(seconds=2)
    yield from _million_found(write_with_ids(DATA / "import_1m_ids.csv", table), floor)


def _million_found(table: Path, floor: Measured) -> Iterator[Result]:
    """Import a million rows that have ids without naming a mapping, and again when some of them have changed."""
    changed = write_changed(DATA / "import_1m_changed.csv", table)
    onecard: list[str | Path] = [ONECARD, "--db", _fresh("found.duckdb"), "import"]
    found = measure("import 1M rows with ids, mapping found by itself", [*onecard, table])
    yield found, Limit(floor=floor, ratio=5.5, megabytes=2000)
    again = measure("import them again, 1 % changed", [*onecard, changed])
    yield again, Limit(floor=found, ratio=0.5)


def _import(name: str, table: Path, mapping: Path, database: Path) -> Measured:
    return measure(name, [ONECARD, "--db", database, "import", table, "--mapping", mapping])


def _fresh(name: str) -> Path:
    """Return the path of a database that is not there."""
    path = DATA / name
    for leftover in DATA.glob(f"{name}*"):
        shutil.rmtree(leftover) if leftover.is_dir() else leftover.unlink()
    return path


def _clusters(database: Path, count: int) -> Path:
    """Write the documented body that merges `count` clusters of three neighbours each."""
    with duckdb.connect(str(database), read_only=True) as con:
        query = "SELECT id::VARCHAR FROM contacts WHERE deleted_at IS NULL ORDER BY id LIMIT ?"
        ids = [name for (name,) in con.execute(query, [3 * count]).fetchall()]
    clusters = [{"parent": ids[n], "sub_contacts": ids[n + 1 : n + 3]} for n in range(0, len(ids), 3)]
    path = DATA / "clusters.json"
    path.write_text(json.dumps({"clusters": clusters}), encoding="utf-8")
    return path


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
