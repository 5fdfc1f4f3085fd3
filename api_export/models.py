"""The documented objects as pydantic models: what every JSON that leaves onecard is held to.

Fields stand in the printed order, which is the order the exporters write. A field without a default is always present,
null when there is no value (contract RULES B5); one with a default is absent unless asked for (S1, S2), so dump with
`exclude_unset`. Times are unix seconds with at most six decimals; a whole second reads 1778872035.0 (B4).
"""

from typing import Annotated, Any, Generic, Literal, TypeVar
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field, WithJsonSchema

from api_export.attribute_types import attribute_type_schema

__all__ = [
    "Address",
    "AttributeDef",
    "Brand",
    "Contact",
    "ContactAttribute",
    "ContactList",
    "ContactSummary",
    "Deal",
    "DuplicateCluster",
    "Envelope",
    "Error",
    "File",
    "Flow",
    "Info",
    "Job",
    "Tag",
    "User",
]

ABSENT: Any = None
"""The default of a field that is left out, never null, when there is nothing to say."""

Data = TypeVar("Data")
Seconds = Annotated[float, Field(description="Unix seconds, up to six decimals.")]
Midnight = Annotated[int, Field(multiple_of=86_400, description="Unix seconds at UTC midnight.")]
IsoDay = Annotated[str, Field(pattern=r"^\d{4}-\d{2}-\d{2}T00:00:00\.000Z$", description="A day at UTC midnight.")]
AttributeType = Annotated[str, WithJsonSchema(attribute_type_schema())]
Texts = Annotated[list[str], Field(min_length=1)]


class _Documented(BaseModel):
    """Nothing undocumented, nothing coerced."""

    model_config = ConfigDict(strict=True, extra="forbid", frozen=True)


class Address(_Documented):
    """A postal address: the components sent, and the lines made of them; absent parts are absent (contract RULES E)."""

    box: str = ""
    city: str = ""
    full: str = ""
    name: str = ""
    qual: str = ""
    type: Literal["stdaddr"]
    unit: str = ""
    extra: str = ""
    line1: str = ""
    line2: str = ""
    state: str = ""
    predir: str = ""
    sufdir: str = ""
    country: str = ""
    pretype: str = ""
    suftype: str = ""
    building: str = ""
    postcode: str = ""
    house_num: str = ""
    ruralroute: str = ""


class AttributeDef(_Documented):
    """What kinds of attribute there are: the global ones and a team's own (contract RULES A11, A14)."""

    id: UUID
    created_at: Seconds
    updated_at: Seconds
    deleted_at: Seconds | None
    created_by: UUID | None = Field(
        description="The original creator of the contact (as printed; it is who created the definition)"
    )
    updated_by: UUID | None
    name: str = Field(
        description="A name for the attribute def (e.g. email, phone_number, etc.) Used for global attributes."
    )
    data_type: Literal["text", "date", "number", "address"] = Field(
        description="text, date or number. Here also address."
    )
    label: str | None = Field(description="The form label for the attribute on clients")
    section: str | None = Field(description="The section on which the attribute should be displayed")
    required: bool = Field(description="Whether the attribute is mandatory")
    global_: bool = Field(
        alias="global",
        description="Whether the attribute is a global, system-defined attribute in contrast to user-defined ones.",
    )
    singular: bool = Field(
        description="Whether there can only be one instance of the attribute or multiple attributes of the same type "
        "are allowed."
    )
    show: bool = Field(description="Whether the clients must show the attribute or not.")
    filterable: bool
    editable: bool = Field(description="Whether the clients must allow editing the attribute or not.")
    searchable: bool = Field(
        description="Whether the attribute contributes to full-text index of the contact or not. Only for textual "
        "attributes"
    )
    has_label: bool = Field(description="Whether the clients must display a label UI for the attribute or not.")
    labels: list[str] = Field(description="Whether the clients must display a dropdown as label UI component.")
    enum_values: list[str] | None = Field(
        description="Whether the clients must display a dropdown for the value of attribute or not. "
        "The values to choose from."
    )
    user: UUID | None
    brand: UUID | None = Field(description="The brand that owns the user-defined attribute.")
    type: Literal["contact_attribute_def"]


