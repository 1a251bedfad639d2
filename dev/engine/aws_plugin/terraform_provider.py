"""A running terraform-provider-aws: started, asked, stopped.

It is a plugin of HashiCorp's go-plugin: it prints one line with its address and then speaks gRPC.
https://github.com/hashicorp/go-plugin/blob/main/docs/internals.md
"""

from __future__ import annotations

import os
import subprocess
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import IO, Any, Final

import grpc

from . import cty
from .protocol import MESSAGES, METHODS, PACKAGE
from .schema import Schema, read_schema

# Without it a plugin believes that a person started it, and stops. The value is the protocol's own, no secret.
_COOKIE: Final = "d602bf8f470bc67ca7faa0386276bbdd4330efaf76d1a219cb4d6991ca9872b2"
OFFLINE: Final[Mapping[str, Any]] = {
    "region": "eu-west-1",
    "access_key": "test",
    "secret_key": "test",
    "skip_credentials_validation": True,
    "skip_requesting_account_id": True,
    "skip_metadata_api_check": "true",
    "s3_use_path_style": True,
    "max_retries": 3,
}
"""What a provider needs that asks nobody for its account: enough to validate and to plan."""

_ERROR: Final = 1
_LARGEST: Final = 256 << 20
LARGE_MESSAGES: Final = (("grpc.max_receive_message_length", _LARGEST), ("grpc.max_send_message_length", _LARGEST))
"""Options of gRPC: documents and archives are larger than its 4 MB."""


@dataclass(frozen=True)
class Complaint:
    """The provider's message on a value, and the attribute that it means."""

    path: tuple[str | int, ...]
    text: str


class ProviderError(Exception):
    """The provider refused. `state` is what it had reached by then, if it said so."""

    def __init__(self, complaints: list[Complaint], state: Any = None, private: bytes = b"") -> None:
        super().__init__("; ".join(complaint.text for complaint in complaints))
        self.complaints = complaints
        self.state = state
        self.private = private


@dataclass(frozen=True)
class Plan:
    """What the provider would make of a resource."""

    planned: Any
    replaced_by: list[tuple[str | int, ...]]
    private: bytes


class TerraformProvider:
    """The provider's methods, on plain values."""

    def __init__(self, channel: Any) -> None:
        self._call = {
            name: channel.unary_unary(
                f"/{PACKAGE}.Provider/{name}",
                request_serializer=lambda message: message.SerializeToString(),
                response_deserializer=MESSAGES[response].FromString,
            )
            for name, (_, response) in METHODS.items()
        }
        self._schemas = self._ask("GetSchema")

    def resource(self, name: str) -> Schema:
        """The schema of a resource type; KeyError if the provider has none of that name."""
        return self._schema("resource_schemas", name)

    def data_source(self, name: str) -> Schema:
        """The schema of a data source; KeyError if the provider has none of that name."""
        return self._schema("data_source_schemas", name)

    @property
    def resource_types(self) -> set[str]:
        """The names of all resource types."""
        return set(self._schemas.resource_schemas)

    @cache  # noqa: B019 # one provider lives as long as the process
    def _schema(self, table: str, name: str) -> Schema:
        found = getattr(self._schemas, table)
        if name not in found:
            raise KeyError(name)
        return read_schema(found[name])

    @property
    def services(self) -> list[str]:
        """The services whose endpoint can be set."""
        return sorted(read_schema(self._schemas.provider).block.blocks["endpoints"].block.attributes)

    def has_data_source(self, name: str) -> bool:
        """Whether there is a data source of this name."""
        return name in self._schemas.data_source_schemas

    def configure(self, config: Mapping[str, Any]) -> None:
        """Set credentials, region and endpoints."""
        empty = read_schema(self._schemas.provider).block.empty()
        prepared = self._ask("PrepareProviderConfig", config=_value({**empty, **config}))
        self._ask("Configure", terraform_version="1.11.4", config=prepared.prepared_config)

    def validate(self, name: str, config: Any) -> None:
        """Raise ProviderError if the config of a resource is wrong."""
        self._ask("ValidateResourceTypeConfig", type_name=name, config=_value(config))

    def plan(self, name: str, prior: Any, proposed: Any, config: Any, private: bytes = b"") -> Plan:
        """What would become of a resource."""
        answer = self._ask(
            "PlanResourceChange",
            type_name=name,
            prior_state=_value(prior),
            proposed_new_state=_value(proposed),
            config=_value(config),
            prior_private=private,
        )
        paths = [_path(path) for path in answer.requires_replace]
        return Plan(cty.unpack(answer.planned_state.msgpack), paths, answer.planned_private)

    def apply(self, name: str, prior: Any, planned: Any, config: Any, private: bytes = b"") -> tuple[Any, bytes]:
        """Create, update or delete (if nothing is planned); returns the new state and the provider's own notes."""
        answer = self._call["ApplyResourceChange"](
            MESSAGES["ApplyRequest"](
                type_name=name,
                prior_state=_value(prior),
                planned_state=_value(planned),
                config=_value(config),
                planned_private=private,
            )
        )
        state = cty.unpack(answer.new_state.msgpack)
        if complaints := _errors(answer.diagnostics):
            raise ProviderError(complaints, state, answer.private)
        return state, answer.private

    def read(self, name: str, state: Any, private: bytes = b"") -> tuple[Any, bytes]:
        """What a resource is today; None if it is no more."""
        answer = self._ask("ReadResource", type_name=name, current_state=_value(state), private=private)
        return cty.unpack(answer.new_state.msgpack), answer.private

    def imported(self, name: str, identifier: str) -> tuple[Any, bytes]:
        """The first state of a resource that exists, by the identifier that its documents name."""
        answer = self._ask("ImportResourceState", type_name=name, id=identifier)
        resource = next(each for each in answer.imported_resources if each.type_name == name)
        return cty.unpack(resource.state.msgpack), resource.private

    def read_data(self, name: str, config: Any) -> Any:
        """What a data source answers."""
        return cty.unpack(self._ask("ReadDataSource", type_name=name, config=_value(config)).state.msgpack)

    def _ask(self, method: str, **fields: Any) -> Any:
        answer = self._call[method](MESSAGES[METHODS[method][0]](**fields))
        if complaints := _errors(answer.diagnostics):
            raise ProviderError(complaints)
        return answer


