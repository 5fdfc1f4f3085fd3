"""Columns of real exports: each must be mapped to what it holds, or left out; none may be mapped to something else."""

import json
from pathlib import Path

import pytest

from transforms.proposing import propose

EXPORTS = json.loads((Path(__file__).parent / "export_headers.json").read_text(encoding="utf-8"))


@pytest.mark.parametrize("name", EXPORTS)
def test_every_column_of_an_export_is_mapped_rightly_or_left_out(name: str) -> None:
    export = EXPORTS[name]
    columns = {**dict.fromkeys(export["left_out"]), **export["mapped"]}
    proposal = propose(list(columns), where=name)
    assert {column.column: column.attribute_type for column in proposal.columns} == columns
    assert proposal.preset == export["preset"]
