"""Headers that identify the caller to the backend, from the authorizer and API Gateway.

`components/facts/identity_headers.py` has the same names for VPC links; a test compares them.
"""

import json

# As AWS Lambda Web Adapter names it. VPC links cannot set it.
CONTEXT = "x-amzn-request-context"
SUBJECT = "X-Authenticated-Userid"
SUBJECT_START = "sub:"
PRINCIPAL = "X-Authenticated-Principal"
KEY = "X-Credential-Identifier"
SOURCE = "X-Real-IP"
REQUEST = "X-Gateway-Request-Id"

# Common servers accept 8 KB for a line; Node accepts 16 KB for all lines.
_MOST_CONTEXT_BYTES = 6144
_MOST_VALUE_BYTES = 1024


_Mapping = dict[str, object]


def build_lines(
    request_context: _Mapping, authorizer: _Mapping, key: object, accepted: tuple[_Mapping, object], source: str
) -> list[str]:
    """Returns the fields for one event, by its requestContext and parts of it.

    A value that is unknown, too long or not visible ASCII is omitted, not cut.
    """
    claims, arn = accepted
    subject = claims.get("sub") or ""
    found = [
        (SUBJECT, SUBJECT_START + subject if claims and isinstance(subject, str) else None),
        (PRINCIPAL, arn or authorizer.get("principalId")),
        (KEY, key),
        (SOURCE, source),
        # On a REST API, the caller can choose the other ID.
        (REQUEST, request_context.get("extendedRequestId") or request_context.get("requestId")),
    ]
    made = [f"{name}: {value}" for name, value in found if _is_fit(value)]
    if context := _encode_context(request_context):
        made.append(f"{CONTEXT}: {context}")
    return made


def _is_fit(value: object) -> bool:
    return (
        isinstance(value, str)
        and 0 < len(value) <= _MOST_VALUE_BYTES
        and value.isascii()
        and value.isprintable()
        and value == value.strip()
    )


def _encode_context(request_context: dict[str, object]) -> str:
    """Returns the event's requestContext as JSON, without the API key's value and certificates. Empty if too long."""
    context = dict(request_context)
    identity = context.get("identity")
    if isinstance(identity, dict):
        context["identity"] = identity = {key: value for key, value in identity.items() if key != "apiKey"}
        _drop_certificate(identity, "clientCert")
    _drop_certificate(context, "authentication")
    text = json.dumps(context, separators=(",", ":"))
    return text if len(text) <= _MOST_CONTEXT_BYTES else ""


def _drop_certificate(place: dict[str, object], key: str) -> None:
    """REST APIs have the certificate in `identity.clientCert`, HTTP APIs in `authentication.clientCert`."""
    found = place.get(key)
    if not isinstance(found, dict):
        return
    kept = {name: value for name, value in found.items() if name != "clientCertPem"}
    place[key] = kept
    _drop_certificate(kept, "clientCert")
