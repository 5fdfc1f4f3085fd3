"""Decide what a merge does: which values survive, which of them is primary, in what order they will stand.

Everything here is polars over whole frames and touches no database; `storage.merges` reads the inputs and carries the
plan out. The rules are contract RULES H.
"""

from collections import Counter

import polars as pl

from storage.errors import ConflictError, UsageError
from storage.merges import Clusters, MergePlan

__all__ = ["fallen_clusters", "plan_merge"]

# How a contact's list stood before the merge (contract RULES C8); what was written first breaks a tie.
_OLD_ORDER = ["is_primary", "updated_at", "created_at", "id"]
_OLD_DESCENDING = [True, True, False, False]


def plan_merge(contacts: pl.DataFrame, attributes: pl.DataFrame, clusters: Clusters) -> MergePlan:
    """Plan the merge of each cluster's sub_contacts into its parent.

    Values that lose (another first name, an e-mail the parent has too) are left where they are, on the deleted
    sub_contact, so nothing is lost and nothing of them needs to be undone.

    Args:
        contacts: [contact: str, brand: str, updated_at, deleted_at, merged_into: str?, last_touch, last_touch_action,
            touch_freq, touch_source, touch_set_at, own_touch_freq, own_touch_set_at], every contact of the clusters
            that exists, deleted ones too.
        attributes: [id: str, contact: str, attribute_def: str, singular: bool, label, is_primary, is_partner, index,
            text, number, date, address: struct, key, created_at, updated_at], their living values.
        clusters: (parent, sub_contacts), parent first.
    Raises: UsageError when the clusters are not clusters or name unknown contacts; ConflictError when a contact is
        deleted or merged already, or the brands differ.
    Source: contract RULES H1-H16.
    """
    _check_clusters(clusters)
    members = _members(clusters)
    known = members.join(contacts, on="contact", how="left", maintain_order="left")
    _check_contacts(known)
    ranked = _ranked(attributes, known)
    survivors = _one_of_equals(_singular_settled(ranked))
    survivors = _stamped(_indexed(_primaries_settled(survivors)))
    return MergePlan(
        clusters=_cluster_rows(clusters, survivors),
        contacts=members.select("contact", "parent", "cluster").join(_touches(known), on="cluster").drop("cluster"),
        attributes=_changes(ranked, survivors),
    )


def fallen_clusters(contacts: pl.DataFrame, clusters: Clusters) -> set[int]:
    """Return the places of clusters with a contact that cannot be merged: deleted, merged or of another brand by now.

    Args: as of `plan_merge`.
    """
    known = _members(clusters).join(contacts, on="contact", how="left", maintain_order="left")
    return {*_faults(known)["cluster"]}


def _check_clusters(clusters: Clusters) -> None:
    for parent, subs in clusters:
        if parent in subs:
            raise UsageError("the parent is also named among its sub_contacts", where=_cluster(parent))
        if not subs:
            raise UsageError("no sub_contacts to merge", where=_cluster(parent), remedy="Name at least one.")
        if len(set(subs)) < len(subs):
            raise UsageError("a sub_contact is named twice", where=_cluster(parent))
    counts = Counter(contact for parent, subs in clusters for contact in (parent, *subs))
    for parent, subs in clusters:
        for contact in (parent, *subs):
            if counts[contact] > 1:
                raise UsageError(
                    f"contact {contact} is in two clusters",
                    where=_cluster(parent),
                    remedy="Put everything that belongs together into one cluster.",
                )


def _cluster(parent: object) -> str:
    return f"cluster of {parent}"


def _members(clusters: Clusters) -> pl.DataFrame:
    """List every contact of every cluster with its place there, `source`: the parent 0, then by id (RULES H7)."""
    rows = [
        (number, str(parent), str(contact), source)
        for number, (parent, subs) in enumerate(clusters)
        for source, contact in enumerate((parent, *sorted(subs)))
    ]
    schema = {"cluster": pl.UInt32, "parent": pl.String, "contact": pl.String, "source": pl.UInt32}
    return pl.DataFrame(rows, schema=schema, orient="row")