class ContactAttribute(_Documented):
    """One value of a contact or its partner.

    `attribute_def` is there with the association contact_attribute.attribute_def only (contract RULES S2); `number`
    only for a definition of numbers (A10).
    """

    id: UUID
    contact: UUID = Field(description="Response only Id of the attribute’s contact")
    attribute_def: AttributeDef = Field(default=ABSENT, description="AttributeDef id")
    created_at: Seconds = Field(description="Response only")
    updated_at: Seconds = Field(description="Response only")
    deleted_at: Seconds | None = Field(description="Response only")
    label: str | None = Field(description="Label for attributes like email and phone number")
    is_primary: bool = Field(description="Marks an attribute as primary. Used in certain cases")
    is_partner: bool
    index: int | None = Field(
        description="An integer, used for grouping related attributes together, mainly the address components; so when "
        "a city and a street_name attribute have the same index, they belong to the same address group. This "
        "grouping is preserved when contacts are merged."
    )
    created_by: UUID | None = Field(description="Response only User id who created the attribute")
    updated_by: UUID | None
    attribute_type: AttributeType
    text: str | None = Field(description="If the attribute is string, send data here")
    number: float = Field(default=ABSENT, description="If the attribute is number, send data here")
    date: Midnight | None = Field(description="If the attribute is date, send the unix timestamp here")
    address: Address | None
    type: Literal["contact_attribute"]


class ContactSummary(_Documented):
    """The plain card of a contact: `birthday` is a number (contract RULES B2), tags are in the order added (C10)."""

    id: UUID
    is_partner: Literal[False]
    title: str | None
    first_name: str | None
    middle_name: str | None
    last_name: str | None
    marketing_name: str | None
    nickname: str | None
    email: str | None
    phone_number: str | None
    company: str | None
    birthday: Midnight | None
    profile_image_url: str | None
    cover_image_url: str | None
    job_title: str | None
    source_type: str | None
    source: str | None
    tags: Texts | None
    display_name: str
    abbreviated_display_name: str
    type: Literal["contact_summary"]


class Brand(_Documented):
    """The team a contact belongs to."""

    id: UUID
    type: Literal["brand"]


class User(_Documented):
    """A user of the team; of one the team has not loaded only the id is known."""

    id: UUID
    created_at: Seconds | None
    updated_at: Seconds | None
    email: str | None
    phone_number: str | None
    first_name: str | None
    last_name: str | None
    type: Literal["user"]


class _Collection(_Documented):
    """What contacts are members of."""

    id: UUID
    created_at: Seconds
    updated_at: Seconds
    created_by: UUID | None
    name: str | None


class ContactList(_Collection):
    """A list the contact is a member of."""

    type: Literal["contact_list"]


class Deal(_Collection):
    """A deal with a role the contact is named for, or has the e-mail address or phone number of."""

    type: Literal["deal"]


class Flow(_Collection):
    """A flow the contact has been enrolled into."""

    type: Literal["flow"]


