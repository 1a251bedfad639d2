"""AWS as a graph describes it: answers in AWS's shapes, written by the inverse of the table, and checked by botocore.

The clients are boto3's own, and no call leaves the process: each is answered before it is sent, and an answer that does
not fit the service's model is an error.
"""

from __future__ import annotations

import functools
import json
import re
from collections.abc import Callable, Mapping
from copy import copy
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import boto3
import jmespath
from botocore.exceptions import ClientError
from botocore.stub import validate_parameters
from review.verify.table import Read, reads, search

from review.aws.catalog.types import FUNCTION
from review.engine_files.plan import Plan, read_refresh
from review.graph import UNKNOWN, Graph, Resource, revealed
from review.tests.engine_files import writer

JSON = dict[str, Any]
Change = Callable[[JSON], Any]
_SESSION = boto3.Session()


@functools.cache
def _client(service: str, region: str) -> Any:
    return _SESSION.client(service, region, aws_access_key_id="fake", aws_secret_access_key="fake")


def deployed(graph: Graph) -> Graph:
    """A graph with the outputs that a state has, and that the review's mocks do not make up."""
    resources = {resource.urn: replace(resource, state={**_outputs(resource), **resource.state}) for resource in graph}
    return replace(graph, resources=resources)


def _outputs(resource: Resource) -> JSON:
    match resource.kind:
        case "Schedule":
            return {"groupName": "default", "name": str(resource.id).rpartition("/")[2]}
        case "Budget":
            return {"accountId": "123456789012", "name": str(resource.id).rpartition(":")[2]}
    return {}


def refreshed(graph: Graph, changes: Mapping[str, Any] | None = None) -> Plan:
    """The engine's refresh of a graph. `changes` has by name what AWS has otherwise."""
    return _read(json.dumps(writer.refresh(graph, changes)).encode())


@functools.lru_cache(maxsize=50)
def _read(document: bytes) -> Plan:
    """Most tests begin with what was just deployed, and to check its schema takes longer than the test."""
    return read_refresh("refresh", document)


class FakeAws:
    """A session of boto3 whose clients answer with what a graph has."""

    def __init__(self, graph: Graph, account: str = "123456789012") -> None:
        self.graph, self.account = graph, account
        self.changes: list[tuple[str, Change]] = []
        self.errors: dict[str, str] = {}
        self.more: dict[str, JSON] = {}
        self.calls: list[str] = []

    def get_credentials(self) -> Any:
        return self  # any object: it is only asked whether there is one

    def client(self, service: str, *, region_name: str, config: Any) -> Any:
        # A client takes 20 ms to make: each is a copy of one that is kept, with handlers of its own.
        kept = _client(service, region_name)
        made: Any = object.__new__(type(kept))
        vars(made).update(vars(kept) | {"meta": copy(kept.meta)})
        made.meta.events = copy(made.meta.events)

        def before(params: JSON, model: Any, context: Any, **_: Any) -> None:
            # The arguments as they were given, before they are a request.
            asked.append((model, params))

        def answered(model: Any, **_: Any) -> Any:
            _, params = asked.pop()
            return _Ok(), self.answer(service, model, params)

        asked: list[Any] = []
        made.meta.events.register_first("provide-client-params", before)
        made.meta.events.register_last("before-call", answered)
        return made

    def answer(self, service: str, model: Any, params: JSON) -> JSON:
        call = f"{service}.{model.name}"
        self.calls.append(call)
        if call in self.errors:
            raise ClientError({"Error": {"Code": self.errors[call], "Message": "secret of the message"}}, model.name)
        found = {"Account": self.account} if call == "sts.GetCallerIdentity" else answers(self.graph, call, params)
        if call == "lambda.GetFunctionConfiguration":
            (resource,) = (one for one in self.graph.of_type(*FUNCTION) if one.id == params["FunctionName"])
            found = {"CodeSha256": resource.state["codeSha256"]}
        found = {**found, **self.more.get(call, {})}
        for changed, change in self.changes:
            if changed == call:
                change(found)
        shaped: JSON = _coerced(found, model.output_shape)
        validate_parameters(shaped, model.output_shape)
        return shaped

    def change(self, call: str, change: Change) -> None:
        """Plant something in each answer to a call."""
        self.changes.append((call, change))