def _check_contacts(known: pl.DataFrame) -> None:
    """Refuse a cluster with a contact that cannot be merged, naming the first such contact."""
    faults = _faults(known)
    if faults.is_empty():
        return
    contact, where = faults["contact"][0], _cluster(faults["parent"][0])
    match faults["fault"][0]:
        case "unknown":
            raise UsageError(f"there is no contact {contact}", where=where)
        case "merged":
            into = faults["merged_into"][0]
            raise ConflictError(
                f"contact {contact} was merged into {into} already", where=where, remedy=f"Merge {into} instead."
            )
        case "deleted":
            raise ConflictError(f"contact {contact} is deleted", where=where, remedy="Leave it out.")
        case _:
            raise ConflictError(f"contact {contact} belongs to another brand than the parent", where=where)


def _faults(known: pl.DataFrame) -> pl.DataFrame:
    """Keep the contacts that cannot be merged, with their `fault`: unknown, merged, deleted or brand."""
    other_brand = pl.col("brand") != pl.col("brand").sort_by("source").first().over("cluster")
    return known.with_columns(
        pl.when(pl.col("brand").is_null())
        .then(pl.lit("unknown"))
        .when(pl.col("merged_into").is_not_null())
        .then(pl.lit("merged"))
        .when(pl.col("deleted_at").is_not_null())
        .then(pl.lit("deleted"))
        .when(other_brand)
        .then(pl.lit("brand"))
        .alias("fault")
    ).filter(pl.col("fault").is_not_null())


def _ranked(attributes: pl.DataFrame, known: pl.DataFrame) -> pl.DataFrame:
    """Narrow the values to what is decided on, in the order of the merged list, `order` (contract RULES H10).

    Adds whose they are (cluster, parent, source); `kind`, one number a cluster, definition and partner flag, within
    which values are compared (D5); and `value`, a number equal for equal values.
    """
    owners = known.select("cluster", "parent", "contact", "source", pl.col("updated_at").alias("contact_updated_at"))
    definition = pl.col("attribute_def").cast(pl.Categorical).to_physical().cast(pl.Int64)
    narrow = attributes.select(
        *("id", "contact", "singular", "is_primary", "index", "created_at", "updated_at"),
        (definition * 2 + pl.col("is_partner").cast(pl.Int64)).alias("kind"),
        _comparable(attributes).cast(pl.Categorical).to_physical().alias("value"),
        (pl.col("address").is_not_null() & pl.col("index").is_not_null()).alias("is_placed"),
    )
    return (
        narrow.join(owners, on="contact")
        .with_columns((pl.col("cluster").cast(pl.Int64) * 2**32 + pl.col("kind")).alias("kind"))
        .sort("cluster", "source", *_OLD_ORDER, descending=[False, False, *_OLD_DESCENDING])
        .with_row_index("order")
    )


def _comparable(attributes: pl.DataFrame) -> pl.Expr:
    """What makes two values equal: key, else folded text; other kinds by every part and the label (RULES H5, H12)."""
    kind = attributes.schema["address"]
    parts = [field.name for field in kind.fields] if isinstance(kind, pl.Struct) else []
    pieces = [pl.col("label"), pl.col("date").cast(pl.String), pl.col("number").cast(pl.String)]
    pieces += [pl.col("address").struct.field(part) for part in parts]
    whole = pl.concat_str([piece.fill_null("") for piece in pieces], separator="\x1f")
    return pl.coalesce("key", pl.col("text").str.strip_chars().str.to_lowercase(), whole).alias("value")


def _singular_settled(ranked: pl.DataFrame) -> pl.DataFrame:
    """Keep the parent's value of a singular definition, else that of the child updated last (contract RULES H2, H3)."""
    singular = (
        ranked.filter("singular")
        .sort("contact_updated_at", "order", descending=[True, False])
        .with_columns(
            (pl.col("source") == 0).any().over("kind").alias("parent_has_one"),
            pl.int_range(pl.len()).over("kind").alias("freshness"),
        )
    )
    wins = pl.when("parent_has_one").then(pl.col("source") == 0).otherwise(pl.col("freshness") == 0)
    return pl.concat([ranked.filter(~pl.col("singular")), singular.filter(wins).select(ranked.columns)])


