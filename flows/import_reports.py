"""What an import says of itself: how many rows became what, and what was made of its columns.

The counts have to add up to the rows of the file, or the import is not to be trusted and fails.
"""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from storage.errors import OnecardError
from transforms.mapping import Mapping
from transforms.proposing import Proposal

__all__ = ["ImportReport", "check_sum", "proposal_json", "report_json"]


@dataclass(frozen=True)
class ImportReport:
    """What came of an import. `rows` = created + updated + unchanged + rejected, always.

    `rejected` counts rows; `rejected_values` the single values refused in rows that were taken; `reasons` say why, with
    how often, the commonest first. `mapping` and `date_orders` (by column) are those of a table, `proposal` says how
    the mapping was found, if by itself; `preview` has the first contacts of a dry run (see `storage.previewing`).
    """

    job_id: UUID
    state: str
    file: str
    rows: int
    created: int
    updated: int
    unchanged: int
    rejected: int
    rejected_values: int
    attributes: int
    seconds: float
    encoding: str | None
    delimiter: str | None
    sheet: str | None
    warnings: tuple[str, ...]
    columns: dict[str, str]
    ignored_columns: tuple[str, ...]
    mapping: Mapping | None
    date_orders: dict[str, str]
    proposal: Proposal | None
    reasons: tuple[tuple[str, int], ...]
    missing: tuple[dict[str, str | None], ...] = ()
    deleted: int = 0
    preview: tuple[dict[str, Any], ...] = ()


def check_sum(report: ImportReport) -> None:
    """Hold the counts to the file. Raises: OnecardError when rows are missing from them, or counted twice."""
    if report.rows != report.created + report.updated + report.unchanged + report.rejected:
        raise OnecardError(
            f"{report.rows} rows came in, but {report.created} created + {report.updated} updated + "
            f"{report.unchanged} unchanged + {report.rejected} rejected do not add up",
            where=report.file,
            remedy="Nothing was written. Please report this.",
        )


def report_json(report: ImportReport) -> dict[str, object]:
    """The report as `--json` prints it."""
    plain = {name: str(value) if isinstance(value, UUID) else value for name, value in vars(report).items()}
    mapping = report.mapping and report.mapping.model_dump(mode="json", exclude_defaults=True)
    return plain | {"mapping": mapping, "proposal": report.proposal and proposal_json(report.proposal)}


def proposal_json(proposal: Proposal) -> dict[str, object]:
    """A mapping that was found by itself, as `--json` prints it: the preset and a word on every column."""
    return {"preset": proposal.preset, "columns": [vars(column) for column in proposal.columns]}