def _value(value: Any) -> Any:
    return MESSAGES["Value"](msgpack=cty.pack(value))


def _path(message: Any) -> tuple[str | int, ...]:
    return tuple(step.attribute_name or step.element_key_string or int(step.element_key_int) for step in message.steps)


def _errors(diagnostics: Any) -> list[Complaint]:
    return [
        Complaint(_path(each.attribute), f"{each.summary}: {each.detail}" if each.detail else each.summary)
        for each in diagnostics
        if each.severity == _ERROR
    ]


@contextmanager
def running(binary: Path, log: Path) -> Iterator[TerraformProvider]:
    """The provider, for as long as the context lasts. It inherits no credentials and no proxy of the shell."""
    environment = {
        "PATH": os.environ.get("PATH", ""),
        "HOME": str(log.parent),
        "TMPDIR": str(log.parent),
        "TF_PLUGIN_MAGIC_COOKIE": _COOKIE,
        "PLUGIN_PROTOCOL_VERSIONS": "5",
        "AWS_EC2_METADATA_DISABLED": "true",
        "AWS_CONFIG_FILE": os.devnull,
        "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
        "TF_LOG": os.environ.get("TF_LOG", "ERROR"),
        # Of their own, its libraries log each message in full.
        "TF_LOG_SDK": "ERROR",
    }
    with (
        log.open("wb") as errors,
        subprocess.Popen([str(binary)], env=environment, stdout=subprocess.PIPE, stderr=errors) as process,
    ):
        try:
            assert process.stdout is not None
            channel = grpc.insecure_channel(_address(process.stdout, log), options=LARGE_MESSAGES)
            # What it prints later would fill the pipe and stop it.
            threading.Thread(target=process.stdout.read, daemon=True).start()
            with channel:
                yield TerraformProvider(channel)
        finally:
            process.terminate()


def _address(output: IO[bytes], log: Path) -> str:
    """Where it listens: the fourth part of its first line."""
    parts = output.readline().decode().strip().split("|")
    if len(parts) < 5 or parts[4] != "grpc":
        raise RuntimeError(f"the provider did not start; its last words are in {log}")
    return f"unix:{parts[3]}" if parts[2] == "unix" else parts[3]