class _Ok:
    """What botocore takes of an HTTP answer."""

    def __init__(self) -> None:
        self.status_code = 200
        self.headers: JSON = {}


def answers(graph: Graph, call: str, params: JSON) -> JSON:
    """All that the graph has for one call."""
    answer: JSON = {}
    for token, rows in reads().items():
        for row in rows:
            for resource in graph.of_type(token) if row.call == call else ():
                if not resource.existing and _is_asked(row, resource, params):
                    _write_resource(row, resource, answer)
    return answer


def _is_asked(row: Read, resource: Resource, params: JSON) -> bool:
    state = revealed(resource.state)
    return bool(search(row.given, state) == params and (not row.keys or search(row.match, state)))


def _write_resource(row: Read, resource: Resource, answer: JSON) -> None:
    state = revealed({**resource.state, "tags": resource.state.get("tagsAll", resource.state.get("tags"))})
    item = _item(row.at, answer, new=bool(row.id))
    if row.at == "methods(items)":
        item |= {"id": state["resourceId"], "resourceMethods": {state["httpMethod"]: {}}}
        item = item["resourceMethods"][state["httpMethod"]]
    if row.id:
        wanted = search(row.match, state)
        if row.id == "@":
            item.append(wanted)
            return
        if not re.search(r"\(|\|\|", row.id + (row.match if row.keys else "")):
            _write(jmespath.compile(row.id).parsed, item, wanted)
    for ours, theirs in row.fields.items():
        value = search(ours.removesuffix("?"), state)
        if value is not None and value is not UNKNOWN:
            _field(theirs, item, value)
    if row.at == "methods(items)":
        # AWS's answer has it outside of the method.
        del item["resourceId"]


def _item(at: str, answer: JSON, *, new: bool) -> Any:
    """The part of an answer that is about a resource."""
    if at.startswith("statements(Policy)"):
        statement: JSON = {}
        written = [*json.loads(answer.get("Policy", '{"Statement": []}'))["Statement"], statement]
        answer["Policy"] = _Policy(written)
        return statement
    if at == "PolicyNames":
        return answer.setdefault("PolicyNames", [])
    if not at:
        return answer
    if at.startswith(("methods(", "named(")):
        listed = answer.setdefault(at.partition("(")[2].strip(")").partition(",")[0], [])
        listed.append({})
        return listed[-1]
    return _ensure(jmespath.compile(at).parsed, answer, new=new)


class _Policy(str):
    """A JSON text of statements that are still being written."""

    statements: list[JSON]

    def __new__(cls, statements: list[JSON]) -> _Policy:
        made = super().__new__(cls, '{"Statement": []}')
        made.statements = statements
        return made


def _ensure(node: JSON, here: Any, *, new: bool = False) -> Any:
    """What a path leads to, made if it is not there. With `new` another member of a list."""
    kind, inner = node["type"], node.get("children", [])
    match kind:
        case "field":
            return _member(here.setdefault(node["value"], []), new) if new else here.setdefault(node["value"], {})
        case "subexpression":
            for one in inner[:-1]:
                here = _ensure(one, here)
            return _ensure(inner[-1], here, new=new)
        case "index_expression":
            return here if inner[0]["type"] == "identity" else _member(_list(inner[0], here), False)
        case "pipe":
            return _ensure(inner[1], _ensure(inner[0], here), new=new)
        case "filter_projection" | "projection":
            condition = inner[2] if kind == "filter_projection" else None
            if inner[0]["type"] in ("identity", "flatten") and isinstance(here, dict) and _is_held(inner[0]):
                member = here
            else:
                member = _member(_list(inner[0], here), new)
            if condition is not None:
                _fulfil(condition, member)
            return member if inner[1]["type"] == "identity" else _ensure(inner[1], member)
        case "flatten":
            return _ensure(inner[0], here, new=new)
    raise AssertionError(kind)


def _is_held(node: JSON) -> bool:
    return bool(node["type"] == "identity")


def _list(node: JSON, here: Any) -> list[Any]:
    kind, inner = node["type"], node.get("children", [])
    if kind == "field":
        found: list[Any] = here.setdefault(node["value"], [])
        return found
    if kind == "flatten":
        return _list(inner[0], here)
    if kind == "projection":
        return _list(inner[1], _member(_list(inner[0], here), False))
    assert kind == "subexpression", kind
    for one in inner[:-1]:
        here = _ensure(one, here)
    return _list(inner[-1], here)


