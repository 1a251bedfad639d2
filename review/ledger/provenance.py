"""Which inputs of a component's resources are the component's own.

A resource is ours if the code of a component called its constructor. Its URN proves nothing: a program may declare
a resource under a component, or a class of its own under a component's type.
"""

import hashlib
from collections.abc import Mapping
from typing import Any, Final

from ..aws.catalog import types
from ..facts import defaults, forwarder
from ..facts.statements import PACKAGE
from ..graph import Asset, Origin, Resource, reveal
from ..graph.ignored import is_ignored
from ..graph.prose import abbreviate_names, join_names
from ..graph.reading import get_declared_input

_PROXY: Final = f"{PACKAGE}ServerlessProxy"
CODE: Final = frozenset(
    {
        *("code", "s3Bucket", "s3Key", "s3ObjectVersion", "imageUri", "packageType"),
        *("handler", "layers", "environment", "runtime", "imageConfig", "fileSystemConfig"),
    }
)
"""Inputs of a function that decide which code answers."""
_OF_FORWARDER: Final = {
    "handler": ("handler.handler",),
    "packageType": ("Zip",),
    "runtime": (defaults.LAMBDA_RUNTIME,),
}
"""Values of these that the forwarder has, besides its archive and its variables."""


def is_ours(resource: Resource) -> bool:
    """Whether a component's own code declares a resource."""
    return resource.is_of_component


def is_given_by_component(resource: Resource, key: str) -> bool:
    """Whether a component gave the input, and no transform changed it."""
    return is_ours(resource) and key not in resource.altered


def _is_forwarder(resource: Resource) -> bool:
    around = resource.urn.split("::")[2].split("$")[:-1]
    return resource.type in types.FUNCTION and around[-1:] == [_PROXY]


def describe_foreign_code(resource: Resource, origin: Origin) -> str:
    """What may make a component's function run other code, as the beginning of a sentence; empty if nothing does."""
    if not is_ours(resource) or resource.type not in types.FUNCTION:
        return ""
    if altered := sorted(CODE & resource.altered):
        return describe_altered(resource, join_names(altered), origin)
    if kept := sorted(key for key in CODE if is_ignored(resource, key)):
        return describe_ignored(resource, kept)
    # A state may have the forwarder of an earlier version.
    if not _is_forwarder(resource) or origin is Origin.STATE:
        return ""
    foreign = [key for key in sorted(CODE) if key in resource.inputs and not _is_forwarders(resource, key, origin)]
    return f"{join_names(foreign)} of {resource.name}, which the forwarder of this version has not," if foreign else ""


def describe_altered(resource: Resource, keys: str, origin: Origin) -> str:
    """Inputs that a component would not declare, as the beginning of a sentence. A plan does not tell who did it."""
    if origin is Origin.PROGRAM:
        return f"a transform changes {keys} of {resource.name} and"
    return f"{keys} of {resource.name}, which this version of its component declares otherwise,"


def describe_ignored(resource: Resource, keys: list[str]) -> str:
    """The inputs that no update changes, as the beginning of a sentence."""
    return f"ignore_changes of {resource.name} leaves {abbreviate_names(keys)} as AWS has it and"


def _is_forwarders(resource: Resource, key: str, origin: Origin) -> bool:
    """Whether an input that decides which code answers is one that the forwarder has."""
    value = reveal(resource.inputs[key])
    if key == "code":
        return _is_shipped(value, origin)
    if key == "environment":
        variables = reveal(get_declared_input(resource, key, "variables"))
        return isinstance(variables, Mapping) and all(map(_is_forwarders_variable, variables, variables.values()))
    return value in _OF_FORWARDER.get(key, ()) or value in (None, [], {}, "")


def _is_shipped(code: Any, origin: Origin) -> bool:
    """Whether an archive is the forwarder's. If its files are not here, only an evaluation of a program knows it."""
    if not forwarder.find_digest(compiled=False):
        return origin is Origin.PROGRAM
    if not isinstance(code, Asset):
        return False
    digest = code.hash or (hashlib.sha256(code.place.read_bytes()).hexdigest() if code.place.is_file() else "")
    return any(digest == forwarder.find_digest(compiled=compiled) for compiled in (False, True))


def _is_forwarders_variable(name: str, value: Any) -> bool:
    if name == "AWS_LAMBDA_EXEC_WRAPPER":
        return bool(reveal(value) == f"{forwarder.TASK_FOLDER}/{forwarder.WRAPPER}")
    return name in forwarder.VARIABLES
