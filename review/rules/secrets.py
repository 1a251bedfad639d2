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
    r"(?i)(passw(or)?d|passwd|(^|_)pass|(^|_)pwd|passphrase|secret|token|credential"
    r"|(api|private|signing|secret|secret_?access|access|auth|encryption|master|app|jwt|session|webhook|salt|hmac|cookie)_?key(_base)?"
    r"|(^|_)(dsn|salt|pepper|connection_?string))"
    r"(_?(value|base64|b64|plain))?(_?[0-9]+)?$"
)
"""Names of settings that hold a secret themselves; those that end in `_arn`, `_name` or `_id` point at one."""
_WITH_ADDRESS: Final = re.compile(r"(?i)(^|_)(dsn|connection_?string)(_?[0-9]+)?$")
"""Of these, names of addresses, which hold a secret only if they have a password."""
_PASSWORD: Final = re.compile(r"(?i)pass|pwd")
_FLAG: Final = re.compile(r"(?i)[01]|true|false|yes|no|on|off|none|null|enabled?|disabled?|required|optional")
_NUMBER: Final = re.compile(r"[0-9.]{1,6}\s?(ms|[smhdw])?")

_REFERENCE: Final = re.compile(
    r"^(arn:|ssm:|/|file:|\{\{resolve:|\{\{|\$\(|\$\{?[A-Za-z_]|['\"]?<[^<>]*>['\"]?$|\S*/\S*\.(?:pem|key|crt|json|txt)$|https?://(?![^/@]*@)[^\s?]*$|(?i:projects/[^/]+/secrets/|vault:))"
)
"""Values that name where a secret is, or stand for one."""

_SHAPES: Final = {
    "an AWS access key": re.compile(r"\b(AKIA|ASIA)[A-Z0-9]{16}\b"),
    "a private key": re.compile(r"-----BEGIN [A-Z ]*PRIVATE KEY( BLOCK)?-----"),
    "a GitHub token": re.compile(r"\bgh[pousr]_[A-Za-z0-9]{36}\b|\bgithub_pat_[A-Za-z0-9_]{60,}\b"),
    "a GitLab token": re.compile(r"\bgl(pat|rt|dt|ptt|soat|cbt)-[A-Za-z0-9_-]{20,}"),
    "a Slack token": re.compile(r"\bxox[abeoprs]-[A-Za-z0-9-]{10,}|\bxapp-[0-9]-[A-Za-z0-9-]{10,}"),
    "a Slack webhook": re.compile(r"\bhooks\.slack\.com/services/T[A-Za-z0-9]+/B[A-Za-z0-9]+/[A-Za-z0-9]{20,}"),
    "a Discord webhook": re.compile(r"\bdiscord(app)?\.com/api/webhooks/[0-9]{15,}/[A-Za-z0-9_-]{40,}"),
    # https://docs.stripe.com/keys; a publishable key (pk_) is public.
    "a Stripe key": re.compile(r"\b[sr]k_(live|test)_[A-Za-z0-9]{16,}"),
    "a Stripe webhook secret": re.compile(r"\bwhsec_[A-Za-z0-9+/=]{16,}"),
    "a Google API key": re.compile(r"\bAIza[A-Za-z0-9_-]{35}\b"),
    "a Google OAuth secret": re.compile(r"\bGOCSPX-[A-Za-z0-9_-]{20,}"),
    "an npm token": re.compile(r"\bnpm_[A-Za-z0-9]{36}\b"),
    "a PyPI token": re.compile(r"\bpypi-AgE[A-Za-z0-9_-]{50,}"),
    "an OpenAI or Anthropic key": re.compile(
        r"\bsk-(?=[A-Za-z_-]{0,120}[0-9])(?=[a-z0-9_-]{0,120}[A-Z])(?:proj-|svcacct-|admin-|ant-[a-z0-9]+-)?[A-Za-z0-9_-]{32,256}"
    ),
    "a Twilio key": re.compile(r"\bSK[0-9a-f]{32}\b"),
    "a SendGrid key": re.compile(r"\bSG\.[A-Za-z0-9_-]{16,}\.[A-Za-z0-9_-]{16,}"),
    "a Docker Hub token": re.compile(r"\bdckr_(pat|oat)_[A-Za-z0-9_-]{20,}"),
    "a Pulumi token": re.compile(r"\bpul-[0-9a-f]{40}\b"),
    "a Hugging Face token": re.compile(r"\bhf_[A-Za-z0-9]{30,}\b"),
    "a DigitalOcean token": re.compile(r"\bdo[por]_v1_[0-9a-f]{64}\b"),
    "a Telegram bot token": re.compile(r"\b[0-9]{8,10}:AA[A-Za-z0-9_-]{33}\b"),
    # A Shopify or Databricks token, an age key and a Vault token.
    "a token": re.compile(
        r"\bshp(at|ca|pa|ss)_[0-9a-fA-F]{32}\b|\bdapi[0-9a-f]{32}\b|\bAGE-SECRET-KEY-1[0-9A-Z]{58}\b|\bhv[sb]\.[A-Za-z0-9_-]{24,}"
    ),
    # https://datatracker.ietf.org/doc/html/rfc7519: a header and a payload, which are JSON objects, and a signature.
    "a JSON Web Token": re.compile(r"\beyJ[A-Za-z0-9_-]{10,}\.eyJ[A-Za-z0-9_-]{10,}\.[A-Za-z0-9_-]{20,}"),
    "an Azure account key": re.compile(r"(?i)\b(Account|SharedAccess)Key=[A-Za-z0-9+/]{40,}={0,2}"),
    # The scheme is bounded: a long text with a dash after each letter would be searched again from each.
    "a password in a URL": re.compile(
        r"\b[a-z][a-z0-9+.-]{0,20}://[^\s:/@]{0,64}:(?!(?:\*+|x+|X+)@)(?:[^\s/@${}<>%]|%[0-9A-Fa-f]{2}){4,256}@"
    ),
    # `Server=db;Pwd=…`, `?user=a&password=…`, libpq's `host=db password=…`, and the DSN of Go's MySQL driver.
    "a password in a connection string": re.compile(
        r"(?i)[?;&](?:password|passwd|pwd)=(?![${<%*])[^\s;&\"'(){}\[\],$]{4,}"
        r"|(?<!\S)(?:host|user|dbname|port|sslmode)=[^\s=,\"'()]+(?:\s+\w+=[^\s=,\"'()]+){0,8}?\s+password=(?![${<%*])[^\s,\"'()]{4,}"
        r"|(?<![\w.:/-])[\w.-]{1,64}:[^\s@/:${}<>]{3,64}@(?:tcp|unix)\("
    ),
}
"""Texts that are secrets by their form."""

