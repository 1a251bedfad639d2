"""Texts that are secrets, by their form or by the name of the setting that has them."""

import functools
import re
from collections.abc import Iterator
from typing import Final

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


@functools.lru_cache(4096)
def list_credential_kinds(value: str) -> tuple[str, ...]:
    """Kinds of credentials that a text holds."""
    return tuple(kind for kind, form in _SHAPES.items() if form.search(value))


def is_secret_name(name: str) -> bool:
    """Whether a setting of this name holds a secret: `DB_PASS`, `apiKey`, `db-pwd`."""
    return _NAMED.search(re.sub(r"([a-z0-9])([A-Z])", r"\1_\2", name).replace("-", "_").replace(".", "_")) is not None


def is_secret_of(name: str, text: str) -> bool:
    """Whether the text of a setting with such a name is a secret, and not a reference, a number or a flag."""
    if not text.strip() or _REFERENCE.match(text):
        return False
    if _WITH_ADDRESS.search(re.sub(r"([a-z0-9])([A-Z])", r"\1_\2", name).replace("-", "_")):
        return bool(list_credential_kinds(text))
    return not (_FLAG.fullmatch(text) or (_NUMBER.fullmatch(text) and not _PASSWORD.search(name)))


def is_reference(text: str) -> bool:
    """Whether a text names where a secret is, or stands for one."""
    return _REFERENCE.match(text) is not None


def list_assignments(script: str) -> Iterator[tuple[str, str]]:
    """Names and values of secrets in a script: `PASSWORD=…`, `--password …`, `"password": …`."""
    for match in _ASSIGNMENT.finditer(script):
        value = match[2] or match[4]
        if not is_reference(value):
            yield match[1] or match[3], value


def mask_secrets(text: str, mask: str) -> str:
    """A text with a mask in place of everything in it that has the form of a secret."""
    for form in _SHAPES.values():
        text = form.sub(mask, text)
    for _, value in [*list_assignments(text)]:
        text = text.replace(value, mask)
    return text
