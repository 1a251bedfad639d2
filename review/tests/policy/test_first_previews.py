"""What the pack finds in the first preview of a stack, in which the body of a REST API is unknown as a whole."""

import json
from dataclasses import replace
from typing import Any

import pytest
from pulumi.runtime.proto import analyzer_pb2 as proto

from review.graph import UNKNOWN, Graph, Options, Resource
from review.policy.pack import make_policies
from review.rules import RULES, Status, check
from review.tests.helpers.graph_builder import Builder, Json, Made
from review.tests.helpers.stacks import graph_with
from review.tests.policy.wire import Pack
from review.tests.rules.cases import CASES, RuleCase

pytestmark = pytest.mark.xdist_group("first previews")

_OPEN = {"path": "/orders", "methods": ["GET"], "authorization": "none"}
_GREETER = {"topology": "public-proxy", "backend": {"kind": "greeter"}}
_INSTANCE = {"kind": "ec2", "image": "traefik/whoami:v1.11.0", "port": 80}
_BEHIND: dict[str, dict[str, Any]] = {
    "greeter": _GREETER,
    "forwarder": {"topology": "public-proxy", "backend": _INSTANCE},
    "link": {"topology": "vpc-link", "backend": _INSTANCE, "ingress": {"kind": "alb"}},
}
_BODY_RULES = ("API-", "GATE-02", "GATE-04", "LIVE-")


@pytest.fixture
def pack(monkeypatch: pytest.MonkeyPatch) -> Pack:
    monkeypatch.delenv("PULUMI_CONFIG", raising=False)
    return Pack(make_policies())


def new(config: dict[str, Any]) -> Graph:
    """A new stack as the engine plans it: only names are known, which the provider makes up before the first step."""
    graph = graph_with(config, known=False)
    names = {
        resource.urn: f"{resource.name}-1a2b3c4" for resource in graph.list_by_type("aws:lambda/function:Function")
    }
    resources = {urn: _named(resource, names.get(urn)) for urn, resource in graph.resources.items()}
    (front,) = (resource for resource in resources.values() if resource.type == "gatehouse:index:ApiFront")
    if "definition" in front.inputs:
        paths = {path: dict(item) for path, item in front.inputs["definition"]["paths"].items()}
        (function, *others) = names.values() or [UNKNOWN]
        assert not others
        for item in paths.values():
            for method, operation in item.items():
                integration = operation["x-amazon-apigateway-integration"]
                if "x-gatehouse-function" in integration:
                    known = {**integration, "x-gatehouse-function": function}
                    item[method] = {**operation, "x-amazon-apigateway-integration": known}
        definition = {**front.inputs["definition"], "paths": paths}
        resources[front.urn] = replace(front, inputs={**front.inputs, "definition": definition})
    return replace(graph, resources=resources)


def _named(resource: Resource, name: str | None) -> Resource:
    added = {"name": name} if name else {}
    return replace(resource, inputs={**resource.inputs, **added}, state={**resource.state, **added})


@pytest.mark.parametrize("kind", ["rest", "http"])
@pytest.mark.parametrize("behind", _BEHIND)
def test_a_new_api_that_is_open_to_everyone_is_refused(pack: Pack, kind: str, behind: str) -> None:
    diagnostics = pack.judge(new({**_BEHIND[behind], "api": {"kind": kind, "routes": [_OPEN]}}), planned=True)
    assert [(one.policyName, one.enforcementLevel) for one in diagnostics] == [("API-01", proto.MANDATORY)]
    assert "anyone can call GET /orders" in diagnostics[0].message


_HOOK = {"path": "/hook", "methods": ["POST"]}
_FORWARDER = _BEHIND["forwarder"]
_GUARDED: dict[str, dict[str, Any]] = {
    "signed": {**_FORWARDER, "api": {"kind": "rest", "routes": [{**_OPEN, "authorization": "iam"}]}},
    "by address": {**_FORWARDER, "api": {"kind": "rest", "routes": [_OPEN], "policy": {"allow": ["203.0.113.0/24"]}}},
    "webhook": {
        **_FORWARDER,
        "api": {"kind": "rest", "routes": [_HOOK]},
        "proxy": {"webhook": {"scheme": "github", "secret": {"secure": "v1:of:the-sender"}}},
    },
    "private": {"topology": "private-api", "backend": {"kind": "greeter"}, "api": {"routes": [_OPEN]}},
}


