"""The formats of events, and how they differ.

| | REST API | HTTP API, payload 1.0 | HTTP API, payload 2.0 | function URL |
|---|---|---|---|---|
| `version` | absent | `1.0` | `2.0` | `2.0` |
| path | `path`, as sent | `path`, decoded once | `rawPath`, decoded once | `rawPath`, as sent |
| stage in the path | no | if `path` equals `requestContext.path` | a named stage | no stage |
| base path of a domain | yes | yes | no | no domain of one's own |
| query | decoded, in lists | decoded, in lists | as sent | as sent |
| headers | in lists | in lists | joined with commas | joined with commas |
| cookies | a header | a header | `cookies` only | `cookies`, and a header |
| claims of a token | `authorizer.claims` | not to be trusted | `authorizer.jwt.claims` | none |
| IAM caller | `identity.userArn` | `identity.userArn` | `authorizer.iam.userArn` | `authorizer.iam.userArn` |
| result | headers in lists | headers in lists | joined, and `cookies` | joined, and `cookies` |

https://docs.aws.amazon.com/apigateway/latest/developerguide/set-up-lambda-proxy-integrations.html
https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-develop-integrations-lambda.html
https://docs.aws.amazon.com/lambda/latest/dg/urls-invocation.html
AWS's pages do not say which paths are decoded. Captures of live events do: hotsock/voker, `vokerhttp/testdata`, of July
2026.
"""


class Format:
    """One format.

    - `is_payload_2`: fields and results are those of payload 2.0.
    - `decoded`: the path was percent-decoded once, so every percent sign in it was encoded.
    - `staged`: the path can begin with the stage.
    - `mapped`: the path lacks the base path of a custom domain.
    - `repeats_cookies`: `headers.cookie` has the cookies of `cookies` again.
    - `has_claims`: `authorizer.claims` has the claims of a token. An HTTP API with payload 1.0 has the context of a
      Lambda authorizer there.
    """

    __slots__ = ("decoded", "has_claims", "is_payload_2", "mapped", "repeats_cookies", "staged")

    def __init__(
        self,
        *,
        is_payload_2: bool = False,
        decoded: bool = False,
        staged: bool = False,
        mapped: bool = False,
        repeats_cookies: bool = False,
        has_claims: bool = False,
    ) -> None:
        self.is_payload_2 = is_payload_2
        self.decoded = decoded
        self.staged = staged
        self.mapped = mapped
        self.repeats_cookies = repeats_cookies
        self.has_claims = has_claims


REST = Format(has_claims=True)
HTTP_1 = Format(decoded=True, staged=True)
HTTP_2 = Format(is_payload_2=True, decoded=True, staged=True, mapped=True)
FUNCTION_URL = Format(is_payload_2=True, repeats_cookies=True)


def format_of(event: dict[str, object], context: dict[str, object]) -> Format:
    """Returns the format of an event with this requestContext."""
    version = event.get("version")
    if version == "2.0":
        domain = context.get("domainName")
        # AWS owns the domain, so that no custom domain of an API ends like it.
        is_url = isinstance(domain, str) and ".lambda-url." in domain and domain.endswith(".on.aws")
        return FUNCTION_URL if is_url else HTTP_2
    return REST if version is None else HTTP_1
