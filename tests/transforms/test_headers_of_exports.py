"""Columns of real exports: each must be mapped to what it holds, or left out; none may be mapped to something else."""

import json
from pathlib import Path

import polars as pl
import pytest

from transforms.proposing import propose

EXPORTS = json.loads((Path(__file__).parent / "export_headers.json").read_text(encoding="utf-8"))
MORE = json.loads((Path(__file__).parent / "more_exports.json").read_text(encoding="utf-8"))


@pytest.mark.parametrize("name", EXPORTS)
def test_every_column_of_an_export_is_mapped_rightly_or_left_out(name: str) -> None:
    export = EXPORTS[name]
    columns = {**dict.fromkeys(export["left_out"]), **export["mapped"]}
    proposal = propose(list(columns), where=name)
    assert {column.column: column.attribute_type for column in proposal.columns} == columns
    assert proposal.preset == export["preset"]


@pytest.mark.parametrize("name", MORE["exports"])
def test_every_filled_column_of_an_export_is_mapped_rightly_or_left_out(name: str) -> None:
    # "-email" is a column of e-mail addresses that are not the contact's, or not known to be; "email@" the partner's.
    columns = MORE["exports"][name]
    sample = pl.DataFrame({column: MORE["values"][kind.strip("-@") or "text"] for column, kind in columns.items()})
    mapping = propose(sample.columns, sample, where=name).mapping.mappings
    found = {column: entry.attribute_type + "@" * entry.is_partner for column, entry in mapping.items()}
    assert found == {column: kind for column, kind in columns.items() if not kind.startswith("-")}
