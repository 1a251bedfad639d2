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
from ..paths import Reachability
from .registry import Severity, rule

_NAMED: Final = re.compile(
    r"(?i)(passw(or)?d|passwd|passphrase|secret|token|(api|private|signing|secret|secret_?access)_?key|credential)"
    r"(_?value)?$"
)
"""Names of settings that hold a secret themselves; those that end in `_arn`, `_name` or `_id` point at one."""

_REFERENCE: Final = re.compile(r"^(arn:|ssm:|/|\{\{resolve:|\$\{|https?://[^@]*$)")
"""Values that name where a secret is."""

_SHAPES: Final = {
    "an AWS access key": re.compile(r"\b(AKIA|ASIA)[A-Z0-9]{16}\b"),
    "a private key": re.compile(r"-----BEGIN [A-Z ]*PRIVATE KEY-----"),
    "a GitHub token": re.compile(r"\b(ghp|gho|ghs|ghr)_[A-Za-z0-9]{36}\b|\bgithub_pat_[A-Za-z0-9_]{60,}\b"),
    "a Slack token": re.compile(r"\bxox[abprs]-[A-Za-z0-9-]{10,}"),
    # The scheme is bounded: a long text with a dash after each letter would be searched again from each.
    "a password in a URL": re.compile(r"\b[a-z][a-z0-9+.-]{0,20}://[^\s:/@]+:[^\s:/@$]{4,}@"),
}
"""Texts that are secrets by their form."""

_NAME: Final = r"[\w-]*(?:passw(?:or)?d|passwd|token|(?:api|secret|access|auth)[_-]?(?:key|token))"
_VALUE: Final = r"[\"']?(?!(?:true|false|yes|no|none|null)\b)([^\s\"'$`<>{}|&;()\\-][^\s\"'$`<>{}|&;()\\]{3,})"
_ASSIGNMENT: Final = re.compile(
    rf"(?im)(?:^|[\s;\"'])(?:--)?({_NAME})(?:=|[\"']?:[ \t]+){_VALUE}|(?:^|\s)--({_NAME})[ \t]+{_VALUE}"
)
"""A name of a secret in a script, and a value that is neither a variable nor the output of a command."""
# A name begins where no other continues, and both parts are bounded: otherwise a long line would be searched again
# from each name.
_LOGIN: Final = r"[\"']?(?<![\w.-])[\w.-]{1,64}:[^\s\"'$`]{1,256}[\"']?"
_CHPASSWD: Final = re.compile(rf"{_LOGIN}\s*\|\s*(?:sudo\s+)?chpasswd|chpasswd\s*<<<\s*{_LOGIN}")

_SHORTEST: Final = 8
"""Shorter secrets would be found in texts that have nothing to do with them."""


