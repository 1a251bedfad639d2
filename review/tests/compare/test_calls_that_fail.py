"""Calls that AWS answers with an error after an update: of a deployment whose function is gone, and by a URL."""

from typing import Any

import pytest

from review.graph import Options
from review.tests.compare.pairs import RETAINED, greeter
from review.tests.compare.test_pairs import IN, OUT, SAME, UNSURE, first_screen
from review.tests.graph_builder import Builder, Json, part
from review.tests.parts import calls, permission, trust

CALL = "GET /orders at api (live)"


@part
def deployed(
    build: Builder,
    /,
    logical: str = "greeter",
    triggers: str = "1",
    *,
    body: bool = False,
    waits: bool = False,
    aliased: bool = False,
    name_of_api: str = "api",
    called_at_all: bool = True,
    options: Options | None = None,
    **function_inputs: Any,
) -> None:
    """A REST API in front of a function, of resources or of a body. `waits`: its deployment depends on them."""
    role = build("iam/role:Role", "role", assumeRolePolicy=trust("lambda.amazonaws.com"))
    function = build("lambda/function:Function", logical, options=options, role=role.arn, **function_inputs)
    called = function
    if aliased:
        called = build("lambda/alias:Alias", "alias", functionName=function.name, functionVersion="1", name="live")
    parts = []
    if body:
        written = Json({"openapi": "3.0.1", "paths": {"/orders": {"get": calls(called, key=False)}}})
        api = build("apigateway/restApi:RestApi", "api", body=written)
    else:
        api = build("apigateway/restApi:RestApi", name_of_api)
        at = build("apigateway/resource:Resource", "orders", restApi=api.id, parentId="root", pathPart="orders")
        place: dict[str, Any] = {"restApi": api.id, "resourceId": at.id, "httpMethod": "GET"}
        if called_at_all:
            build("apigateway/method:Method", "GET-orders", authorization="NONE", **place)
            how: dict[str, Any] = {"type": "AWS_PROXY", "integrationHttpMethod": "POST", "uri": called.invokeArn}
            parts = [build("apigateway/integration:Integration", "GET-greets", **place, **how)]
    kind = "apigateway/deployment:Deployment"
    after = tuple(parts) if waits else ()
    made = build(kind, "deployment", after=after, restApi=api.id, triggers={"n": triggers})
    build("apigateway/stage:Stage", "stage", restApi=api.id, deployment=made.id, stageName="live")
    permission(build, api, function, options=options, **({"qualifier": called.name} if aliased else {}))


DEAD = {
    "another logical name": (deployed(), deployed("other")),
    "another logical name, of a body": (deployed(body=True), deployed("other", body=True)),
    "another name": (deployed(name="a"), deployed(name="b")),
    "another name, of a body": (deployed(name="a", body=True), deployed(name="b", body=True)),
    "a name that begins with the old one": (deployed(name="a", body=True), deployed(name="a-b", body=True)),
    "a replacement by another package, with a name that AWS makes": (
        deployed(),
        deployed(packageType="Image", imageUri="i:1"),
    ),
    "an alias's function": (deployed(aliased=True, name="a"), deployed(aliased=True, name="b")),
    "a deployment that does not wait": (deployed(), deployed("other", "2")),
    "a call that is removed with its function": (deployed(), deployed("other", "2", called_at_all=False)),
}
ALIVE = {
    "a deployment that waits": (deployed(waits=True), deployed("other", "2", waits=True)),
    "a deployment of a body": (deployed(body=True), deployed("other", "2", body=True)),
    "a replacement under the same name": (deployed(name="a"), deployed(name="a", packageType="Image", imageUri="i:1")),
    "a function that is retained": (deployed(options=RETAINED), deployed("other")),
    "other code": (deployed(), deployed(sourceCodeHash="b")),
}


@pytest.mark.parametrize("name", DEAD)
def test_calls_to_a_function_that_is_gone_end(name: str) -> None:
    screen = first_screen(*DEAD[name])
    assert f"{OUT}: " in screen["callers"]
    assert CALL in screen["callers"], screen
    assert "internet → api (anyone) → greeter: ends as " in screen["calls"], screen