@pytest.mark.parametrize("config", _GUARDED.values(), ids=_GUARDED)
def test_a_new_api_that_requires_something_passes(pack: Pack, config: dict[str, Any]) -> None:
    graph = new(config)
    assert [diagnostic.message for diagnostic in pack.judge(graph, planned=True)] == []
    unclear = [diagnostic.message.splitlines()[-1] for diagnostic in pack.unclear(graph, planned=True)]
    # Which endpoints a new private API admits is known only after the update.
    rules = ("API-",) if config["topology"] == "private-api" else _BODY_RULES
    assert [line for line in unclear if line.startswith(rules)] == []


class FirstPreview(Builder):
    """Declares each REST API with a body under an ApiFront that gives the definition; the body itself is unknown."""

    def __init__(self) -> None:
        super().__init__(known=False)
        self.wrapped = False

    def __call__(self, kind: str, name: str, /, **more: Any) -> Made:
        body = more.get("body")
        if not kind.endswith("restApi:RestApi") or not isinstance(body, Json):
            return super().__call__(kind, name, **more)
        self.wrapped = True
        front = more.pop("parent", None) or super().__call__("gatehouse:index:ApiFront", f"{name}-front")
        self._change(front, definition=self.resolved(body.value))
        made = super().__call__(kind, name, parent=front, **more)
        self._change(made, body=UNKNOWN)
        return made

    def _change(self, made: Made, **inputs: Any) -> None:
        one = self.resources[made.urn]
        self.resources[made.urn] = replace(one, inputs={**one.inputs, **inputs}, state={**one.state, **inputs})


class _Look(FirstPreview):
    """To see what is declared: to load its classes takes a second, in each process of a run."""

    def load(self, token: str) -> None: ...


_SILENT = {("LIVE-01", "proxy"), ("LIVE-01", "server")}
"""LIVE-01 gives no finding of a path with an unknown part, in which it found an obstacle."""


_BY_INTEGRATION = {"API-11", "GATE-10", "GATE-12", "GATE-14", "GATE-15"}
"""They compare integrations, of which a body that is wholly unknown, and of no component of ours, has none."""


def _has_body(faulty: RuleCase) -> bool:
    if not RULES[faulty.rule].in_pack or (faulty.rule, faulty.at) in _SILENT:
        return False
    build = _Look()
    faulty.declare(build)
    return build.wrapped


_BODIES = [faulty for faulty in CASES.faulty if _has_body(faulty)]


@pytest.mark.parametrize("faulty", _BODIES, ids=lambda faulty: faulty.rule)
def test_no_rule_takes_an_unknown_body_for_a_good_one(faulty: RuleCase) -> None:
    """With the component's definition it finds the fault, unless something else is unknown. It never says nothing."""
    build = FirstPreview()
    faulty.declare(build)
    for without in (False, True):
        if without:
            resources = {urn: replace(resource, parent=None) for urn, resource in build.resources.items()}
            build.resources = {urn: one for urn, one in resources.items() if one.type != "gatehouse:index:ApiFront"}
        names = {(one.rule.id, one.resource.name if one.resource else "-") for one in check(build.graph())}
        assert (faulty.rule, faulty.at) in names or (without and faulty.rule in _BY_INTEGRATION)


def fault(build: Builder, *, parent: Made | None = None, **more: Any) -> Made:
    """An open REST API in front of functions, of which only the forwarders of components check a signature."""
    signed = {"WEBHOOK_SCHEME": "github", "WEBHOOK_SECRET": "s3cret"}
    of_component = {"plain": None, "signed": signed, "unclear": {**signed, "WEBHOOK_SECRET": UNKNOWN}}
    functions = [
        build(
            "lambda/function:Function",
            name,
            name=name,
            environment={"variables": variables or {}},
            parent=build("gatehouse:index:ServerlessProxy", f"{name}-proxy"),
        )
        for name, variables in of_component.items()
    ]
    functions.append(build("lambda/function:Function", "alike", name="alike", environment={"variables": signed}))
    body = Json({"paths": {}, "x": [function.arn for function in functions]})
    api = build("apigateway/restApi:RestApi", "api", parent=parent, body=body, **more)
    build("apigateway/stage:Stage", "stage", restApi=api.id, stageName="live")
    return api