@rule("SEC-01", Severity.HIGH, on=types.FUNCTION, program_only=True)
def forbid_secrets_in_function_environment(_reach: Reachability, resource: Resource) -> Iterator[str]:
    """A function's environment holds no secret in plain.
    Why: A value that is not marked as secret is readable in code or config, in the state and in every diff.
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
    Why: Everybody who may describe the task definition reads its environment, and every revision keeps it.
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
def forbid_secrets_in_boot_script(reach: Reachability, resource: Resource) -> Iterator[str]:
    """A boot script holds no secret.
    Why: User data is readable by every process on the machine, and by everybody who may describe instances.
    Remedy: Let the script fetch the secret by the machine's role, from Secrets Manager or Parameter Store.
    https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/instancedata-data-retrieval.html
    """
    for key in INPUTS:
        script = decode_script(as_text(get_declared_input(resource, key)))
        kinds = [*_list_credential_kinds(script), *(f"the value of {name}" for name in _list_assigned_secrets(script))]
        marked = any(value in script for value in _list_marked_texts(reach.model.graph))
        if marked or isinstance(resource.inputs.get(key), Secret):
            kinds.insert(0, "a secret")
        yield from (f"{resource.name} carries {kind} in its user data" for kind in kinds)


# Kept, since a comparison judges the same texts three times.
@functools.lru_cache(256)
def _list_assigned_secrets(script: str) -> tuple[str, ...]:
    """Names of secrets whose values are in a script: `PASSWORD=…`, `--password …`, `"password": …`."""
    matches = [match for match in _ASSIGNMENT.finditer(script) if not _REFERENCE.match(match[2] or match[4])]
    login = ["a login password"] if _CHPASSWD.search(script) else []
    return tuple(dict.fromkeys([*(match[1] or match[3] for match in matches), *login]))


@rule("SEC-05", Severity.CRITICAL, program_only=True)
def forbid_secret_leaks(reach: Reachability) -> Iterator[tuple[Resource | None, str]]:
    """A value that is secret in one place is plain in no other.
    Why: A secret that was taken apart and put together again outside of an output loses its mark, and is printed.
    Remedy: Keep the value an Output all the way: make texts and JSON of it by functions of Output, or apply.
    https://www.pulumi.com/docs/iac/concepts/secrets/
    """
    marked = _list_marked_texts(reach.model.graph)
    if not marked:
        return
    pattern = re.compile("|".join(re.escape(value) for value in marked))
    for resource in reach.model.graph:
        paths = [path for path, value in _list_plain_texts(resource.inputs) if pattern.search(value)]
        leaks = sorted({path.partition(".")[0] for path in paths})
        # Boot scripts alone are SEC-03's.
        if leaks and resource.custom and not set(leaks) <= set(INPUTS):
            yield resource, f"{resource.name} has a secret in plain in {join_names(leaks)}"
    for path, value in _list_plain_texts(reach.model.graph.exports):
        if pattern.search(value):
            yield None, f"the output {path} shows a secret"


@rule("SEC-06", Severity.HIGH, program_only=True)
def require_secret_outputs(reach: Reachability) -> Iterator[tuple[Resource | None, str]]:
    """Outputs that are named like secrets are secret.
    Why: Plain outputs are printed by every pulumi up, in the logs of every pipeline.
    Remedy: Wrap the value with pulumi.Output.secret, or export an id in its place.
    https://www.pulumi.com/docs/iac/concepts/secrets/
    """
    for name in _list_plain_secrets(reach.model.graph.exports, also_unknown=True):
        yield None, f"the output {name} is not marked as secret"


@rule("SEC-07", Severity.CRITICAL, program_only=True)
def forbid_credentials(reach: Reachability) -> Iterator[tuple[Resource | None, str]]:
    """No credential is written out in an input.
    Why: A key in a program or stack file stays in its history, and in the state.
    Remedy: Take the key back where it was made, and give its successor as a secret.
    https://docs.aws.amazon.com/IAM/latest/UserGuide/best-practices.html
    """
    for resource in reach.model.graph:
        inputs = {key: value for key, value in resource.inputs.items() if key not in INPUTS}
        kinds = (
            set[str]().union(*(_list_credential_kinds(text) for _, text in _list_plain_texts(inputs)))
            if resource.custom
            else ()
        )
        for kind in sorted(kinds):
            yield resource, f"{resource.name} holds {kind}"


@rule("SEC-08", Severity.HIGH, program_only=True)
def require_secret_config(reach: Reachability) -> Iterator[tuple[Resource | None, str]]:
    """Stack config holds no secret in plain.
    Why: Stack files are committed.
    Remedy: pulumi config set --secret KEY, with --path for a nested one. What a container reads, in a stack file's
    backend.environment, belongs in backend.secrets.
    https://www.pulumi.com/docs/iac/concepts/secrets/
    """
    for key, value in reach.model.graph.config.items():
        for path in _list_nested_secrets(key, value):
            yield None, f"config {path} is in plain"


def _list_plain_secrets(pairs: Any, *, also_marked: bool = False, also_unknown: bool = False) -> Iterator[str]:
    """Names in a mapping that are a secret's, whose values are plain."""
    if not isinstance(pairs, Mapping):
        return
    for name, value in pairs.items():
        if (isinstance(value, Secret) and not also_marked) or not _NAMED.search(str(name).replace("-", "_")):
            continue
        text = as_text(value)
        if (value is UNKNOWN and also_unknown) or (text and not _REFERENCE.match(text)):
            yield str(name)


def _list_nested_secrets(path: str, value: Any) -> Iterator[str]:
    if isinstance(value, Mapping):
        for name, inner in value.items():
            yield from _list_nested_secrets(f"{path}.{name}", inner)
    elif isinstance(value, list):
        for number, inner in enumerate(value):
            yield from _list_nested_secrets(f"{path}[{number}]", inner)
    elif isinstance(value, str) and not _REFERENCE.match(value) and value:
        name = re.split(r"[.:]", path)[-1]
        if _NAMED.search(re.sub(r"([a-z])([A-Z])", r"\1_\2", name)) or _list_credential_kinds(value):
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


@functools.lru_cache(4096)
def _list_credential_kinds(value: str) -> tuple[str, ...]:
    """Kinds of credentials that a text holds."""
    return tuple(kind for kind, form in _SHAPES.items() if form.search(value))


def _list_marked_texts(graph: Graph) -> list[str]:
    """Texts that the program marked as secret, long enough to be distinguished from others, and no id of anything."""
    return [value for value in graph.secret_texts if len(value) >= _SHORTEST and graph.find(value) is None]