class Contact(_Documented):
    """A contact: the 46 printed keys (contract RULES A13), and what associations add when asked for (S1).

    Lists are never empty but null (B5). Order: e-mails, phones and websites primary first, then latest first (C8, C13);
    tags latest first (C9); addresses primary first, then as created (C11); attributes as created (C12).
    """

    id: UUID = Field(description="Internal identifier of the contact")
    display_name: str
    partner_name: str | None
    brand: UUID | Brand = Field(
        description="The team this object belongs to. association: contact.brand"
    )  # an object when asked for
    brand_id: UUID
    user_id: UUID
    sort_field: str
    last_touch: Seconds | None
    last_touch_action: str | None
    next_touch: Seconds | None
    touch_freq: int | None
    user: User = Field(default=ABSENT, description="Owner of the contact. association: contact.user")
    created_by: User | None = Field(
        default=None, description="User who created this contact. association: contact.created_by"
    )
    updated_by: User | None = Field(
        default=None,
        description="User who created this contact (as printed; it is who updated it last). "
        "association: contact.updated_by",
    )
    summary: ContactSummary = Field(
        default=ABSENT,
        description="A plain simple object containing some of the global attribute values of the contact. "
        "association: contact.summary",
    )
    ios_address_book_id: str | None = Field(description="Address book id of this contact on iOS device")
    android_address_book_id: str | None = Field(description="Address book id of this contact on Android device")
    created_at: Seconds
    updated_at: Seconds
    deleted_at: Seconds | None
    created_for: str
    updated_for: str
    deleted_for: str | None
    title: str | None
    first_name: str | None
    partner_first_name: str | None
    middle_name: str | None
    last_name: str | None
    partner_last_name: str | None
    marketing_name: str | None
    nickname: str | None
    email: str | None
    primary_email: str | None
    emails: Texts | None
    parked: bool
    partner_email: str | None
    phone_number: str | None
    primary_phone_number: str | None
    phone_numbers: Texts | None
    company: str | None
    birthday: IsoDay | None
    profile_image_url: str | None
    cover_image_url: str | None
    job_title: str | None
    source_type: str | None
    source: str | None
    website: Texts | None
    tags: Texts | None
    address: Annotated[list[Address], Field(min_length=1)] | None
    lists: Annotated[list[ContactList], Field(min_length=1)] | None = Field(
        default=None, description="List of the contact lists this contact is a member of. association: contact.lists"
    )
    users: Annotated[list[User], Field(min_length=1)] | None = Field(
        default=None, description="Users matching credential fields of this contact. association: contact.users"
    )
    deals: Annotated[list[Deal], Field(min_length=1)] | None = Field(
        default=None,
        description="Deals that have a role matching credential fields of this contact. association: contact.deals",
    )
    flows: Annotated[list[Flow], Field(min_length=1)] | None = Field(
        default=None, description="Flows that this contact has been enrolled into. association: contact.flows"
    )
    attributes: list[ContactAttribute] = Field(
        default=ABSENT, description="List of contact’s attributes. association: contact.attributes"
    )
    type: Literal["contact"]


class DuplicateCluster(_Documented):
    """Contacts that are one person, by contact id; `id` is a number, no lasting name (contract RULES I1, I6)."""

    id: int
    contacts: Annotated[list[Contact], Field(min_length=2)]
    type: Literal["contact_duplicate"]


class Tag(_Documented):
    """A tag of the collection; `text` repeats `tag` (contract RULES G4)."""

    id: UUID
    created_at: Seconds
    updated_at: Seconds
    created_by: UUID | None
    updated_by: UUID | None
    tag: str
    text: str
    touch_freq: int | None
    type: Literal["crm_tag"]
    auto_enroll_in_super_campaigns: Literal[False]


class File(_Documented):
    """An uploaded file; its `id` is the file_id of an import (contract RULES S9)."""

    id: UUID
    created_at: Seconds
    updated_at: Seconds
    deleted_at: Seconds | None
    created_by: UUID | None
    path: str
    name: str
    public: bool
    type: Literal["file"]
    url: str
    preview_url: str
    mime: str


class Job(_Documented):
    """The answer to what is done later: the job to ask about (contract RULES S5)."""

    job_id: UUID


class Info(_Documented):
    """How many objects an answer holds.

    `total` is the true count for contacts, 0 for attributes, tags and attribute definitions, and a text for duplicates,
    as printed (contract RULES A3).
    """

    count: int
    total: int | str


class Envelope(_Documented, Generic[Data]):
    """What surrounds every answer; `info` is there when `data` is a list only (contract RULES S3)."""

    code: Literal["OK"]
    data: Data
    info: Info = Field(default=ABSENT)


class Error(_Documented):
    """What every refusal is: a name for its kind, what is wrong and what to do, and where in the request.

    `path` is a parameter's name or a place in the body such as contacts.0.attributes.3.text; null when there is none.
    """

    code: str
    message: str
    path: str | None
