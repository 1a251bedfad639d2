"""Secrets in plain text: in config, inputs, boot scripts and outputs."""

import functools
import re
from collections.abc import Iterator, Mapping
from typing import Any, Final

from ..aws.catalog import types
from ..aws.compute.containers import read_containers
from ..aws.compute.user_data import INPUTS, decode_script
from ..graph import UNKNOWN, Asset, Graph, Resource, Secret
from ..graph.prose import join_names
from ..graph.reading import as_list, as_text, get_declared_input, get_value
from ..graph.secret_forms import is_reference, is_secret_name, is_secret_of, list_assignments, list_credential_kinds
from ..reach import Reach
from .registry import Severity, rule

# A name begins where no other continues, and both parts are bounded: otherwise a long line would be searched again
# from each name.
_LOGIN: Final = r"[\"']?(?<![\w.-])[\w.-]{1,64}:[^\s\"'$`]{1,256}[\"']?"
_CHPASSWD: Final = re.compile(rf"{_LOGIN}\s*\|\s*(?:sudo\s+)?chpasswd|chpasswd\s*<<<\s*{_LOGIN}")

_SHORTEST: Final = 8
"""Shorter secrets would be found in texts that have nothing to do with them."""


@rule("SEC-01", Severity.HIGH, on=types.FUNCTION, program_only=True)
def forbid_secrets_in_function_environment(_reach: Reach, resource: Resource) -> Iterator[str]:
    """A function's environment holds no secret in plain.
    Why: Otherwise the value is readable in config, state and diffs.
    Remedy: Give a Pulumi secret (pulumi config set --secret), or the ARN of a secret that the code reads.
    https://docs.aws.amazon.com/lambda/latest/dg/configuration-envvars-encryption.html
    """
    environment = resource.inputs.get("environment")
    # A mapping that is a secret as a whole is not opened.
    for name in _list_plain_secrets(environment.get("variables") if isinstance(environment, Mapping) else None):
        yield f"{resource.name} has {name} in its environment in plain"


@rule("SEC-02", Severity.HIGH, on=types.TASK_DEFINITION)
def forbid_secrets_in_container_environment(resource: Resource) -> Iterator[str]:
    """A container's environment holds no secret.
    Why: Everybody who may describe the task definition can read it, and every revision keeps it.
    Remedy: Use the container's secrets with valueFrom: a Secrets Manager secret or an SSM parameter. In a stack file,
    backend.secrets.
    https://docs.aws.amazon.com/AmazonECS/latest/developerguide/specifying-sensitive-data.html
    """
    for container in read_containers(resource):
        variables = as_list(get_value(container, "environment"))
        pairs = {as_text(get_value(variable, "name")): get_value(variable, "value") for variable in variables}
        for name in _list_plain_secrets(pairs, also_marked=True):
            yield f"{get_value(container, 'name')} in {resource.name} has {name} in its environment"


@rule("SEC-03", Severity.HIGH, on=types.BOOTED)
def forbid_secrets_in_boot_script(reach: Reach, resource: Resource) -> Iterator[str]:
    """A boot script holds no secret.
    Why: Every process on the machine, and everybody who may describe instances, can read user data.
    Remedy: Let the script fetch the secret by the machine's role, from Secrets Manager or Parameter Store.
    https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/instancedata-data-retrieval.html
    """
    for key in INPUTS:
        script = decode_script(as_text(get_declared_input(resource, key)))
        kinds = [*list_credential_kinds(script), *(f"the value of {name}" for name in _list_assigned_secrets(script))]
        marked = any(value in script for value in _list_marked_texts(reach.graph))
        if marked or isinstance(resource.inputs.get(key), Secret):
            kinds.insert(0, "a secret")
        yield from (f"{resource.name} carries {kind} in its user data" for kind in kinds)


# Kept, since a comparison judges the same texts three times.
@functools.lru_cache(256)
def _list_assigned_secrets(script: str) -> tuple[str, ...]:
    """Names of secrets whose values are in a script: `PASSWORD=…`, `--password …`, `"password": …`."""
    login = ["a login password"] if _CHPASSWD.search(script) else []
    return tuple(dict.fromkeys([*(name for name, _ in list_assignments(script)), *login]))