def front(build: Builder, *, function: Any, security: list[Any] | None = None) -> Made:
    integration = {"type": "aws_proxy", "uri": UNKNOWN, "x-gatehouse-function": function}
    operation = {"x-amazon-apigateway-integration": integration, "security": security or []}
    definition = {"openapi": "3.0.1", "paths": {"/hook": {"post": operation}}}
    return build("gatehouse:index:ApiFront", "front", definition=definition)


def _of_api_01(pack: Pack, graph: Graph) -> list[tuple[str, int, int]]:
    reported = [one for one in pack.reported(graph, planned=True) if "API-01" in (one.policyName, *_named_in(one))]
    return [(diagnostic.policyName, diagnostic.severity, diagnostic.enforcementLevel) for diagnostic in reported]


def _named_in(line: proto.AnalyzeDiagnostic) -> list[str]:
    """The rules that a line of a CANNOT-TELL policy names."""
    return line.message.splitlines()[-1].partition(" cannot tell: ")[0].split(", ")


FOUND = [("API-01", proto.POLICY_SEVERITY_HIGH, proto.MANDATORY)]
UNCLEAR = [("CANNOT-TELL-HIGH", proto.POLICY_SEVERITY_HIGH, proto.ADVISORY)]


@pytest.mark.parametrize(
    ("function", "found"),
    [
        ("plain", FOUND),
        ("alike", FOUND),
        ("signed", []),
        ("unclear", UNCLEAR),
        (UNKNOWN, UNCLEAR),
        ("of another stack", UNCLEAR),
    ],
)
def test_a_route_is_judged_by_the_function_that_it_calls(pack: Pack, function: Any, found: list[Any]) -> None:
    """The name of a function is known before its ARN. Of several functions, none is guessed."""
    build = Builder(known=False)
    fault(build, parent=front(build, function=function))
    assert _of_api_01(pack, build.graph()) == found


def test_without_a_definition_the_rule_cannot_tell_with_its_own_severity(pack: Pack) -> None:
    build = Builder(known=False)
    fault(build)
    assert _of_api_01(pack, build.graph()) == UNCLEAR


def test_a_definition_does_not_stand_for_a_body_that_aws_may_hold_differently() -> None:
    build = Builder(known=False)
    fault(build, parent=front(build, function="plain"), options=Options(ignore_changes=("body",)))
    (found,) = (finding for finding in check(build.graph()) if finding.rule.id == "API-01")
    assert found.status is Status.INCONCLUSIVE


def test_a_body_that_is_known_wins_over_the_definition(pack: Pack) -> None:
    build = Builder(known=False)
    api = fault(build, parent=front(build, function="plain"))
    one = build.resources[api.urn]
    body = json.dumps({"openapi": "3.0.1", "paths": {}})
    build.resources[api.urn] = replace(one, inputs={**one.inputs, "body": body}, state={**one.state, "body": body})
    assert _of_api_01(pack, build.graph()) == []


def test_an_uncertain_answer_can_be_made_to_fail() -> None:
    build = Builder(known=False)
    fault(build)
    by_rule = Pack(make_policies())
    by_rule.configure(API_01={"level": proto.MANDATORY, "properties": {"inconclusive": "fail"}})
    (line,) = (one for one in by_rule.judge(build.graph(), planned=True) if one.policyName == "API-01")
    assert "API-01 cannot tell: " in line.message
    assert line.enforcementLevel == proto.MANDATORY
    assert not any("API-01" in diagnostic.message for diagnostic in by_rule.unclear(build.graph(), planned=True))
    by_severity = Pack(make_policies())
    by_severity.configure(CANNOT_TELL_HIGH={"level": proto.MANDATORY})
    (line,) = (one for one in by_severity.unclear(build.graph(), planned=True) if "API-01" in _named_in(one))
    assert line.enforcementLevel == proto.MANDATORY
