"""A webhook's path is reachable only with its signature."""

from collections.abc import Callable
from typing import Any

import pytest

from components.facts.route_paths import covers_path
from tests.settings.wrong_configs import FARGATE, route

FUNCTION = {"arn": "arn:aws:lambda:eu-west-1:111122223333:function:decides"}
POOL = "arn:aws:cognito-idp:eu-west-1:111122223333:userpool/eu-west-1_EXAMPLE"
AUTHORIZERS = {"people": {"kind": "cognito", "userPoolArns": [POOL]}, "own": {"kind": "lambda", "function": FUNCTION}}
PUBLIC_PROXY = {"topology": "public-proxy", "backend": {"image": "traefik/whoami:v1.11.0", "port": 80}}

Routes = list[dict[str, Any]]


def config(base: dict[str, Any], routes: Routes, **api: Any) -> dict[str, Any]:
    used = {one["authorization"] for one in routes}
    authorizers = {name: made for name, made in AUTHORIZERS.items() if name in used}
    api |= {"authorizers": authorizers} if authorizers else {}
    return base | {"api": {"routes": routes, **api}, "proxy": {"webhook": {"secret": "a secret of the sender"}}}


def hook(path: str = "/hooks", authorization: str = "none", **more: Any) -> dict[str, Any]:
    return route(path=path, methods=["POST"], authorization=authorization, **more)


def guarded(path: str, *methods: str, authorization: str = "iam", **more: Any) -> dict[str, Any]:
    return route(path=path, methods=list(methods or ["ANY"]), authorization=authorization, **more)


@pytest.mark.parametrize(
    ("routes", "api"),
    [
        ([hook(), guarded("/", authorization="people")], {}),
        ([hook(), guarded("/hooks", "PUT")], {}),
        ([hook(), guarded("/hooks", "GET", includeSubpaths=False)], {}),
        ([hook(), guarded("/{any}", includeSubpaths=False)], {}),
        # A dot for the variable: many servers read /hooks/. as /hooks.
        ([hook(includeSubpaths=False), guarded("/hooks/{id}", "GET")], {}),
        ([hook("/x/{sender}"), guarded("/{any}/y", "GET")], {}),
        # The backend sees /hooks for both.
        ([hook("/forward/hooks"), guarded("/hooks")], {"stripPrefix": "/forward"}),
        # A Lambda authorizer does not replace the signature, so this is a webhook's route as well.
        ([hook(authorization="own"), guarded("/")], {}),
    ],
)
def test_a_guarded_route_that_covers_a_webhooks_path_is_refused(
    mistakes: Callable[..., list[Any]], routes: Routes, api: dict[str, Any]
) -> None:
    (mistake,) = mistakes(config(PUBLIC_PROXY, routes, **api), secret=("proxy",))
    assert mistake.key == "gatehouse:api.routes[1]"
    # Past the forwarder too.
    (past,) = mistakes(config(FARGATE, [routes[0] | {"target": "proxy"}, routes[1]], **api), secret=("proxy",))
    assert past.key == mistake.key
    assert str(mistake.got).endswith(routes[1]["path"])
    assert f"a path apart from {routes[0]['path']}" in mistake.allowed
    assert "a path of its own, such as /admin" in mistake.remedy
    assert "api.functions" in mistake.remedy


@pytest.mark.parametrize(
    "routes",
    [
        [hook(), guarded("/admin")],
        # Paths of their own below the webhook's.
        [hook("/"), guarded("/admin")],
        [hook("/{sender}"), guarded("/admin")],
        [hook(), guarded("/hooks/admin", "GET")],
        [hook(includeSubpaths=False), guarded("/hooks/{id}/notes", "GET", includeSubpaths=False)],
        # These need the signature too.
        [hook(), guarded("/", authorization="none")],
        [hook(), guarded("/", authorization="own")],
    ],
)
def test_paths_other_than_the_webhooks_are_allowed(read: Callable[..., Any], routes: Routes) -> None:
    assert read(config(PUBLIC_PROXY, routes), secret=("proxy",)).proxy.webhook


def test_functions_and_apis_without_a_webhook_may_cover_every_path(read: Callable[..., Any]) -> None:
    routes = [hook(), guarded("/", target="own")]
    found = config(PUBLIC_PROXY, routes, functions={"own": FUNCTION})
    assert read(found, secret=("proxy",)).proxy.webhook
    assert not read(config(PUBLIC_PROXY, [hook(), guarded("/")]) | {"proxy": {}}).proxy.webhook


@pytest.mark.parametrize(
    ("path", "other", "covered"),
    [
        ("/", "/", True),
        ("/", "/a", False),
        ("/{proxy+}", "/", True),
        ("/{proxy+}", "/a/b", True),
        ("/a/{proxy+}", "/a", True),
        ("/a/{x}", "/a/{proxy+}", True),
        ("/a/{x}/b", "/a/{proxy+}", False),
        ("/a/b", "/a/{x}", False),
        ("/a/{x}", "/a/b", True),
        ("/a/{x}", "/a/b/c", False),
        ("/a/{x}/{y}/c", "/a/c", True),
        ("/a/{proxy+}", "/{x}/b/{y}", True),
        ("/a/{x}", "/b/{x}", False),
    ],
)
def test_which_paths_a_path_covers(path: str, other: str, covered: bool) -> None:
    assert covers_path(path, other) is covered


@pytest.mark.parametrize(("scheme", "refused"), [("github", True), ("slack", True), ("gitlab", False)])
def test_a_key_is_refused_where_the_sender_cannot_send_it(
    mistakes: Callable[..., list[Any]], read: Callable[..., Any], scheme: str, refused: bool
) -> None:
    """GitLab sends headers that people name; the others do not."""
    given = config(PUBLIC_PROXY, [hook(keyRequired=True)], plans={"callers": {"keys": ["me"]}})
    given["proxy"]["webhook"]["scheme"] = scheme
    if not refused:
        read(given, secret=("proxy",))
        return
    (mistake,) = mistakes(given, secret=("proxy",))
    assert mistake.key == "gatehouse:api.routes[0].keyRequired"
    assert "sends no x-api-key" in mistake.allowed


@pytest.mark.parametrize("scheme", ["stripe", "slack", "gitlab"])
def test_senders_are_not_locked_out_by_the_list_of_another(
    mistakes: Callable[..., list[Any]], read: Callable[..., Any], scheme: str
) -> None:
    """The resource policy comes first: Stripe's webhooks get 403 if only GitHub's addresses may call."""

    def stack(scheme: str, *allow: str) -> dict[str, Any]:
        made = config(PUBLIC_PROXY, [hook()], policy={"allow": list(allow)})
        made["proxy"]["webhook"]["scheme"] = scheme
        return made

    (found,) = mistakes(stack(scheme, "github-hooks"), secret=("proxy",))
    assert found.key == "gatehouse:api.policy.allow"
    assert "gets 403" in found.allowed
    read(stack(scheme, "github-hooks", "203.0.113.0/24"), secret=("proxy",))
    read(stack("github", "github-hooks"), secret=("proxy",))