_NAME: Final = (
    r"[\w-]*(?:passw(?:or)?d|passwd|[_-]pass|[_-]pwd|secret|token|(?:api|secret|access|auth)[_-]?(?:key|token))"
)
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
def forbid_secrets_in_boot_script(reach: Reachability, resource: Resource) -> Iterator[str]:
    """A boot script holds no secret.
    Why: Every process on the machine, and everybody who may describe instances, can read user data.
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
    """A value that is secret in one place is not plain in another.
    Why: A secret that a program rebuilds outside of an output loses its mark, and is printed.
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
    """Outputs with a secret's name or form are secret.
    Why: Every `pulumi up` prints plain outputs.
    Remedy: Wrap the value with pulumi.Output.secret, or export an id in its place.
    https://www.pulumi.com/docs/iac/concepts/secrets/
    """
    exports = reach.model.graph.exports
    named = list(_list_plain_secrets(exports, also_unknown=True))
    inner = (path for name, value in exports.items() for path in _list_nested_secrets(name, value))
    for path in dict.fromkeys([*named, *inner]):
        yield None, f"the output {path} is not marked as secret"


@rule("SEC-07", Severity.CRITICAL, program_only=True)
def forbid_credentials(reach: Reachability) -> Iterator[tuple[Resource | None, str]]:
    """No input contains a credential.
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
        if (isinstance(value, Secret) and not also_marked) or not _is_name(str(name)):
            continue
        if (value is UNKNOWN and also_unknown) or _is_secret_of(str(name), as_text(value)):
            yield str(name)


def _is_name(name: str) -> bool:
    """Whether a setting of this name holds a secret: `DB_PASS`, `apiKey`, `db-pwd`."""
    return _NAMED.search(re.sub(r"([a-z0-9])([A-Z])", r"\1_\2", name).replace("-", "_").replace(".", "_")) is not None


def _is_secret_of(name: str, text: str) -> bool:
    """Whether the text of a setting with such a name is a secret, and not a reference, a number or a flag."""
    if not text.strip() or _REFERENCE.match(text):
        return False
    if _WITH_ADDRESS.search(re.sub(r"([a-z0-9])([A-Z])", r"\1_\2", name).replace("-", "_")):
        return bool(_list_credential_kinds(text))
    return not (_FLAG.fullmatch(text) or (_NUMBER.fullmatch(text) and not _PASSWORD.search(name)))


def _list_nested_secrets(path: str, value: Any) -> Iterator[str]:
    if isinstance(value, Mapping):
        for name, inner in value.items():
            yield from _list_nested_secrets(f"{path}.{name}", inner)
    elif isinstance(value, list):
        for number, inner in enumerate(value):
            yield from _list_nested_secrets(f"{path}[{number}]", inner)
    elif isinstance(value, str) and not _REFERENCE.match(value) and value:
        name = re.split(r"[.:]", path)[-1]
        if (_is_name(name) and _is_secret_of(name, value)) or _list_credential_kinds(value):
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