@pytest.mark.parametrize("name", ALIVE)
def test_calls_that_are_deployed_anew_or_find_their_function_go_on(name: str) -> None:
    screen = first_screen(*ALIVE[name])
    assert OUT not in screen["callers"], screen
    assert "ends" not in screen["calls"], screen


def test_the_stage_of_another_api_is_another_address() -> None:
    screen = first_screen(deployed(), deployed(name_of_api="other"))
    assert "api (live) becomes another one: callers must use the new one" in screen["calls"]
    assert "internet → api (anyone) → greeter: ends as api is deleted" in screen["calls"]


URL = "lambda:InvokeFunctionUrl"
CALLS = "lambda:InvokeFunction"


@part
def by_url(build: Builder, /, kind: str, *permissions: tuple[str, str | None, str], **inputs: Any) -> None:
    """A function with a URL and permissions: an action, the URL's kind, and the principal."""
    function = greeter(build)
    build("lambda/functionUrl:FunctionUrl", "url", functionName=function.name, authorizationType=kind)
    for number, (action, asked, principal) in enumerate(permissions):
        given: dict[str, Any] = {"action": action, "principal": principal, "functionUrlAuthType": asked, **inputs}
        build("lambda/permission:Permission", f"may-{number}", function=function.name, **given)


BOTH = ((URL, "NONE", "*"), (CALLS, None, "*"))
DOUBT = "(cannot tell: whether the policy of greeter admits everyone, without which AWS answers 403)"
NOT_SURE = {
    "no permission": (),
    "a permission for a signature": ((URL, "AWS_IAM", "*"), (CALLS, None, "*")),
    "only the URL": ((URL, "NONE", "*"),),
    "only calls": ((CALLS, None, "*"),),
    "one account": ((URL, "NONE", "111122223333"), (CALLS, None, "*")),
}


@pytest.mark.parametrize("name", NOT_SURE)
def test_a_url_without_a_sign_in_may_be_refused_by_the_functions_policy(name: str) -> None:
    said = first_screen(by_url("AWS_IAM", *NOT_SURE[name]), by_url("NONE", *NOT_SURE[name]))["callers"]
    assert f"{IN}: internet → greeter (its own URL, anyone) {DOUBT}" in said, said


def test_a_url_with_both_permissions_is_open() -> None:
    said = first_screen(by_url("AWS_IAM", *BOTH), by_url("NONE", *BOTH))["callers"]
    assert "anyone on the internet can now call greeter (its own URL, anyone)" in said
    assert "cannot tell" not in said


@pytest.mark.parametrize("inputs", [{"sourceAccount": "111122223333"}, {"qualifier": "live"}])
def test_a_permission_with_a_limit_does_not_admit_everyone(inputs: dict[str, Any]) -> None:
    assert DOUBT in first_screen(by_url("AWS_IAM", *BOTH, **inputs), by_url("NONE", *BOTH, **inputs))["callers"]


def test_a_permission_that_is_taken_away_from_a_url_is_named() -> None:
    said = first_screen(by_url("NONE", *BOTH), by_url("NONE", *NOT_SURE["a permission for a signature"]))["callers"]
    assert f"{OUT}: anyone (functionUrlAuthType NONE) → greeter" in said
    assert f"{UNSURE}: internet → greeter {DOUBT}" in said


def test_the_same_url_has_the_same_callers() -> None:
    assert first_screen(by_url("NONE"), by_url("NONE"))["callers"] == SAME


@part
def invoked(build: Builder, /, logical: str = "may", **inputs: Any) -> None:
    """A function that a service or a caller of its URL may invoke, with or without more conditions."""
    given: dict[str, Any] = {"action": CALLS, "principal": "alexa-appkit.amazon.com", **inputs}
    build("lambda/permission:Permission", logical, function=greeter(build).name, **given)


@pytest.mark.parametrize("logical", ["may", "other"])
@pytest.mark.parametrize("key", ["eventSourceToken", "invokedViaFunctionUrl"])
def test_a_condition_that_a_permission_loses_admits_others(key: str, logical: str) -> None:
    limits: dict[str, Any] = {"eventSourceToken": "amzn1.ask.skill.1", "invokedViaFunctionUrl": True}
    said = first_screen(invoked("may", **{key: limits[key]}), invoked(logical))["callers"]
    assert f"{IN}: alexa-appkit.amazon.com (before: alexa-appkit.amazon.com ({key})) → greeter" in said
    assert OUT not in said
    assert "amzn1.ask.skill.1" not in said


