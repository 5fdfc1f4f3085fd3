"""Write the report of a dedup run as one HTML file: charts by Altair, with the script that draws them inside.

Nothing is fetched when it is opened, and its own policy (CSP) forbids it to try. It shows names of people.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from html import escape
from string import Template
from typing import TYPE_CHECKING, BinaryIO

import polars as pl

if TYPE_CHECKING:
    import altair as alt

__all__ = ["RunReport", "write_report"]


@dataclass(frozen=True)
class RunReport:
    """What is shown of a run.

    `counts` and `skipped`: what is said to the left and its figure. `scores` [bits, clustered, pairs];
    `weights` [field, level, held_by, bits, share]; `pairs` [left, right, left_name, right_name, probability, weight,
    otherwise] with their `steps` [pair, step, label, bits, before, after]; `sizes` [contacts, clusters];
    `threshold_bits`: the threshold's weight.
    """

    counts: Mapping[str, object]
    skipped: Mapping[str, object]
    scores: pl.DataFrame
    weights: pl.DataFrame
    pairs: pl.DataFrame
    steps: pl.DataFrame
    sizes: pl.DataFrame
    threshold_bits: float


def write_report(report: RunReport, out: BinaryIO) -> None:
    """Write the report as HTML in UTF-8."""
    import altair as alt
    import vl_convert

    charts = {
        "scores": _scores(report.scores, report.threshold_bits),
        "sizes": _sizes(report.sizes),
        "weights": _weights(report.weights),
        **{f"pair{place}": _waterfall(steps) for (place,), steps in report.steps.group_by("pair", maintain_order=True)},
    }
    specs = {name: chart.to_dict() for name, chart in charts.items()}
    script = vl_convert.javascript_bundle(_SNIPPET, vl_version=alt.SCHEMA_VERSION.rpartition(".")[0])
    page = _PAGE.substitute(
        counts=_table(report.counts),
        skipped=_table(report.skipped),
        pairs="".join(_pair(place, pair) for place, pair in enumerate(report.pairs.iter_rows(named=True))),
        specs=json.dumps(specs, ensure_ascii=False).replace("<", "\\u003c"),
        script=script.replace("</script", "<\\/script"),
    )
    out.write(page.encode())


def _scores(scores: pl.DataFrame, threshold_bits: float) -> "alt.LayerChart":
    import altair as alt

    named = scores.with_columns(
        pairs_are=pl.when("clustered").then(pl.lit("in one cluster")).otherwise(pl.lit("kept apart")),
        to=pl.col("bits") + 1,
    )
    bars = alt.Chart(named).mark_bar().encode(
        x=alt.X("bits:Q", bin="binned", title="weight in bits (0: even odds)"),
        x2="to:Q",
        y=alt.Y("pairs:Q", title="pairs kept"),
        color=alt.Color("pairs_are:N", title=None, scale=alt.Scale(range=["#4c78a8", "#bbbbbb"])),
        tooltip=["bits:Q", "pairs_are:N", "pairs:Q"],
    )  # fmt: skip
    rule = alt.Chart(pl.DataFrame({"bits": [threshold_bits]})).mark_rule(strokeDash=[4, 4]).encode(x="bits:Q")
    chart: alt.LayerChart = (bars + rule).properties(width=640, height=220)
    return chart


def _sizes(sizes: pl.DataFrame) -> "alt.Chart":
    import altair as alt

    chart: alt.Chart = alt.Chart(sizes).mark_bar().encode(
        x=alt.X("contacts:O", title="contacts in the cluster", axis=alt.Axis(labelAngle=0)),
        y=alt.Y("clusters:Q", title="clusters"),
        tooltip=["contacts:O", "clusters:Q"],
    ).properties(width=640, height=180)  # fmt: skip
    return chart


def _weights(weights: pl.DataFrame) -> "alt.Chart":
    import altair as alt

    held = pl.when(pl.col("held_by") != "").then(", held by " + pl.col("held_by")).otherwise(pl.lit(""))
    named = weights.with_columns(label=pl.col("level") + held, at=pl.int_range(pl.len()))
    in_order = alt.SortField("at")
    chart: alt.Chart = alt.Chart(named).mark_bar().encode(
        x=alt.X("bits:Q", title="bits for one person, against two strangers"),
        y=alt.Y("label:N", sort=in_order, title=None, axis=alt.Axis(labelLimit=260)),
        color=_SIGN,
        row=alt.Row("field:N", title=None, sort=in_order, header=alt.Header(labelAngle=0, labelAlign="left")),
        tooltip=["field:N", "label:N", alt.Tooltip("bits:Q", format="+.1f"), alt.Tooltip("share:Q", format=".2%")],
    ).properties(width=460).resolve_scale(y="independent")  # fmt: skip
    return chart


def _waterfall(steps: pl.DataFrame) -> "alt.LayerChart":
    import altair as alt

    base = alt.Chart(steps).encode(y=alt.Y("label:N", sort=alt.SortField("step"), title=None,
                                                  axis=alt.Axis(labelLimit=260)))  # fmt: skip
    bars = base.mark_bar().encode(
        x=alt.X("before:Q", title="running total in bits"),
        x2="after:Q",
        color=_SIGN,
        tooltip=["label:N", alt.Tooltip("bits:Q", format="+.1f"), alt.Tooltip("after:Q", format="+.1f", title="total")],
    )
    totals = base.mark_text(align="left", dx=4).encode(x=alt.X("right:Q"), text=alt.Text("bits:Q", format="+.1f"))
    totals = totals.transform_calculate(right="max(datum.before, datum.after)")
    chart: alt.LayerChart = (bars + totals).properties(width=460)
    return chart


# What the bundled script leaves for the page to use.
_SNIPPET = "window.vegaEmbed = vegaEmbed;"
_SIGN = {"condition": {"test": "datum.bits < 0", "value": "#e45756"}, "value": "#4c78a8"}


def _table(facts: Mapping[str, object]) -> str:
    rows = (f"<tr><th>{escape(name)}</th><td>{escape(str(value))}</td></tr>" for name, value in facts.items())
    return f"<table>{''.join(rows)}</table>"


def _pair(place: int, pair: Mapping[str, object]) -> str:
    """Head a waterfall with who the two are and what came out."""
    names = " · ".join(escape(str(pair[side] or "without a name")) for side in ("left_name", "right_name"))
    total = f"{pair['weight']:+.1f} bits, probability {pair['probability']:.4f}"
    return (
        f"<section><h3>{names}</h3><p>{total}; if not one person, then {escape(str(pair['otherwise']))}. "
        f"<code>onecard explain {escape(str(pair['left']))} {escape(str(pair['right']))}</code></p>"
        f'<div id="pair{place}"></div></section>'
    )


_PAGE = Template("""<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy"
 content="default-src 'none'; script-src 'unsafe-inline' 'unsafe-eval'; style-src 'unsafe-inline'; img-src data:">
