"""Put together the report of the last dedup run and write it: figures from the database, shapes from dedup."""

from math import log2
from typing import BinaryIO

from api_export.reports import RunReport, write_report
from dedup.reporting import match_weights, waterfalls
from dedup.rules import Rules
from dedup.weighing import weights_from_json
from storage.database import Database
from storage.duplicates import read_weights
from storage.jobs import Job
from storage.runs import count_sizes, count_weights, last_run, sample_pairs

__all__ = ["report_run"]

# Pairs shown of each kind: spread over all above the threshold, just above, just below.
EACH = 4


def report_run(db: Database, out: BinaryIO) -> None:
    """Write the report of the last dedup run.

    Raises: UsageError when there was none, or it had nothing to learn from.
    """
    run = last_run(db.con)
    rules = Rules.model_validate(run.arguments["rules"])
    weights = weights_from_json(read_weights(db.con))
    pairs = sample_pairs(db.con, threshold=rules.threshold, each=EACH)
    sizes, scores = count_sizes(db.con), count_weights(db.con)
    joined = int((sizes["contacts"] * sizes["clusters"]).sum())
    absent = [field.replace("_", " ") for field in rules.fields if field not in weights.shares]
    ignored = [name for name, use in rules.custom.items() if use == "ignore"]
    report = RunReport(
        counts=_counts(run, rules) | {"contacts in clusters": f"{joined:,}"},
        skipped={
            "pairs not compared": _not_compared(run),
            "groups sharing a key left out": f"over {rules.blocking.largest_block:,} contacts",
            "pairs not kept": "under probability 0.05, unless in one cluster",
            "fields no contact has": ", ".join(absent) or "none",
            "custom attributes ignored": ", ".join(ignored) or "none",
        },
        scores=scores,
        weights=match_weights(weights, rules),
        pairs=pairs,
        steps=waterfalls(pairs, weights),
        sizes=sizes,
        threshold_bits=log2(rules.threshold / (1 - rules.threshold)),
    )
    write_report(report, out)


def _counts(run: Job, rules: Rules) -> dict[str, object]:
    """Say what was asked and what came of it."""
    asked = {"when": f"{run.created_at:%Y-%m-%d %H:%M} UTC", "threshold": rules.threshold, "scope": rules.scope}
    done = {name.replace("_", " "): value for name, value in run.report.items()}
    return asked | {name: f"{value:,}" if isinstance(value, int) else value for name, value in done.items()}


def _not_compared(run: Job) -> str:
    """Say how many pairs of contacts were not looked at."""
    if run.report.get("run") == "incremental":
        return "all but those of contacts that changed since the run before"
    contacts = int(run.report["contacts"])
    every = contacts * (contacts - 1) // 2
    return f"{every - int(run.report['pairs']):,} of {every:,}"
