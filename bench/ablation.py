"""What each part of the matching is worth: F1 without it, on generated people and on labelled tables.

`python -m bench.ablation FILE…` prints the table of docs/decisions/0008-matching.md. Parts the rules cannot switch off
are replaced here, by name, while a variant runs.
"""

import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from tempfile import TemporaryDirectory
from unittest.mock import patch

import numpy as np
import polars as pl

from bench.dedup import import_labelled
from bench.people import make_people
from dedup.evaluating import evaluate_people
from dedup.finding import find_duplicates
from dedup.rules import Clustering, Learning, Rules
from storage.database import open_database
from storage.evidence import read_evidence

__all__ = ["main"]

GENERATED = 10_000
NO_JUDGEMENTS = pl.DataFrame(schema={"left": pl.String, "right": pl.String, "judgement": pl.String})

# variant: (rules, what is replaced by what)
Variant = tuple[Rules, dict[str, Callable[..., object]]]
VARIANTS: dict[str, Variant] = {
    "all of it": (Rules(), {}),
    "components only": (Rules(clustering=Clustering(least_mean=-1e9)), {}),
    "no learning": (Rules(learning=Learning(rounds=0)), {}),
    "match and chance only": (Rules(), {"dedup.weighing._is_possible": lambda name, _fields: name == "match"}),
    "no names from mailboxes": (Rules(), {"dedup.records._with_mailboxes": lambda names, *_: names}),
    "typing errors not told from other names": (
        Rules(),
        {"dedup.comparing_names._is_typo": lambda _comparer, _field, one, _other: np.ones(len(one), bool)},
    ),
    "no rarity": (Rules(), {"dedup.rarity._bins": lambda people: np.zeros(len(people), np.uint8)}),
}


def main(arguments: list[str]) -> int:
    """Print F1 of every variant on every table."""
    tables = {file.stem: pl.read_csv(file, infer_schema=False) for file in map(Path, arguments)}
    tables[f"generated {GENERATED:,}"] = make_people(GENERATED, seed=GENERATED)
    columns = [[f"{f1:.3f}" for f1 in _scores(table)] for table in tables.values()]
    print(f"| | {' | '.join(tables)} |\n|---|{'---|' * len(tables)}")
    for name, *cells in zip(VARIANTS, *columns, strict=True):
        print(f"| {name} | {' | '.join(cells)} |")
    return 0


def _scores(table: pl.DataFrame) -> Iterator[float]:
    """Give the F1 of each variant on one table."""
    with TemporaryDirectory() as folder:
        database, _, truth = import_labelled(table, Path(folder))
        with open_database(database, read_only=True) as db:
            evidence = read_evidence(db.con, scope="user")
            ids = db.con.sql("SELECT id::VARCHAR AS id, source_id AS contact FROM contacts").pl()
    labels = truth.join(ids, on="contact").select(contact="id", person="person")
    for rules, replaced in VARIANTS.values():
        with ExitStack() as stack:
            for name, other in replaced.items():
                stack.enter_context(patch(name, other))
            found = find_duplicates(evidence, rules=rules, judgements=NO_JUDGEMENTS)
        yield evaluate_people(found.members, found.pairs, labels).f1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
