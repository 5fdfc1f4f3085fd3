"""The bodies of the requests, as documented: strict types, unknown keys refused.

What a response adds to an attribute (its times, its contact, its `type` …) may be sent back and is ignored, as the
documented requests do. Whether a value is a good one (an e-mail, a date) is for `transforms` to say.
"""

from typing import Annotated, Any
from uuid import UUID

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from api_export.filters import FilterBody
from transforms.dates import FIRST_YEAR, LAST_YEAR
from transforms.mapping import CustomDefinition, MappingEntry

__all__ = [
    "AddressBody",
    "AttributeBody",
    "AttributesBody",
    "BulkBody",
    "ChangedContact",
    "Cluster",
    "CreateBody",
    "DefinitionBody",
    "FileImportBody",
    "IdsBody",
    "MergeBody",
    "MergeManyBody",
    "NewContact",
    "NewTagBody",
    "OwnerBody",
    "TagBody",
    "TouchBody",
    "UpdateBody",
    "UpdateManyBody",
]

# PostgreSQL-born clients never send a NUL; DuckDB's and other tools' text ends there.
Text = Annotated[str, Field(pattern=r"^[^\x00]*$", max_length=100_000)]
Name = Annotated[str, Field(pattern=r"^[^\x00]*[^\s\x00][^\x00]*$", max_length=1_000), AfterValidator(str.strip)]
Days = Annotated[int, Field(ge=0, le=36_500)]


class _Sent(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)


class AddressBody(_Sent):
    """Components of an address; what a response makes of them (type, full, line1, line2) is ignored."""

    house_num: Text | None = None
    predir: Text | None = None
    qual: Text | None = None
    pretype: Text | None = None
    name: Text | None = None
    suftype: Text | None = None
    sufdir: Text | None = None
    building: Text | None = None
    unit: Text | None = None
    box: Text | None = None
    extra: Text | None = None
    ruralroute: Text | None = None
    city: Text | None = None
    state: Text | None = None
    country: Text | None = None
    postcode: Text | None = None
    type: Any = Field(default=None, description="Response only.")
    full: Any = Field(default=None, description="Response only.")
    line1: Any = Field(default=None, description="Response only.")
    line2: Any = Field(default=None, description="Response only.")


class AttributeBody(_Sent):
    """An attribute. With the id of one that stands, that one is updated: what is not sent stays as it is."""

    id: UUID | None = Field(default=None, description="Id of the attribute to update; without it one is added.")
    attribute_def: UUID | None = Field(default=None, description="AttributeDef id.")
    attribute_type: Text | None = Field(
        default=None, description="For global attributes, this is the name of attribute type; instead of attribute_def."
    )
    label: Text | None = Field(default=None, description="Label for attributes like email and phone number.")
    is_primary: bool = Field(default=False, description="Marks an attribute as primary. Used in certain cases.")
    is_partner: bool = Field(default=False, description="Belongs to the contact's partner.")
    text: Annotated[str, Field(max_length=100_000)] | None = Field(
        default=None, description="If the attribute is string, send data here."
    )
    index: int | None = Field(
        default=None,
        ge=-(2**31),
        lt=2**31,
        description="An integer, used for grouping related attributes together, mainly the address components. "
        "This grouping is preserved when contacts are merged.",
    )
    number: Annotated[float, Field(allow_inf_nan=False)] | None = Field(
        default=None, description="If the attribute is number, send data here."
    )
    date: Annotated[float, Field(allow_inf_nan=False)] | None = Field(
        default=None,
        description=f"If the attribute is date, send the unix timestamp here; years {FIRST_YEAR} to {LAST_YEAR}.",
    )
    address: AddressBody | None = Field(default=None, description="If the attribute is an address, its components.")
    contact: Any = Field(default=None, description="Response only. Id of the attribute's contact.")
    created_by: Any = Field(default=None, description="Response only. User id who created the attribute.")
    updated_by: Any = Field(default=None, description="Response only.")
    created_at: Any = Field(default=None, description="Response only.")
    updated_at: Any = Field(default=None, description="Response only.")
    deleted_at: Any = Field(default=None, description="Response only.")
    type: Any = Field(default=None, description="Response only.")


Attributes = Annotated[list[AttributeBody], Field(max_length=10_000)]


class NewContact(_Sent):
    """A contact to create."""

    attributes: Attributes = Field(description="List of contact's attributes.")
    user: UUID | None = Field(default=None, description="Owner of the contact; whoever asks when not given.")
    ios_address_book_id: Text | None = Field(default=None, description="Address book id of this contact on iOS device.")
    android_address_book_id: Text | None = Field(
        default=None, description="Address book id of this contact on Android device."
    )


class CreateBody(_Sent):
    """Contacts to create or to import."""

    contacts: Annotated[list[NewContact], Field(min_length=1, max_length=100_000)]


class AttributesBody(_Sent):
    """Attributes to add to a contact."""

    attributes: Annotated[Attributes, Field(min_length=1)]


class UpdateBody(_Sent):
    """What to change of a contact."""

    attributes: Attributes = []
    ios_address_book_id: Text | None = None
    android_address_book_id: Text | None = None


class ChangedContact(UpdateBody):
    """A contact to change, by its id."""

    id: UUID


class UpdateManyBody(_Sent):
    """Contacts to change."""

    contacts: Annotated[list[ChangedContact], Field(min_length=1, max_length=100_000)]


class IdsBody(_Sent):
    """Ids of what to delete; none deletes nothing."""

    ids: Annotated[list[UUID], Field(max_length=100_000)]


class OwnerBody(_Sent):
    """Who is to own the contact."""

    user: UUID


class BulkBody(FilterBody):
    """Which contacts, and the attributes to add to each."""

    attributes: Annotated[Attributes, Field(min_length=1)]


class MergeBody(_Sent):
    """The contacts to merge into the one of the path."""

    sub_contacts: Annotated[list[UUID], Field(min_length=1, max_length=10_000)]


class Cluster(_Sent):
    """One cluster to merge: the contact that lives on and those that go into it."""

    parent: UUID
    sub_contacts: Annotated[list[UUID], Field(min_length=1, max_length=10_000)]


class MergeManyBody(_Sent):
    """Clusters to merge."""

    clusters: Annotated[list[Cluster], Field(min_length=1, max_length=100_000)]


class FileImportBody(_Sent):
    """An uploaded file to import, and what its columns are."""

    file_id: UUID = Field(description="Id of a file that was uploaded.")
    owner: UUID | None = Field(default=None, description="Who is to own the contacts; whoever asks when not given.")
    mappings: dict[Text, MappingEntry] = Field(description="Column of the file → what it is.")


class TagBody(_Sent):
    """The name of a tag."""

    tag: Name


class NewTagBody(TagBody):
    """A tag to add to the collection."""

    touch_freq: Days | None = Field(default=None, description="Days between touches of contacts that carry it.")


class TouchBody(_Sent):
    """How often to be in touch."""

    touch_freq: Days | None = Field(description="Days between touches; null or 0 wants none.")


class DefinitionBody(CustomDefinition):
    """An attribute definition of the team's own."""

    name: Name = Field(description="A name for the attribute def (e.g. favorite_drinks).")
    label: Text | None = Field(default=None, description="The form label for the attribute on clients.")
    section: Text | None = Field(default=None, description="The section on which the attribute should be displayed.")
    labels: tuple[Text, ...] | None = Field(default=None, description="Labels to choose from.")
    enum_values: tuple[Text, ...] | None = Field(default=None, description="Values to choose from.")