@part
def needing(
    build: Builder, kind: str, logical: str = "needed", triggers: str = "1", *, waits: bool = False, there: bool = True
) -> None:
    """A REST API in front of a queue, which needs a resource of this kind besides its integration's target."""
    trusted = trust("apigateway.amazonaws.com")
    queue = build("sqs/queue:Queue", logical if kind == "queue" else "queue")
    role = build("iam/role:Role", logical if kind == "role" else "role", assumeRolePolicy=trusted)
    api = build("apigateway/restApi:RestApi", "api")
    at = build("apigateway/resource:Resource", "orders", restApi=api.id, parentId="root", pathPart="orders")
    place: dict[str, Any] = {"restApi": api.id, "resourceId": at.id, "httpMethod": "POST"}
    asks: dict[str, Any] = {"authorization": "NONE"}
    parts = []
    if kind == "authorizer" and there:
        decider = build("lambda/function:Function", logical, role=role.arn)
        given: dict[str, Any] = {"restApi": api.id, "authorizerUri": decider.invokeArn}
        parts = [build("apigateway/authorizer:Authorizer", "authorizer", **given)]
        asks = {"authorization": "CUSTOM", "authorizerId": parts[0].id}
    build("apigateway/method:Method", "POST-orders", **asks, **place)
    how: dict[str, Any] = {"type": "AWS", "integrationHttpMethod": "POST", "credentials": role.arn}
    uri = "arn:aws:apigateway:eu-west-1:sqs:path/123456789012/" + queue.name
    parts += [build("apigateway/integration:Integration", "POST-queues", uri=uri, **how, **place)]
    kind_of = "apigateway/deployment:Deployment"
    after = tuple(parts) if waits else ()
    made = build(kind_of, "deployment", after=after, restApi=api.id, triggers={"n": triggers})
    build("apigateway/stage:Stage", "stage", restApi=api.id, deployment=made.id, stageName="live")


@pytest.mark.parametrize("kind", ["authorizer", "queue", "role"])
def test_a_deployment_that_still_needs_what_is_deleted_is_not_judged(kind: str) -> None:
    said = first_screen(needing(kind), needing(kind, "other"))["callers"]
    assert "which stays deployed and needs needed" in said.partition(UNSURE)[2], said
    assert "stays deployed" not in first_screen(needing(kind), needing(kind, "other", "2", waits=True))["callers"]


def test_an_authorizer_that_goes_with_its_function_is_not_judged_before_a_deployment() -> None:
    said = first_screen(needing("authorizer"), needing("authorizer", there=False))["callers"]
    assert f"{UNSURE}: authorizer, which stays deployed and needs needed" in said


def test_an_authorizer_in_a_body_is_not_judged_before_a_deployment() -> None:
    @part
    def declared(build: Builder, logical: str) -> None:
        role = build("iam/role:Role", "role", assumeRolePolicy=trust("lambda.amazonaws.com"))
        decider = build("lambda/function:Function", logical, role=role.arn)
        operation = {**calls(build("lambda/function:Function", "greeter", role=role.arn), key=False)}
        decision = {"type": "token", "authorizerUri": decider.invokeArn}
        scheme = {"type": "apiKey", "name": "X", "in": "header", "x-amazon-apigateway-authorizer": decision}
        written = {
            "openapi": "3.0.1",
            "paths": {"/orders": {"get": {**operation, "security": [{"it": []}]}}},
            "components": {"securitySchemes": {"it": scheme}},
        }
        api = build("apigateway/restApi:RestApi", "api", body=Json(written))
        made = build("apigateway/deployment:Deployment", "deployment", restApi=api.id, triggers={"n": "1"})
        build("apigateway/stage:Stage", "stage", restApi=api.id, deployment=made.id, stageName="live")

    said = first_screen(declared("decider"), declared("other"))["callers"]
    assert f"{UNSURE}: api, which stays deployed and needs decider" in said