@rule("SEC-05", Severity.CRITICAL, program_only=True)
def forbid_secret_leaks(reach: Reach) -> Iterator[tuple[Resource | None, str]]:
    """A value that is secret in one place is not plain in another.
    Why: A secret that a program rebuilds outside of an output loses its mark, and is printed.
    Remedy: Keep the value an Output all the way: make texts and JSON of it by functions of Output, or apply.
    https://www.pulumi.com/docs/iac/concepts/secrets/
    """
    marked = _list_marked_texts(reach.graph)
    if not marked:
        return
    pattern = re.compile("|".join(re.escape(value) for value in marked))
    for resource in reach.graph:
        paths = [path for path, value in _list_plain_texts(resource.inputs) if pattern.search(value)]
        leaks = sorted({path.partition(".")[0] for path in paths})
        # Boot scripts alone are SEC-03's.
        if leaks and resource.custom and not set(leaks) <= set(INPUTS):
            yield resource, f"{resource.name} has a secret in plain in {join_names(leaks)}"
    for path, value in _list_plain_texts(reach.graph.exports):
        if pattern.search(value):
            yield None, f"the output {path} shows a secret"


@rule("SEC-06", Severity.HIGH, program_only=True)
def require_secret_outputs(reach: Reach) -> Iterator[tuple[Resource | None, str]]:
    """Outputs with a secret's name or form are secret.
    Why: Every `pulumi up` prints plain outputs.
    Remedy: Wrap the value with pulumi.Output.secret, or export an id in its place.
    https://www.pulumi.com/docs/iac/concepts/secrets/
    """
    exports = reach.graph.exports
    named = list(_list_plain_secrets(exports, also_unknown=True))
    inner = (path for name, value in exports.items() for path in _list_nested_secrets(name, value))
    for path in dict.fromkeys([*named, *inner]):
        yield None, f"the output {path} is not marked as secret"


@rule("SEC-07", Severity.CRITICAL, program_only=True)
def forbid_credentials(reach: Reach) -> Iterator[tuple[Resource | None, str]]:
    """No input contains a credential.
    Why: A key in a program or stack file stays in its history, and in the state.
    Remedy: Take the key back where it was made, and give its successor as a secret.
    https://docs.aws.amazon.com/IAM/latest/UserGuide/best-practices.html
    """
    for resource in reach.graph:
        inputs = {key: value for key, value in resource.inputs.items() if key not in INPUTS}
        kinds = (
            set[str]().union(*(list_credential_kinds(text) for _, text in _list_plain_texts(inputs)))
            if resource.custom
            else ()
        )
        for kind in sorted(kinds):
            yield resource, f"{resource.name} holds {kind}"


@rule("SEC-08", Severity.HIGH, program_only=True)
def require_secret_config(reach: Reach) -> Iterator[tuple[Resource | None, str]]:
    """Stack config holds no secret in plain.
    Why: Stack files are committed.
    Remedy: pulumi config set --secret KEY, with --path for a nested one. What a container reads, in a stack file's
    backend.environment, belongs in backend.secrets.
    https://www.pulumi.com/docs/iac/concepts/secrets/
    """
    for key, value in reach.graph.config.items():
        for path in _list_nested_secrets(key, value):
            yield None, f"config {path} is in plain"


def _list_plain_secrets(pairs: Any, *, also_marked: bool = False, also_unknown: bool = False) -> Iterator[str]:
    """Names in a mapping that are a secret's, whose values are plain."""
    if not isinstance(pairs, Mapping):
        return
    for name, value in pairs.items():
        if (isinstance(value, Secret) and not also_marked) or not is_secret_name(str(name)):
            continue
        if (value is UNKNOWN and also_unknown) or is_secret_of(str(name), as_text(value)):
            yield str(name)


def _list_nested_secrets(path: str, value: Any) -> Iterator[str]:
    if isinstance(value, Mapping):
        for name, inner in value.items():
            yield from _list_nested_secrets(f"{path}.{name}", inner)
    elif isinstance(value, list):
        for number, inner in enumerate(value):
            yield from _list_nested_secrets(f"{path}[{number}]", inner)
    elif isinstance(value, str) and not is_reference(value) and value:
        name = re.split(r"[.:]", path)[-1]
        if (is_secret_name(name) and is_secret_of(name, value)) or list_credential_kinds(value):
            yield path


def _list_plain_texts(value: Any, path: str = "") -> Iterator[tuple[str, str]]:
    """Every text that is not marked as secret, with its path."""
    if isinstance(value, str):
        yield path, value
    elif isinstance(value, Mapping):
        for key, inner in value.items():
            yield from _list_plain_texts(inner, f"{path}.{key}" if path else str(key))
    elif isinstance(value, list | tuple):
        for inner in value:
            yield from _list_plain_texts(inner, path)
    elif isinstance(value, Asset):
        yield from _list_plain_texts(value.text, path)
        yield from _list_plain_texts(value.members, path)


def _list_marked_texts(graph: Graph) -> list[str]:
    """Texts that the program marked as secret, long enough to be distinguished from others, and no id of anything."""
    return [value for value in graph.secret_texts if len(value) >= _SHORTEST and graph.find(value) is None]
