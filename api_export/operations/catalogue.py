"""The catalogue of documented operations: what each is called, where it is reached, what it takes and gives.

One row an address and method: the document's four headings about POST /contacts/filter are one operation, and its two
about duplicates are told apart by their addresses (contract RULES S6). The command line and HTTP both read this table;
nothing else knows which operations there are.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal
from uuid import UUID

from pydantic import BaseModel

from api_export.filters import FilterBody
from api_export.models import AttributeDef, Contact, ContactAttribute, DuplicateCluster, File, Job, Tag
from api_export.operations import attributes, changes, contacts, definitions, imports, merges, tags, touches
from api_export.operations.bodies import (
    AttributeBody,
    AttributesBody,
    BulkBody,
    CreateBody,
    DefinitionBody,
    FileImportBody,
    IdsBody,
    MergeBody,
    MergeManyBody,
    NewTagBody,
    OwnerBody,
    TagBody,
    TouchBody,
    UpdateBody,
    UpdateManyBody,
)
from api_export.operations.calls import Call, Result
from api_export.operations.queries import (
    AssociationsQuery,
    BulkQuery,
    CreateQuery,
    FilteredQuery,
    ImportQuery,
    ListQuery,
    NoQuery,
    PageQuery,
    UpdateManyQuery,
)

__all__ = ["OPERATIONS", "Method", "Operation"]

Method = Literal["GET", "POST", "PUT", "PATCH", "DELETE"]


@dataclass(frozen=True)
class Operation:
    """One documented operation.

    name: its heading in snake_case; path: with names in braces, `id` and `attribute_id` UUIDs, `tag` text; body: model
    of the request's body, None when it takes none; answer: type of the envelope's `data`, None when the answer never
    has a body; status: the printed one, 204 with an answer when that comes only if asked for; is_write: whether it
    changes the database; takes_upload: whether a file comes too; is_body_optional: whether it works without its body.
    """

    name: str
    method: Method
    path: str
    summary: str
    query: type[BaseModel]
    body: type[BaseModel] | None
    answer: Any
    run: Callable[[Call[Any, Any]], Result | None]
    status: Literal[200, 204] = 200
    is_write: bool = False
    takes_upload: bool = False
    is_body_optional: bool = False


OPERATIONS: tuple[Operation, ...] = (
    Operation(
        name="get_all_user_contacts",
        method="GET",
        path="/contacts",
        summary="Get all user contacts",
        query=ListQuery,
        body=None,
        answer=list[Contact],
        run=contacts.list_contacts,
    ),
    Operation(
        name="create_a_new_contact",
        method="POST",
        path="/contacts",
        summary="Create a new contact",
        query=CreateQuery,
        body=CreateBody,
        answer=list[Contact] | list[UUID],
        run=changes.create_contacts,
        is_write=True,
    ),
    Operation(
        name="update_multiple_contacts",
        method="PATCH",
        path="/contacts",
        summary="Update multiple contacts",
        query=UpdateManyQuery,
        body=UpdateManyBody,
        answer=list[Contact],
        run=changes.update_many_contacts,
        status=204,
        is_write=True,
    ),
    Operation(
        name="delete_multiple_contacts",
        method="DELETE",
        path="/contacts",
        summary="Delete multiple contacts",
        query=NoQuery,
        body=IdsBody,
        answer=None,
        run=changes.delete_many_contacts,
        status=204,
        is_write=True,
    ),
    Operation(
        name="filter_contacts_by_attributes",
        method="POST",
        path="/contacts/filter",
        summary="Search in contacts by query term; filter contacts by attributes, by multiple tags, or not having them",
        query=FilteredQuery,
        body=FilterBody,
        answer=list[Contact],
        run=contacts.filter_contacts,
        is_body_optional=True,
    ),
    Operation(
        name="get_a_contact",
        method="GET",
        path="/contacts/{id}",
        summary="Get a contact",
        query=AssociationsQuery,
        body=None,
        answer=Contact,
        run=contacts.get_contact,
    ),
    Operation(
        name="update_a_contact",
        method="PATCH",
        path="/contacts/{id}",
        summary="Update a contact",
        query=AssociationsQuery,
        body=UpdateBody,
        answer=Contact,
        run=changes.update_contact,
        is_write=True,
    ),
    Operation(
        name="update_owner_of_a_contact",
        method="PUT",
        path="/contacts/{id}/owner",
        summary="Update owner of a contact",
        query=AssociationsQuery,
        body=OwnerBody,
        answer=Contact,
        run=changes.update_owner,
        is_write=True,
    ),
    Operation(
        name="deleting_a_contact",
        method="DELETE",
        path="/contacts/{id}",
        summary="Deleting a contact",
        query=NoQuery,
        body=None,
        answer=None,
        run=changes.delete_contact,
        status=204,
        is_write=True,
    ),
    Operation(
        name="add_attributes_to_a_contact",
        method="POST",
        path="/contacts/{id}/attributes",
        summary="Add attributes to a contact",
        query=AssociationsQuery,
        body=AttributesBody,
        answer=list[ContactAttribute],
        run=attributes.add_attributes,
        is_write=True,
    ),
    Operation(
        name="update_an_attribute",
        method="PUT",
        path="/contacts/{id}/attributes/{attribute_id}",
        summary="Update an attribute",
        query=NoQuery,
        body=AttributeBody,
        answer=ContactAttribute,
        run=attributes.update_attribute,
        is_write=True,
    ),
    Operation(
        name="deleting_an_attribute",
        method="DELETE",
        path="/contacts/{id}/attributes/{attribute_id}",
        summary="Deleting an attribute",
        query=AssociationsQuery,
        body=None,
        answer=Contact,
        run=attributes.delete_attribute,
        is_write=True,
    ),
    Operation(
        name="add_multiple_attributes",
        method="POST",
        path="/contacts/attributes",
        summary="Add multiple attributes",
        query=BulkQuery,
        body=BulkBody,
        answer=list[Contact] | list[UUID],
        run=attributes.add_attributes_by_filter,
        is_write=True,
    ),
    Operation(
        name="delete_multiple_attributes",
        method="DELETE",
        path="/contacts/attributes",
        summary="Delete multiple attributes",
        query=NoQuery,
        body=IdsBody,
        answer=None,
        run=attributes.delete_many_attributes,
        status=204,
        is_write=True,
    ),
    Operation(
        name="upload_a_file_for_contacts",
        method="POST",
        path="/contacts/upload",
        summary="Upload a file for contacts",
        query=NoQuery,
        body=None,
        answer=File,
        run=imports.upload_file,
        is_write=True,
        takes_upload=True,
    ),
    Operation(
        name="import_contacts_with_json_data",
        method="POST",
        path="/contacts/import.json",
        summary="Import contacts with JSON data",
        query=NoQuery,
        body=CreateBody,
        answer=Job,
        run=imports.import_contacts,
        is_write=True,
    ),
    Operation(
        name="import_contacts_from_csv",
        method="POST",
        path="/contacts/import.csv",
        summary="Import contacts from CSV",
        query=ImportQuery,
        body=FileImportBody,
        answer=Job,
        run=imports.import_file,
        is_write=True,
    ),
    Operation(
        name="import_contacts_from_xls",
        method="POST",
        path="/contacts/import.xls",
        summary="Import contacts from XLS",
        query=ImportQuery,
        body=FileImportBody,
        answer=Job,
        run=imports.import_file,
        is_write=True,
    ),
    Operation(
        name="import_contacts_from_xlsx",
        method="POST",
        path="/contacts/import.xlsx",
        summary="Import contacts from XLSX",
        query=ImportQuery,
        body=FileImportBody,
        answer=Job,
        run=imports.import_file,
        is_write=True,
    ),
    Operation(
        name="get_all_of_the_duplicate_clusters",
        method="GET",
        path="/contacts/duplicates",
        summary="Get all of the duplicate clusters",
        query=PageQuery,
        body=None,
        answer=list[DuplicateCluster],
        run=merges.list_clusters,
    ),
    Operation(
        name="get_the_duplicate_cluster_for_a_contact",
        method="GET",
        path="/contacts/{id}/duplicates",
        summary="Get the duplicate cluster for a contact",
        query=NoQuery,
        body=None,
        answer=DuplicateCluster | None,
        run=merges.get_cluster,
    ),
    Operation(
        name="merge_contacts",
        method="POST",
        path="/contacts/{id}/merge",
        summary="Merge contacts",
        query=AssociationsQuery,
        body=MergeBody,
        answer=Contact,
        run=merges.merge_contacts,
        is_write=True,
    ),
    Operation(
        name="merge_multiple_clusters_of_duplicate_contacts",
        method="POST",
        path="/contacts/merge",
        summary="Merge multiple clusters of duplicate contacts",
        query=NoQuery,
        body=MergeManyBody,
        answer=Job,
        run=merges.merge_many_clusters,
        is_write=True,
    ),
    Operation(
        name="get_all_tags",
        method="GET",
        path="/contacts/tags",
        summary="Get all tags",
        query=NoQuery,
        body=None,
        answer=list[Tag],
        run=tags.list_tags,
    ),
    Operation(
        name="add_a_tag_manually",
        method="POST",
        path="/contacts/tags",
        summary="Add a tag manually",
        query=NoQuery,
        body=NewTagBody,
        answer=None,
        run=tags.add_tag,
        status=204,
        is_write=True,
    ),
    Operation(
        name="rename_a_tag",
        method="PATCH",
        path="/contacts/tags/{tag}",
        summary="Rename a tag",
        query=NoQuery,
        body=TagBody,
        answer=None,
        run=tags.rename_tag,
        status=204,
        is_write=True,
    ),
    Operation(
        name="set_touch_reminder_on_a_tag",
        method="PATCH",
        path="/contacts/tags/{tag}/touch",
        summary="Set touch reminder on a tag",
        query=NoQuery,
        body=TouchBody,
        answer=None,
        run=tags.set_tag_touch,
        status=204,
        is_write=True,
    ),
    Operation(
        name="set_touch_reminder_on_a_contact",
        method="PATCH",
        path="/contacts/{id}/touch",
        summary="Set touch reminder on a contact",
        query=AssociationsQuery,
        body=TouchBody,
        answer=Contact,
        run=touches.set_contact_touch,
        is_write=True,
    ),
    Operation(
        name="delete_a_tag_from_all_contacts",
        method="DELETE",
        path="/contacts/tags/{tag}",
        summary="Delete a tag from all contacts",
        query=NoQuery,
        body=None,
        answer=None,
        run=tags.delete_tag,
        status=204,
        is_write=True,
    ),
    Operation(
        name="get_all_attribute_definitions",
        method="GET",
        path="/contacts/attribute_defs",
        summary="Get all attribute definitions",
        query=NoQuery,
        body=None,
        answer=list[AttributeDef],
        run=definitions.list_definitions,
    ),
    Operation(
        name="create_an_attribute_definition",
        method="POST",
        path="/contacts/attribute_defs",
        summary="Create an attribute definition",
        query=NoQuery,
        body=DefinitionBody,
        answer=AttributeDef,
        run=definitions.create_definition,
        is_write=True,
    ),
    Operation(
        name="delete_an_attribute_definition",
        method="DELETE",
        path="/contacts/attribute_defs/{id}",
        summary="Delete an attribute definition",
        query=NoQuery,
        body=None,
        answer=None,
        run=definitions.delete_definition,
        status=204,
        is_write=True,
    ),
)