def _one_of_equals(values: pl.DataFrame) -> pl.DataFrame:
    """Keep one row of equal values: the parent's, else of the first child, the oldest of a contact (RULES H5, H6, H12).

    Adds primary_source: the first contact in which this value was primary, null when it was in none.
    """
    order = ["cluster", "source", "is_primary", "created_at", "id"]
    return (
        values.sort(order, descending=[False, False, True, False, False])
        .with_columns(pl.when("is_primary").then("source").min().over("kind", "value").alias("primary_source"))
        .unique(["kind", "value"], keep="first", maintain_order=True)
        .sort("order")
    )


def _primaries_settled(values: pl.DataFrame) -> pl.DataFrame:
    """Leave one primary a definition: the parent's, else the first child's (contract RULES D1, D4, H8, H9)."""
    claims = (
        values.filter(pl.col("primary_source").is_not_null())
        .sort("primary_source", "order")
        .with_columns(definition=pl.col("kind") // 2)
        .unique("definition", keep="first")
    )
    return values.with_columns(pl.col("order").is_in(claims["order"].implode()).alias("is_primary"))


def _indexed(values: pl.DataFrame) -> pl.DataFrame:
    """Give a child's address whose index is taken the next free one, in the order of children (contract RULES H7)."""
    placed = (
        values.filter("is_placed")
        .sort("source", "index", "created_at", "id")
        .with_columns(
            ((pl.int_range(pl.len()).over("kind", "index") > 0) & (pl.col("source") > 0)).alias("collides"),
            pl.col("index").max().over("kind").alias("highest"),
        )
    )
    moved = placed.filter("collides").with_columns(
        (pl.col("highest") + 1 + pl.int_range(pl.len()).over("kind")).cast(pl.Int32).alias("new_index")
    )
    return values.join(moved.select("order", "new_index"), on="order", how="left", maintain_order="left").with_columns(
        pl.coalesce("new_index", "index").alias("index")
    )


def _stamped(values: pl.DataFrame) -> pl.DataFrame:
    """Number the values of each parent so that the first of the list is stamped last (contract RULES C8, H4, H10)."""
    return values.sort("order").with_columns(pl.int_range(pl.len(), 0, -1).over("cluster").alias("step"))


def _touches(known: pl.DataFrame) -> pl.DataFrame:
    """Work out each parent's touch: the latest of all; its frequency, else its children's shortest (RULES H14)."""
    latest = (
        known.sort("cluster", "last_touch", "source", descending=[False, True, False], nulls_last=True)
        .unique("cluster", keep="first")
        .select("cluster", "last_touch", "last_touch_action")
    )
    is_wanted = pl.col("touch_freq").is_not_null() & ((pl.col("source") == 0) | (pl.col("touch_freq") > 0))
    frequency = (
        known.filter(is_wanted)
        .sort("cluster", pl.col("source") > 0, "touch_freq", "source")
        .unique("cluster", keep="first")
        .select("cluster", "touch_freq", "touch_source", "touch_set_at", "own_touch_freq", "own_touch_set_at")
    )
    return latest.join(frequency, on="cluster", how="left")


def _cluster_rows(clusters: Clusters, survivors: pl.DataFrame) -> pl.DataFrame:
    rows = [(str(parent), [str(sub) for sub in subs]) for parent, subs in clusters]
    asked = pl.DataFrame(rows, schema={"parent": pl.String, "sub_contacts": pl.List(pl.String)}, orient="row")
    latest = survivors.group_by("parent").agg(pl.col("created_at").max().alias("not_before"))
    return asked.join(latest, on="parent", how="left", maintain_order="left")


def _changes(ranked: pl.DataFrame, survivors: pl.DataFrame) -> pl.DataFrame:
    """List the rows to change: every survivor, and the parent's own rows that did not survive."""
    place = ["id", "contact", "parent", "is_primary", "index"]
    kept = survivors.select(*place, "step", pl.lit(False).alias("is_dropped"))
    dropped = ranked.filter(pl.col("source") == 0).join(survivors, on="id", how="anti")
    nothing = [pl.lit(0, pl.Int64).alias("step"), pl.lit(True).alias("is_dropped")]
    return pl.concat([kept, dropped.select(*place, *nothing)])
