"""The messages of Terraform's plugin protocol 5, as far as this plugin speaks it.

The protocol is a table here: a message's fields by name, number and type. A client uses the fields that it knows and
passes over the others, so the table holds no more than what is sent or read.
https://developer.hashicorp.com/terraform/plugin/terraform-plugin-protocol
"""

from __future__ import annotations

from typing import Any, Final

from google.protobuf import (
    descriptor_pb2,
    descriptor_pool,
    message_factory,
)

PACKAGE: Final = "tfplugin5"

# message: {field: (number, type)}; "*" before a type repeats it, "{}" is a map from text.
_MESSAGES: Final[dict[str, dict[str, tuple[int, str]]]] = {
    "Value": {"msgpack": (1, "bytes"), "json": (2, "bytes")},
    "Step": {"attribute_name": (1, "string"), "element_key_string": (2, "string"), "element_key_int": (3, "int64")},
    "Path": {"steps": (1, "*Step")},
    "Diagnostic": {
        "severity": (1, "int32"),
        "summary": (2, "string"),
        "detail": (3, "string"),
        "attribute": (4, "Path"),
    },
    "RawState": {"json": (1, "bytes")},
    "Attribute": {
        "name": (1, "string"),
        "type": (2, "bytes"),
        "required": (4, "bool"),
        "optional": (5, "bool"),
        "computed": (6, "bool"),
        "sensitive": (7, "bool"),
        "write_only": (10, "bool"),
    },
    "NestedBlock": {
        "type_name": (1, "string"),
        "block": (2, "Block"),
        "nesting": (3, "int32"),
        "min_items": (4, "int64"),
        "max_items": (5, "int64"),
    },
    "Block": {"attributes": (2, "*Attribute"), "block_types": (3, "*NestedBlock")},
    "Schema": {"version": (1, "int64"), "block": (2, "Block")},
    "SchemaRequest": {},
    "SchemaResponse": {
        "provider": (1, "Schema"),
        "resource_schemas": (2, "{}Schema"),
        "data_source_schemas": (3, "{}Schema"),
        "diagnostics": (4, "*Diagnostic"),
    },
    "PrepareRequest": {"config": (1, "Value")},
    "PrepareResponse": {"prepared_config": (1, "Value"), "diagnostics": (2, "*Diagnostic")},
    "ConfigureRequest": {"terraform_version": (1, "string"), "config": (2, "Value")},
    "ValidateRequest": {"type_name": (1, "string"), "config": (2, "Value")},
    "DiagnosticsResponse": {"diagnostics": (1, "*Diagnostic")},
    "UpgradeRequest": {"type_name": (1, "string"), "version": (2, "int64"), "raw_state": (3, "RawState")},
    "UpgradeResponse": {"upgraded_state": (1, "Value"), "diagnostics": (2, "*Diagnostic")},
    "ReadRequest": {"type_name": (1, "string"), "current_state": (2, "Value"), "private": (3, "bytes")},
    "ReadResponse": {"new_state": (1, "Value"), "diagnostics": (2, "*Diagnostic"), "private": (3, "bytes")},
    "PlanRequest": {
        "type_name": (1, "string"),
        "prior_state": (2, "Value"),
        "proposed_new_state": (3, "Value"),
        "config": (4, "Value"),
        "prior_private": (5, "bytes"),
    },
    "PlanResponse": {
        "planned_state": (1, "Value"),
        "requires_replace": (2, "*Path"),
        "planned_private": (3, "bytes"),
        "diagnostics": (4, "*Diagnostic"),
    },
    "ApplyRequest": {
        "type_name": (1, "string"),
        "prior_state": (2, "Value"),
        "planned_state": (3, "Value"),
        "config": (4, "Value"),
        "planned_private": (5, "bytes"),
    },
    "ApplyResponse": {"new_state": (1, "Value"), "private": (2, "bytes"), "diagnostics": (3, "*Diagnostic")},
    "ImportRequest": {"type_name": (1, "string"), "id": (2, "string")},
    "ImportedResource": {"type_name": (1, "string"), "state": (2, "Value"), "private": (3, "bytes")},
    "ImportResponse": {"imported_resources": (1, "*ImportedResource"), "diagnostics": (2, "*Diagnostic")},
    "DataRequest": {"type_name": (1, "string"), "config": (2, "Value")},
    "DataResponse": {"state": (1, "Value"), "diagnostics": (2, "*Diagnostic")},
}

# method of the service: its request and its response.
METHODS: Final[dict[str, tuple[str, str]]] = {
    "GetSchema": ("SchemaRequest", "SchemaResponse"),
    "PrepareProviderConfig": ("PrepareRequest", "PrepareResponse"),
    "Configure": ("ConfigureRequest", "DiagnosticsResponse"),
    "ValidateResourceTypeConfig": ("ValidateRequest", "DiagnosticsResponse"),
    "UpgradeResourceState": ("UpgradeRequest", "UpgradeResponse"),
    "ReadResource": ("ReadRequest", "ReadResponse"),
    "PlanResourceChange": ("PlanRequest", "PlanResponse"),
    "ApplyResourceChange": ("ApplyRequest", "ApplyResponse"),
    "ImportResourceState": ("ImportRequest", "ImportResponse"),
    "ReadDataSource": ("DataRequest", "DataResponse"),
}

_SCALARS: Final = {
    name: getattr(descriptor_pb2.FieldDescriptorProto, f"TYPE_{name.upper()}")
    for name in ("bytes", "string", "bool", "int32", "int64")
}


def _field(message: Any, name: str, number: int, kind: str) -> None:
    field = message.field.add(name=name, number=number, label=descriptor_pb2.FieldDescriptorProto.LABEL_OPTIONAL)
    if kind.startswith(("*", "{}")):
        field.label = descriptor_pb2.FieldDescriptorProto.LABEL_REPEATED
    if kind.startswith("{}"):
        entry = message.nested_type.add(name="".join(part.title() for part in name.split("_")) + "Entry")
        entry.options.map_entry = True
        _field(entry, "key", 1, "string")
        _field(entry, "value", 2, kind[2:])
        field.type_name = f".{PACKAGE}.{message.name}.{entry.name}"
        field.type = descriptor_pb2.FieldDescriptorProto.TYPE_MESSAGE
    elif (plain := kind.lstrip("*")) in _SCALARS:
        field.type = _SCALARS[plain]
    else:
        field.type_name = f".{PACKAGE}.{plain}"
        field.type = descriptor_pb2.FieldDescriptorProto.TYPE_MESSAGE


def _messages() -> dict[str, Any]:
    described = descriptor_pb2.FileDescriptorProto(name="tfplugin5.proto", package=PACKAGE, syntax="proto3")
    for name, fields in _MESSAGES.items():
        message = described.message_type.add(name=name)
        for field, (number, kind) in fields.items():
            _field(message, field, number, kind)
    pool = descriptor_pool.DescriptorPool()
    pool.Add(described)
    return {
        name: message_factory.GetMessageClass(pool.FindMessageTypeByName(f"{PACKAGE}.{name}")) for name in _MESSAGES
    }


MESSAGES: Final[dict[str, Any]] = _messages()
"""Each message's class by its name."""