def _member(members: list[Any], new: bool) -> Any:
    if new or not members:
        members.append({})
    return members[-1]


def _fulfil(condition: JSON, member: JSON) -> None:
    """Make a member pass a filter."""
    kind, inner = condition["type"], condition.get("children", [])
    if kind == "comparator" and condition["value"] == "eq":
        member[inner[0]["value"]] = inner[1]["value"]
    elif kind == "and_expression":
        for one in inner:
            _fulfil(one, member)
    elif kind == "field":
        member[condition["value"]] = True
    elif kind == "not_expression" and inner[0]["type"] == "field":
        member[inner[0]["value"]] = False


def _write(node: JSON, here: Any, value: Any) -> None:
    """Write a value where a path leads to."""
    kind, inner = node["type"], node.get("children", [])
    match kind:
        case "field":
            here[node["value"]] = value
        case "subexpression":
            for one in inner[:-1]:
                here = _ensure(one, here)
            _write(inner[-1], here, value)
        case "index_expression":
            members = _list(inner[0], here)
            members[:1] = [value]
        case "projection" if inner[0]["type"] == "projection" or inner[0]["type"] == "flatten":
            members = _list(inner[0], here)
            for at, one in enumerate(value):
                if inner[1]["type"] == "identity":
                    members.append(one)
                    continue
                if len(members) <= at:
                    members.append({})
                _write(inner[1], members[at], one)
        case "multi_select_dict":
            (value,) = value if isinstance(value, list) else [value]
            for pair in inner:
                if (one := value.get(pair["value"])) is not None:
                    _write(pair["children"][0], here, one)
        case "or_expression":
            _write(inner[0], here, value)
        case "and_expression":
            _write(inner[1], here, value)
        case _:
            raise AssertionError(kind)


def _field(theirs: str, item: JSON, value: Any) -> None:
    """Write a field by the inverse of its expression. Those that JMESPath cannot invert are written out."""
    tree = jmespath.compile(theirs).parsed
    if theirs == "Scheme=='internal'":
        item["Scheme"] = "internal" if value else "internet-facing"
    elif theirs.endswith("=='ENABLED'"):
        _write(tree["children"][0], item, "ENABLED" if value else "DISABLED")
    elif theirs.endswith("!=`null`"):
        _write(tree["children"][0], item, "192.0.2.1" if value else None)
    elif theirs.startswith(("`null`", "NetworkInterfaces[1:]")):
        return  # what a stranger's machine has no part of, or only beyond the first
    elif theirs == "Principal.Service || Principal.AWS || Principal":
        item["Principal"] = {"Service": value}
    else:
        _write(tree, item, value)


def _coerced(value: Any, shape: Any) -> Any:
    """A value with the types of a service's model, where the provider has them as text."""
    match shape.type_name:
        case "structure":
            return {
                key: _coerced(inner, shape.members[key])
                for key, inner in {**_required(shape), **value}.items()
                if inner is not None
            }
        case "list":
            return [_coerced(one, shape.member) for one in (value if isinstance(value, list | tuple) else [value])]
        case "map":
            return {key: _coerced(inner, shape.value) for key, inner in value.items()}
        case "integer" | "long":
            return int(float(value))
        case "double" | "float":
            return float(value)
        case "boolean":
            return str(value).lower() == "true"
        case "string":
            if isinstance(value, _Policy):
                return json.dumps({"Version": "2012-10-17", "Statement": value.statements})
            if isinstance(value, bool):
                return str(value).lower()
            return value if isinstance(value, str) else json.dumps(value) if isinstance(value, Mapping) else str(value)
    return value


def _required(shape: Any) -> JSON:
    """Members that a service always answers with, and that no test looks at."""
    blank = {
        "string": "-" * 40,
        "list": [],
        "structure": {},
        "map": {},
        "integer": 0,
        "long": 0,
        "boolean": False,
        "double": 0.0,
        "timestamp": datetime(2026, 11, 22, tzinfo=UTC),
    }
    return {key: blank[shape.members[key].type_name] for key in shape.required_members}
