"""Checks JSON documents for AWS: grammar by JSON schema, and size.

https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_grammar.html
https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-swagger-extensions.html
"""

import enum
import functools
import json
import re
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any, Final

from ...graph.reading import Doubt, as_mapping, get_value
from . import openapi

try:
    import jsonschema
    from referencing import Registry, Resource
except ImportError:  # the environment of a policy pack may lack it
    jsonschema = None

_FOLDER: Final = Path(__file__).parent
_POLICY: Final = "iam_policy.schema.json"
_API: Final = "api_definition.schema.json"
_MOST_ERRORS: Final = 3
_PART: Final = re.compile(r"\{([^}+]+)\+?\}")
_PATH_VALUE: Final = re.compile(r"method\.request\.path\.(.+)")
# https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html#reference_iam-quotas-names
_NOT_IN_POLICIES: Final = re.compile(r"[^\t\n\r\x20-\xff]")


class PolicyKind(enum.Enum):
    """The kind of a policy, which decides the elements of its statements."""

    IDENTITY = "identity"
    TRUST = "trust"
    RESOURCE = "resource"


def list_policy_faults(policy: Any, kind: PolicyKind) -> Iterator[str]:
    """Faults of a policy that IAM refuses: `at Statement[0].Action: …`, three at most."""
    yield from _check_document(f"{_POLICY}#/$defs/{kind.value}", policy)
    if kind is PolicyKind.RESOURCE or not isinstance(policy, Mapping):
        return  # it is not known whether services apply the other checks to their own policies
    statements = policy.get("Statement")
    listed = statements if isinstance(statements, list) else []
    sids = [entry["Sid"] for entry in listed if isinstance(entry, Mapping) and isinstance(entry.get("Sid"), str)]
    if twice := sorted({sid for sid in sids if sids.count(sid) > 1}):
        yield f"the Sid {twice[0]!r} is there twice"
    if odd := _NOT_IN_POLICIES.search(json.dumps(policy, ensure_ascii=False, default=str)):
        yield f"it holds {odd[0]!r}: policies take characters up to U+00FF"


def measure_policy(policy: str | Mapping[str, Any]) -> int:
    """Characters as IAM counts them: all but white space."""
    return len(re.sub(r"\s", "", policy if isinstance(policy, str) else json.dumps(policy, default=str)))


def list_api_faults(body: Mapping[str, Any]) -> Iterator[str]:
    """Faults of an API's definition that API Gateway refuses, three of its grammar at most."""
    yield from _check_document(_API, body)
    schemes = openapi.list_security_schemes(body).keys()
    validators = body.get("x-amazon-apigateway-request-validators")
    for path, method, operation in openapi.list_raw_operations(body):
        at = f"{method.upper()} {path}"
        declared = openapi.list_path_parameters(body, path, operation)
        parameters = as_mapping(get_value(operation, "x-amazon-apigateway-integration", "requestParameters"))
        for value in map(str, parameters.values()):
            used = _PATH_VALUE.fullmatch(value)
            if used and used[1] not in declared:
                yield f"{at} maps the path parameter {used[1]!r}, which it does not declare"
        for name in sorted(declared - set(_PART.findall(path))):
            yield f"{at} declares the path parameter {name!r}, which is not in its path"
        for name in sorted({name for needed in operation.get("security") or [] for name in needed} - schemes):
            yield f"{at} requires {name!r}, which is no security scheme of the definition"
        validator = operation.get("x-amazon-apigateway-request-validator")
        if validator is not None and validator not in (validators or {}):
            yield f"{at} names the request validator {validator!r}, which is not defined"


def _check_document(schema: str, document: Any) -> Iterable[str]:
    try:
        text = json.dumps(document)
    except (TypeError, ValueError):  # a part of it is not known
        return _validate(schema, document)
    return _check_text(schema, text)


@functools.lru_cache(maxsize=4096)
def _check_text(schema: str, text: str) -> tuple[str, ...]:
    """Remembered: many resources have the same policy, and a first preview reads each again."""
    return tuple(_validate(schema, json.loads(text)))


def _validate(schema: str, document: Any) -> Iterator[str]:
    errors = sorted(
        _load_validator(schema).iter_errors(document), key=lambda error: list(map(str, error.absolute_path))
    )
    for error in errors[:_MOST_ERRORS]:
        place = "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in error.absolute_path)[1:]
        yield f"at {place}: {_describe_error(error)}" if place else _describe_error(error)
    if len(errors) > _MOST_ERRORS:
        yield f"and {len(errors) - _MOST_ERRORS} more of its parts"


def _describe_error(error: Any) -> str:
    expected = error.schema.get("description") if isinstance(error.schema, Mapping) else None
    if expected is None:
        return str(error.message)
    if error.validator == "not":
        return f"it is {expected}: take it out"
    return f"{error.instance!r} is not {expected}"


@functools.cache
def _load_validator(schema: str) -> Any:
    if jsonschema is None:
        raise Doubt("the package jsonschema is not in the environment")
    loaded = {name: json.loads((_FOLDER / name).read_text(encoding="utf-8")) for name in (_POLICY, _API)}
    registry = Registry().with_resources((name, Resource.from_contents(document)) for name, document in loaded.items())
    return jsonschema.Draft202012Validator({"$ref": schema}, registry=registry)
