"""Public reports of people who do this job with other tools: what the event had, and what the backend must receive."""

from typing import Any

import pytest

from tests.forwarder.loopback import answering, response
from tests.forwarder.setting import Serve, ask, event, front, message


def rest(path: str, *, resource: str = "/{proxy+}", **given: Any) -> dict[str, Any]:
    proxy = {"proxy": path.lstrip("/")}
    made = event("formats/rest") | {"multiValueQueryStringParameters": None, "queryStringParameters": None}
    made |= {"path": path, "resource": resource, "pathParameters": proxy, "headers": None, "multiValueHeaders": None}
    made["requestContext"] |= {"path": f"/live{path}", "resourcePath": resource}
    return made | given


def http(path: str, stage: str = "$default", route: str = "$default", **given: Any) -> dict[str, Any]:
    made = event("formats/http_2") | {"rawPath": path, "routeKey": route, "pathParameters": None, "rawQueryString": ""}
    made["requestContext"] |= {"stage": stage, "routeKey": route}
    return made | given


def url(path: str, **given: Any) -> dict[str, Any]:
    return event("formats/function_url") | {"rawPath": path, "rawQueryString": ""} | given


# Report, event, target at the backend.
TARGETS = [
    ("honojs/hono#2156", http("/RSC/@id/assets/rsf0.js#save.txt"), "/RSC/@id/assets/rsf0.js%23save.txt"),
    ("fastify/aws-lambda-fastify#169", http("/a/b"), "/a/b"),
    ("rails-lambda/lamby#170", http("/test/dwef782jkif="), "/test/dwef782jkif="),
    ("Worklytics/psoxy#827", http("/foo%bar/"), "/foo%25bar/"),
    ("middleapi/standard-server#93", http("/users/me?admin=true"), "/users/me%3Fadmin=true"),
    ("middleapi/standard-server#93, REST", rest("/users/me%3Fadmin=true"), "/users/me%3Fadmin=true"),
    ("wakujs/waku#458", http("/100%2541"), "/100%252541"),
    ("lambda_http, a path with a space", http("/my/path-with space"), "/my/path-with%20space"),
    ("ministackorg/ministack#1035", http("/a", rawQueryString="scope=openid%20profile"), "/a?scope=openid%20profile"),
    ("aws/aws-lambda-web-adapter#732", url("/%04%D7%7F%08;%7Bcurl%7D;"), "/%04%D7%7F%08;%7Bcurl%7D;"),
    (
        "honojs/hono#4358",
        rest("/", queryStringParameters={"path": "/book/{bookId}/"}, resource="/"),
        "/?path=%2Fbook%2F%7BbookId%7D%2F",
    ),
    ("micronaut-projects/micronaut-aws#656", rest("/users/email%2Balias%40x"), "/users/email%2Balias%40x"),
    ("aws/aws-lambda-dotnet#440", rest("/v1/gangs;item=https%3A%2F%2Fx"), "/v1/gangs;item=https%3A%2F%2Fx"),
    (
        "aws/aws-lambda-dotnet#451",
        rest("/a", multiValueQueryStringParameters={"q": ["a+b&c", "ü"]}),
        "/a?q=a%2Bb%26c&q=%C3%BC",
    ),
    ("localstack/localstack#11253", rest("/orders"), "/orders"),
    ("aws/aws-lambda-rust-runtime#668", http("/Prod/auth/login", "Prod"), "/auth/login"),
    ("vincentsarago/lambda-proxy#48", http("/dev/dev/x", "dev"), "/dev/x"),
    ("xing/hops#427", http("/x", ""), "/x"),
    (
        "CodeGenieApp/serverless-express#216",
        rest("/custom/healthz", resource="/healthz", pathParameters=None),
        "/healthz",
    ),
    (
        "localstack/localstack#12295",
        rest("/base/prod/example/v1", resource="/example/{id}", pathParameters={"id": "v1"}),
        "/example/v1",
    ),
    ("brefphp/bref#646", rest("/orders/version", resource="/version", pathParameters=None), "/version"),
    ("slank/awsgi#18", rest("/v1/Prod/foo/bar", resource="/foo/bar", pathParameters=None), "/foo/bar"),
]


@pytest.mark.parametrize(("given", "target"), [row[1:] for row in TARGETS], ids=[row[0] for row in TARGETS])
def test_the_backend_sees_the_path_that_was_meant(serve: Serve, given: dict[str, Any], target: str) -> None:
    backend = serve(answering(response()))
    answer = ask(front(backend.url), given)
    assert answer["statusCode"] == 200, answer["body"]
    assert backend.requests[0].target == target


# Report, headers of the event, those at the backend.
HEADERS: list[tuple[str, dict[str, str], dict[str, list[str]]]] = [
    ("BerriAI/litellm#34633", {"x-name": "中文"}, {"x-name": ["中文"]}),
    ("honojs/hono#4432", {"cf-ipcity": "Srīperumbūdūr"}, {"cf-ipcity": ["Srīperumbūdūr"]}),
    ("oven-sh/bun#22994", {"cf-ipcity": "Torrejón de Ardoz"}, {"cf-ipcity": ["Torrejón de Ardoz"]}),
    (
        "aws/aws-lambda-web-adapter#286",
        {"x-amzn-request-context": "boom", "x-amzn-lambda-context": "boom"},
        {"x-amzn-request-context": [], "x-amzn-lambda-context": []},
    ),
    (
        "logandk/serverless-wsgi#36",
        {"x-forwarded-for": "10.2.3.4", "x-real-ip": "10.2.3.4"},
        {"x-forwarded-for": ["10.2.3.4, 198.51.100.7"], "x-real-ip": []},
    ),
]


@pytest.mark.parametrize(("sent", "arrives"), [row[1:] for row in HEADERS], ids=[row[0] for row in HEADERS])
def test_the_backend_sees_the_headers_that_were_meant(
    serve: Serve, sent: dict[str, str], arrives: dict[str, list[str]]
) -> None:
    backend = serve(answering(response()))
    given = http("/")
    given["headers"] |= sent
    assert ask(front(backend.url), given)["statusCode"] == 200
    got = backend.requests[0]
    for name, values in arrives.items():
        assert [value.encode("latin-1").decode() for value in got.values(name)] == values


def test_samples_of_function_urls_name_their_host() -> None:
    """aws/aws-lambda-go, events/testdata, and the parser of Powertools: `<url-id>.lambda-url.us-west-2.on.aws`."""
    given = url("/my/path")
    del given["headers"]["host"]
    given["requestContext"]["domainName"] = "<url-id>.lambda-url.us-west-2.on.aws"
    answer = ask(front("http://127.0.0.1:9"), given)
    assert answer["statusCode"] == 400
    assert message(answer) == "the event's Host is '<url-id>.lambda-url.us-west-2.on.aws'; want one host name"