<title>onecard: report of a dedup run</title>
<style>
body { font: 15px/1.45 system-ui, sans-serif; max-width: 860px; margin: 2rem auto; padding: 0 1rem; color: #222 }
table { border-collapse: collapse } th { text-align: left; font-weight: normal; padding-right: 2rem; color: #555 }
h2 { margin-top: 2.5rem } h3 { margin-bottom: 0 } section p { margin-top: 0; color: #555 } code { font-size: 85% }
</style>
</head>
<body>
<h1>Report of a dedup run</h1>
<p>This file names people: keep it as you keep the contacts. It fetches nothing.</p>
$counts
<h2>Scores</h2>
<p>Pairs the run kept, by weight: each bit doubles the odds that two contacts are one person. The dashed line is the
threshold.</p>
<div id="scores"></div>
<h2>Clusters</h2>
<div id="sizes"></div>
<h2>What was skipped</h2>
$skipped
<h2>Sample pairs</h2>
<p>From the surest to those just below the threshold: what each field adds, from the odds before any evidence on.</p>
$pairs
<h2>What agreement is worth</h2>
<p>As learned from these contacts. A shared value counts the more, the fewer people hold it.</p>
<div id="weights"></div>
<script>$script</script>
<script>
const specs = $specs;
for (const [name, spec] of Object.entries(specs)) vegaEmbed("#" + name, spec, {actions: false, renderer: "svg"});
</script>
</body>
</html>
""")
