"""What the document says of the global attribute types, as a JSON schema: a name from its table, or one's own."""

import json
from importlib.resources import files
from typing import Any

__all__ = ["attribute_type_schema"]


def attribute_type_schema() -> dict[str, Any]:
    """Return the schema of `attribute_type`."""
    types = json.loads(files("data").joinpath("attribute_types.json").read_text("utf-8"))
    described = [{"const": one["name"], "description": f"{one['type']}. {one['description']}".strip()} for one in types]
    return {
        "type": "string",
        "description": "Response only for global attributes, this is the name of attribute type",
        "anyOf": [*described, {"type": "string", "description": "The name of a definition of one's own."}],
    }
