"""The operations on duplicates: their clusters, one or all, and merging them."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from api_export.clusters import cluster_text
from api_export.filters import ContactFilter
from api_export.merging import check_clusters, merge_clusters
from api_export.models import Job
from api_export.operations.bodies import MergeBody, MergeManyBody
from api_export.operations.calls import SEPARATOR, Call, Result, several
from api_export.operations.queries import AssociationsQuery, NoQuery, PageQuery
from api_export.operations.reading import contact, require_contacts
from api_export.selecting import Wanted, selected_clusters
from api_export.texts import cluster_texts
from storage.errors import OnecardError
from storage.jobs import queue_job

__all__ = ["get_cluster", "list_clusters", "merge_contacts", "merge_many_clusters"]


def get_cluster(call: Call[NoQuery, None]) -> Result:
    """Read the duplicate cluster a contact is in; null when it has no duplicates (contract RULES S6)."""
    require_contacts(call, [call.path["id"]])
    return Result(cluster_text(call.con, call.path["id"], brand=call.brand) or b"null")


def list_clusters(call: Call[PageQuery, None]) -> Result:
    """Read a page of the duplicate clusters, by id; `total` is a text as printed (contract RULES A3)."""
    wanted = Wanted(ContactFilter(), call.brand, start=call.query.start, limit=call.query.limit)
    with selected_clusters(call.con, wanted) as found:
        return several(cluster_texts(call.con, found.start, found.stop, separator=SEPARATOR), total=str(found.total))


def merge_contacts(call: Call[AssociationsQuery, MergeBody]) -> Result:
    """Merge contacts into the one of the path; answer with it."""
    parent = call.path["id"]
    require_contacts(call, [parent])
    clusters = [(parent, call.body.sub_contacts)]
    _check(call, clusters, where="sub_contacts")
    merge_clusters(call.db, clusters, by=call.user, now=call.now)
    return contact(call, parent, call.query.associations)


def merge_many_clusters(call: Call[NoQuery, MergeManyBody]) -> Result:
    """Queue the merge of several clusters; answer with the job (contract RULES H15, S5)."""
    clusters: list[tuple[UUID, list[UUID]]] = [(one.parent, one.sub_contacts) for one in call.body.clusters]
    _check(call, clusters, where="clusters")
    arguments = call.body.model_dump(mode="json")
    job = queue_job(call.con, "merge", by=call.user, brand=call.home, arguments=arguments, now=call.now)
    return Result(Job(job_id=job).model_dump_json().encode())


def _check(call: Call[Any, Any], clusters: Sequence[tuple[UUID, list[UUID]]], *, where: str) -> None:
    """Refuse clusters that cannot be merged; `where` is their place in the body."""
    try:
        check_clusters(call.db, clusters, brand=call.brand)
    except OnecardError as error:
        raise type(error)(error.what, where=where, remedy=error.remedy) from error
