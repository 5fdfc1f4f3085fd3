"""Deduplicate a table with Splink 5, with the settings its own demonstrations publish: python splink_demo.py IN OUT.

Run by a Python that has Splink, as a process of its own: it knows nothing of onecard. IN is a Parquet file of records,
OUT a CSV file of record_id and cluster. The settings are those of the demonstrations for febrl3, for 50,000 historical
people and for fake_1000, with the names of the columns changed and nothing else (docs/demos/examples/duckdb of the
Splink repository). For contacts there is no demonstration: they get the one for historical people, with e-mail compared
as in the one for fake_1000, and phone and company as it compares other texts.
"""

import sys
from dataclasses import dataclass, replace

import duckdb
import splink.comparison_library as cl
from splink import DuckDBAPI, Linker, SettingsCreator, block_on

THRESHOLD = 0.95  # what the demonstration for historical people clusters at


@dataclass(frozen=True)
class Demo:
    """What a demonstration sets: comparisons, blocking, and how the model is trained."""

    comparisons: list
    blocking: list
    deterministic: list
    recall: float
    max_pairs: float
    training: list


def febrl3():
    """Settings of febrl3.nb.py."""
    return Demo(
        comparisons=[
            cl.NameComparison("first_name"),
            cl.NameComparison("last_name"),
            cl.DateOfBirthComparison("birthday", input_is_string=True),
            cl.DamerauLevenshteinAtThresholds("soc_sec_id", [2]),
            cl.ExactMatch("house_num").configure(term_frequency_adjustments=True),
            cl.ExactMatch("postcode").configure(term_frequency_adjustments=True),
        ],
        blocking=[block_on(name) for name in ("soc_sec_id", "first_name", "last_name", "birthday", "postcode")],
        deterministic=[
            block_on("soc_sec_id"),
            block_on("first_name", "last_name", "birthday"),
            "l.first_name = r.last_name and l.last_name = r.first_name and l.birthday = r.birthday",
        ],
        recall=0.9,
        max_pairs=1e6,
        training=[block_on("birthday"), block_on("postcode")],
    )


def fake_1000():
    """Settings of accuracy_analysis_from_labels_column.nb.py."""
    return Demo(
        comparisons=[
            cl.ForenameSurnameComparison("first_name", "last_name"),
            cl.DateOfBirthComparison("birthday", input_is_string=True),
            cl.ExactMatch("city").configure(term_frequency_adjustments=True),
            cl.EmailComparison("email"),
        ],
        blocking=[block_on(name) for name in ("first_name", "last_name", "birthday", "email")],
        deterministic=[
            "l.first_name = r.first_name and levenshtein(r.birthday, l.birthday) <= 1",
            "l.last_name = r.last_name and levenshtein(r.birthday, l.birthday) <= 1",
            "l.first_name = r.first_name and levenshtein(r.last_name, l.last_name) <= 2",
            "l.email = r.email",
        ],
        recall=0.7,
        max_pairs=1e6,
        training=[block_on("birthday"), block_on("email"), block_on("first_name", "last_name")],
    )


def historical(place="birth_place", postcode="postcode_fake"):
    """Settings of deduplicate_50k_synthetic.nb.py; a table may call place and postcode otherwise."""
    area = f"substr({postcode},1,3)"
    return Demo(
        comparisons=[
            cl.ForenameSurnameComparison("first_name", "last_name", forename_surname_concat_col_name="full_name"),
            cl.DateOfBirthComparison("birthday", input_is_string=True),
            cl.PostcodeComparison(postcode),
            cl.ExactMatch(place).configure(term_frequency_adjustments=True),
            cl.ExactMatch("occupation").configure(term_frequency_adjustments=True),
        ],
        blocking=[
            block_on("substr(first_name,1,3)", "substr(last_name,1,4)"),
            block_on("last_name", "birthday"),
            block_on("first_name", "birthday"),
            block_on(postcode, "first_name"),
            block_on(postcode, "last_name"),
            block_on("birthday", place),
            block_on(area, "birthday"),
            block_on(area, "first_name"),
            block_on(area, "last_name"),
            block_on("substr(first_name,1,2)", "substr(last_name,1,2)", "substr(birthday,1,4)"),
        ],
        deterministic=[
            block_on("first_name", "last_name", "birthday"),
            block_on("substr(first_name,1,2)", "last_name", f"substr({postcode},1,2)"),
            block_on("birthday", postcode),
        ],
        recall=0.6,
        max_pairs=1e7,
        training=[block_on("first_name", "last_name"), block_on("birthday")],
    )


def contacts():
    """The nearest there is: historical people, with e-mail, phone and company instead of an occupation."""
    nearest = historical(place="city", postcode="postcode")
    texts = [
        cl.ExactMatch(name).configure(term_frequency_adjustments=True)
        for name in ("phone", "company", "postcode", "city")
    ]
    return replace(
        nearest,
        comparisons=[*nearest.comparisons[:2], cl.EmailComparison("email"), *texts],
        blocking=[*nearest.blocking, block_on("email"), block_on("phone")],
        deterministic=[*nearest.deterministic, block_on("email"), block_on("phone")],
        training=[block_on("first_name", "last_name"), block_on("email")],
    )


def demo_for(columns):
    """Choose the demonstration by the columns there are."""
    if "soc_sec_id" in columns:
        return febrl3()
    if "occupation" in columns:
        return historical()
    return contacts() if {"phone", "company"} <= columns else fake_1000()


def main(source, target):
    """Train, predict and cluster; write the clusters."""
    con = duckdb.connect()
    records = con.sql(f"SELECT *, first_name || ' ' || last_name AS full_name FROM '{source}'")
    demo = demo_for(set(records.columns))
    settings = SettingsCreator(
        link_type="dedupe_only",
        unique_id_column_name="record_id",
        comparisons=demo.comparisons,
        blocking_rules_to_generate_predictions=demo.blocking,
    )
    linker = Linker(DuckDBAPI(connection=con).register(records), settings)
    linker.training.estimate_probability_two_random_records_match(demo.deterministic, recall=demo.recall)
    linker.training.estimate_u_using_random_sampling(max_pairs=demo.max_pairs, seed=1)
    for rule in demo.training:
        linker.training.estimate_parameters_using_expectation_maximisation(rule, estimate_without_term_frequencies=True)
    pairs = linker.inference.predict(threshold_match_probability=THRESHOLD)
    clusters = linker.clustering.cluster_pairwise_predictions_at_threshold(pairs, THRESHOLD)
    clusters.as_duckdbpyrelation().select("record_id, cluster_id AS cluster").write_csv(target)


if __name__ == "__main__":
    main(*sys.argv[1:])
