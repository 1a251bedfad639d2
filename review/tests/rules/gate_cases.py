"""Cases of APIs and of what is in front of them and behind them."""

from typing import Final

from review.graph import UNKNOWN, Secret
from review.tests.helpers.graph_builder import Json
from review.tests.helpers.private_stacks import policy_of
from review.tests.helpers.steps import (
    balancer,
    calls,
    change,
    each,
    http,
    http_route,
    invoke,
    network,
    output,
    private_stack,
    proxy_stack,
    read_only,
    resource,
    rest,
    set_config,
    statements,
)
from review.tests.rules.case import Case, cannot_tell, fails, sound
from review.tests.rules.programs import (
    admitting,
    chat,
    discrete_front,
    forwarding,
    front,
    function,
    guarded,
    http_to,
    in_set,
    listener,
    open_api,
    own_domain,
    private_signed_api,
    rest_to,
    rule,
    signed_api,
    two_methods,
    two_routes,
    website,
)

CLOSED = each([own_domain(closed=True)], [open_api(disableExecuteApiEndpoint=True)])
RATE = {"name": "rate", "action": {"block": {}}, "statement": {"rateBasedStatement": {"limit": 2000000000}}}
OFFICE = ["203.0.113.0/24"]
HALVES = ["0.0.0.0/1", "128.0.0.0/1"]
EVERYBODY = {"Effect": "Allow", "Principal": "*", "Action": "execute-api:Invoke", "Resource": "execute-api:/*"}
ENDPOINT = [{**EVERYBODY, "Condition": {"StringEquals": {"aws:SourceVpce": "ENDPOINT"}}}]
VPC = [{**EVERYBODY, "Condition": {"StringEquals": {"aws:SourceVpc": "VPC"}}}]
EITHER = [{**EVERYBODY, "Condition": {"StringEquals": {"aws:SourceVpce": "ENDPOINT", "aws:SourceVpc": "VPC"}}}]
BUT_OTHERS = [
    EVERYBODY,
    {**EVERYBODY, "Effect": "Deny", "Condition": {"StringNotEquals": {"aws:SourceVpce": "ENDPOINT"}}},
]
BUT_VPCS = [EVERYBODY, {**EVERYBODY, "Effect": "Deny", "Condition": {"StringNotEquals": {"aws:SourceVpc": "VPC"}}}]
OF_OTHERS = [{**EVERYBODY, "Condition": {"StringEquals": {"aws:SourceVpce": "vpce-0other"}}}]
ANYONE = {"Statement": [{"Effect": "Allow", "Principal": "*", "Action": "execute-api:Invoke", "Resource": "*"}]}
OURS = {
    "Statement": [
        {"Effect": "Allow", "Principal": {"AWS": "123456789012"}, "Action": "execute-api:Invoke", "Resource": "*"}
    ]
}
ONE_ROLE = {
    "Statement": [
        {
            "Effect": "Allow",
            "Principal": {"AWS": "arn:aws:iam::123456789012:role/reporter"},
            "Action": "execute-api:Invoke",
            "Resource": "*",
        }
    ]
}
NOBODY = {"Statement": [{"Effect": "Deny", "Principal": "*", "Action": "execute-api:Invoke", "Resource": "*"}]}
OTHER_API = {
    "Effect": "Deny",
    "Principal": "*",
    "Action": "execute-api:Invoke",
    "Resource": "execute-api:/*",
    "Condition": {"NotIpAddress": {"aws:SourceIp": ["203.0.113.0/24"]}},
}
ADMIN = {"path": "/admin", "methods": ["GET"], "authorization": "people"}
CALLER_HEADER = {"overwrite:header.X-Authenticated-Userid": "sub:${context.authorizer.claims.sub}"}
SET = "overwrite:header.X-Authenticated-Userid"

# fmt: off
CASES: Final[dict[str, list[Case]]] = {
    "API-01": [
        fails("api", "anyone can call GET /greeting", open_api()),
        fails("api", "anyone can call ANY /", function("greeter"), http(), http_route("route", api="api", to=output("greeter.invokeArn"), key="ANY /"),
            invoke("may", api="api", function="greeter")),
        # HTTP APIs have no keys
        fails("api", "anyone can call GET /x", resource("apigatewayv2/api", "api", protocolType="HTTP",
            body=Json({"openapi": "3.0.1", "info": {"title": "x"}, "components": {"securitySchemes": {"key": {"type": "apiKey", "name": "x-api-key",
            "in": "header"}}}, "paths": {"/x": {"get": {"security": [{"key": []}],
            "x-amazon-apigateway-integration": {"type": "http_proxy", "uri": "https://x.invalid", "httpMethod": "GET"}}}}})),
            resource("apigatewayv2/stage", "stage", apiId=output("api.id"), name="$default", autoDeploy=True)),
        cannot_tell("api", "whether HTTP APIs read x-amazon-apigateway-auth",
            resource("apigatewayv2/api", "api", protocolType="HTTP", body=Json({"openapi": "3.0.1", "info": {"title": "x"},
            "paths": {"/x": {"get": {"x-amazon-apigateway-auth": {"type": "AWS_IAM"},
            "x-amazon-apigateway-integration": {"type": "http_proxy", "uri": "https://x.invalid", "httpMethod": "GET"}}}}})),
            resource("apigatewayv2/stage", "stage", apiId=output("api.id"), name="$default")),
        sound(rest(paths={"/x": {"get": {"x-amazon-apigateway-auth": {"type": "AWS_IAM"},
            "x-amazon-apigateway-integration": {"type": "http_proxy", "uri": "https://x.invalid", "httpMethod": "GET"}}}})),
        cannot_tell("api", "whether security scheme signed requires a signature",
            rest(paths={"/x": {"get": {"security": [{"signed": []}], "x-amazon-apigateway-integration": {"type": "http_proxy", "uri": "https://x.invalid",
            "httpMethod": "GET"}}}}, body={"components": {"securitySchemes": {"signed": {"type": "oauth2", "x-amazon-apigateway-authtype": "awsSigv4"}}}})),
        fails("api", "anyone can call GET /x", rest(paths={"/x": {"$ref": "#/x-items/open"}},
            body={"x-items": {"open": {"get": {"x-amazon-apigateway-integration": {"type": "http_proxy", "uri": "https://x.invalid", "httpMethod": "GET"}}}}})),
        # all methods are resources
        cannot_tell("api", "does not read get", resource("apigateway/restApi", "api"),
            resource("apigateway/stage", "stage", restApi=output("api.id"), stageName="live"),
            resource("apigateway/method", "get", restApi=output("api.id"), httpMethod="GET", authorization="NONE")),
        sound(set_config({"small:protection": {"acknowledgePublic": [{"route": "GET HEAD /greeting", "reason": "a monitor"}]}}), open_api()),
        # only a list acknowledges
        fails("api", "anyone can call GET /greeting", set_config({"small:protection": {"acknowledgePublic": True}}), open_api()),
        # routes that are opened beside an acknowledged one
        fails("api", "anyone can call GET POST /admin", set_config({"small:protection": {"acknowledgePublic": ["GET /health"]}}), function("greeter"),
            rest(paths={"/health": {"get": calls("greeter", key=False)}, "/admin": {"get": calls("greeter", key=False), "post": calls("greeter", key=False)}}),
            invoke("may", api="api", function="greeter")),
        sound(admitting(["203.0.113.0/24"])),
        sound(admitting(["203.0.113.0/24", "192.30.252.0/22"])),
        fails("api", "anyone can call POST /hook", function("greeter", environment={"variables": {"WEBHOOK_SECRET_ARN": "arn:aws:secretsmanager:::secret:x"}}),
            rest(paths={"/hook": {"post": calls("greeter", key=False)}}), invoke("may", api="api", function="greeter")),
        *(fails("api", "anyone can call GET /greeting", admitting(it)) for it in each(["0.0.0.0/0"], ["0.0.0.0/1", "128.0.0.0/1"], ["8.0.0.0/5", "::/0"])),
        fails("api", "anyone can call GET /greeting at its default address, which requires no client", own_domain(closed=False)),
        fails("api", "anyone can call GET /greeting at second, which requires no client certificate", own_domain(closed=True, second=True)),
        # nothing leads to it
        sound(open_api(disableExecuteApiEndpoint=True)),
        cannot_tell("api", "", own_domain(closed=UNKNOWN)),
        cannot_tell("api", "", own_domain(closed=True, certificates={"mutualTlsAuthentication": UNKNOWN})),
        # a domain of another stack may let anybody in
        *(cannot_tell("api", "link leads from shared.example.com, which another stack may open to anybody, to api", *it,
            resource("apigateway/basePathMapping", "link", domainName="shared.example.com", restApi=output("api.id"))) for it in CLOSED),
        *(cannot_tell("api", "link leads from shared.example.com, which another stack may open to anybody, to api", *it,
            resource("apigatewayv2/apiMapping", "link", domainName="shared.example.com", apiId=output("api.id"))) for it in CLOSED),
        cannot_tell("api", "", open_api(disableExecuteApiEndpoint=True), resource("apigatewayv2/domainName", "domain", domainName="shared.example.com"),
            read_only("domain"), resource("apigatewayv2/apiMapping", "link", apiId=output("api.id"), domainName="shared.example.com")),
        fails("api", "anyone can call GET /greeting", guarded(default="allow", rules=[RATE])),
        sound(guarded(default="allow", rules=[RATE, rule("block", {"notStatement": {"statement": {"geoMatchStatement": {"countryCodes": ["CH"]}}}})])),
        sound(guarded(default="block", rules=[rule("allow", in_set(*OFFICE))])),
        sound(guarded(default="allow", rules=[rule("block", {"notStatement": {"statement": in_set(*OFFICE)}})])),
        fails("api", "anyone can call GET /greeting", guarded(default="block", rules=[rule("allow", in_set(*HALVES))])),
        *(fails("api", "anyone can call GET /greeting", resource("wafv2/ipSet", "first", addresses=["0.0.0.0/1"], ipAddressVersion="IPV4"),
            resource("wafv2/ipSet", "second", addresses=["128.0.0.0/1"], ipAddressVersion="IPV4"),
            guarded(default="block", rules=it)) for it in each([rule("allow", {"ipSetReferenceStatement": {"arn": output("first.arn")}}),
            rule("allow", {"ipSetReferenceStatement": {"arn": output("second.arn")}})],
            [rule("allow", {"orStatement": {"statements": [{"ipSetReferenceStatement": {"arn": output("first.arn")}},
            {"ipSetReferenceStatement": {"arn": output("second.arn")}}]}})])),
        fails("api", "anyone can call GET /greeting", guarded(default="allow", rules=[rule("block", {"notStatement": {"statement": in_set(*HALVES)}})])),
        # all but a few
        fails("api", "anyone can call GET /greeting", guarded(default="block", rules=[rule("allow", {"notStatement": {"statement": in_set(*OFFICE)}})])),
        *(cannot_tell("api", "", guarded(default="block", rules=[rule("allow", {"ipSetReferenceStatement": {"arn": it}})])) for it in each(UNKNOWN,
            "arn:aws:wafv2:eu-west-1:1:regional/ipset/elsewhere/1")),
        # what a caller sends
        *(cannot_tell("api", "", guarded(default="block", rules=[rule("allow", it)])) for it in each({"byteMatchStatement": {"searchString": "/",
            "positionalConstraint": "STARTS_WITH"}}, {"sizeConstraintStatement": {"size": 0}},
            {"notStatement": {"statement": {"byteMatchStatement": {"searchString": "x"}}}}, {"ruleGroupReferenceStatement": {"arn": "group"}})),
        sound(guarded(default="block", rules=[rule("allow", {"andStatement": {"statements": [{"byteMatchStatement": {"searchString": "x"}}, in_set(*OFFICE)]}})])),
        *(cannot_tell("api", "", guarded(default=it, rules=[{"name": "ours", "action": UNKNOWN,
            "statement": {"notStatement": {"statement": in_set(*OFFICE)}}}])) for it in each("allow", "block")),
        cannot_tell("api", "", guarded(default="block", rules=[{"name": "ours", "overrideAction": {"none": {}},
            "statement": {"managedRuleGroupStatement": {"name": "x", "vendorName": "AWS"}}}])),
    ],
    "API-02": [
        fails("api", "no throttle", function("greeter"), resource("apigateway/restApi", "api",
            body=Json({"paths": {"/greeting": {"get": calls("greeter", key=False)}}}), endpointConfiguration={"types": "REGIONAL"}),
            resource("apigateway/stage", "stage", restApi=output("api.id"), stageName="live", deployment="d")),
        fails("api", "no throttle", function("greeter"), http(defaultRouteSettings=None), http_route("route", api="api", to=output("greeter.invokeArn"), key="GET /x")),
        fails("api", "no throttle limits the routes (known only after deployment) of api", resource("apigateway/restApi", "api", body=UNKNOWN),
            resource("apigateway/stage", "stage", restApi=output("api.id"), deployment="abc123", stageName="live")),
        sound(proxy_stack()),
        cannot_tell("api", "", function("greeter"), http(defaultRouteSettings={"throttlingRateLimit": UNKNOWN}),
            http_route("route", api="api", to=output("greeter.invokeArn"), key="GET /x")),
        *(cannot_tell("api", "", function("greeter"), http(routeSettings=it),
            http_route("route", api="api", to=output("greeter.invokeArn"), key="GET /x")) for it in each(UNKNOWN, [UNKNOWN],
            [{"routeKey": UNKNOWN, "throttlingRateLimit": 5}], [{"routeKey": "GET /x", "throttlingRateLimit": UNKNOWN}])),
        *(cannot_tell("api", "", open_api(), resource("apigateway/methodSettings", "more",
            **{"restApi": output("api.id"), "stageName": "live", "methodPath": "*/*", "settings": {"throttlingRateLimit": 5},
            it: UNKNOWN})) for it in each("stageName", "methodPath")),
    ],
    "API-03": [
        fails("api", "any VPC endpoint of any account", private_stack(policy={"Statement": [EVERYBODY]})),
        sound(private_stack(policy={"Statement": [EVERYBODY, {"Effect": "Deny", "Principal": "*", "Action": "execute-api:Invoke", "Resource": "execute-api:/*",
            "Condition": {"StringNotEquals": {"aws:SourceVpce": ["vpce-0abc"]}}}]})),
        # its methods are not read
        fails("api", "any VPC endpoint of any account", resource("apigateway/restApi", "api", endpointConfiguration={"types": "PRIVATE"},
            policy=statements(EVERYBODY)), resource("apigateway/method", "get", restApi=output("api.id"), httpMethod="GET", authorization="NONE")),
    ],
    "API-04": [
        fails("api", "domain requires client certificates", own_domain(closed=False)),
        sound(own_domain(closed=True), also=["API-01"]),
        cannot_tell("api", "", own_domain(closed=UNKNOWN)),
    ],
    "API-09": [
        *(fails("api", "", resource("apigatewayv2/api", "api", protocolType="HTTP",
            corsConfiguration={"allowOrigins": [it], "allowCredentials": True})) for it in each("*", "https://*")),
        sound(resource("apigatewayv2/api", "api", protocolType="HTTP", corsConfiguration={"allowOrigins": ["https://app.example.com"], "allowCredentials": True})),
    ],
    # identity policies, resource policies and policies of endpoints together
    "API-10": [
        *(fails("api", "any AWS identity call GET /orders", private_signed_api(*it)) for it in each([EVERYBODY], ENDPOINT, VPC, EITHER, BUT_OTHERS, BUT_VPCS,
            [EVERYBODY, {**EVERYBODY, "Effect": "Deny", "Condition": {"NotIpAddress": {"aws:VpcSourceIp": "10.0.0.0/16"}}}], OF_OTHERS,
            [{**EVERYBODY, "Condition": {"StringEquals": {"aws:SourceVpce": "vpce-0a", "aws:SourceVpc": "vpc-0b"}}}])),
        *(fails("api", "any AWS identity call GET /orders", private_signed_api(*it, through=ANYONE)) for it in each([EVERYBODY], ENDPOINT, VPC, EITHER,
            BUT_OTHERS, BUT_VPCS, [EVERYBODY, {**EVERYBODY, "Effect": "Deny", "Condition": {"NotIpAddress": {"aws:VpcSourceIp": "10.0.0.0/16"}}}], OF_OTHERS,
            [{**EVERYBODY, "Condition": {"StringEquals": {"aws:SourceVpce": "vpce-0a", "aws:SourceVpc": "vpc-0b"}}}])),
        *(fails("api", "any identity of this account call GET /orders", private_signed_api({**EVERYBODY,
            "Condition": {"StringEquals": {"aws:PrincipalAccount": "123456789012"}}}, through=it)) for it in each(None, ANYONE)),
        # Nobody comes by another endpoint, so this one's policy has its say; or others can make one there,
        # with a policy of their own.
        *(fails("api", "any identity of this account call GET /orders", private_signed_api(*it, through=OURS)) for it in each(ENDPOINT, EITHER, BUT_OTHERS)),
        *(sound(private_signed_api(*it, through=ONE_ROLE)) for it in each(ENDPOINT, EITHER, BUT_OTHERS)),
        *(sound(private_signed_api(*it, through=NOBODY)) for it in each(ENDPOINT, EITHER, BUT_OTHERS)),
        *(fails("api", "any AWS identity call GET /orders", private_signed_api(*it, through=ONE_ROLE)) for it in each([EVERYBODY], VPC, BUT_VPCS, OF_OTHERS)),
        *(sound(private_signed_api(*it)) for it in each([{**EVERYBODY, "Effect": "Deny", "Condition": {"StringNotEquals": {"aws:SourceVpce": "ENDPOINT"}}}],
            [{**EVERYBODY, "Effect": "Deny", "Condition": {"StringNotEquals": {"aws:SourceVpc": "VPC"}}}],
            [{**EVERYBODY, "Principal": {"AWS": "123456789012"}, "Condition": {"StringEquals": {"aws:SourceVpce": "ENDPOINT"}}}],
            [EVERYBODY, {**EVERYBODY, "Effect": "Deny"}], [{**EVERYBODY, "Condition": {"StringEquals": {"aws:SourceVpce": "ENDPOINT"}}},
            {**EVERYBODY, "Effect": "Deny", "Condition": {"StringEquals": {"aws:SourceVpc": "VPC"}}}])),
        fails("api", "any AWS identity call GET /orders", signed_api(EVERYBODY, OTHER_API)),
        # an allow on condition is one
        fails("api", "any AWS identity call GET /orders", signed_api({**EVERYBODY, "Condition": {"IpAddress": {"aws:SourceIp": ["203.0.113.0/24"]}}})),
        # an authorizer's caller has no identity of AWS
        fails("api", "anyone call GET /orders", signed_api(EVERYBODY, by="token")),
        sound(signed_api()),
        *(sound(signed_api(*it)) for it in each([OTHER_API], [OTHER_API, {**EVERYBODY, "Resource": "execute-api:/live/GET/status"}],
            [OTHER_API, {**EVERYBODY, "Principal": {"AWS": ["222233334444"]}}])),
        # without authorization the policy alone decides
        sound(private_stack(policy={"Statement": [EVERYBODY, {**EVERYBODY, "Effect": "Deny", "Condition": {"StringNotEquals": {"aws:SourceVpce": ["vpce-0abc"]}}}]})),
        sound(signed_api({**EVERYBODY, "Principal": {"AWS": "*"}, "Effect": "Deny"}, by="token")),
        # a call from the internet comes by no endpoint
        sound(signed_api({**EVERYBODY, "Condition": {"StringEquals": {"aws:SourceVpce": "vpce-0abc"}}})),
    ],
    "API-11": [
        # keys in place of the authorizer
        fails("front", "GET /admin does not require people", front(security=[{"key": []}], route=ADMIN)),
        fails("front", "GET /admin/{proxy+} does not require people", front(security=[{"key": []}], route=ADMIN)),
        fails("front", "GET /admin does not require people", front(security=[], route=ADMIN)),
        fails("front", "GET /admin does not require people", front(security=[{"people": []}], route=ADMIN, kind="cognito")),
        fails("front", "GET /admin does not require iam", front(security=[{"people": []}], route={**ADMIN, "authorization": "iam"})),
        fails("front", "GET /admin does not require people", discrete_front()),
        sound(front(security=[{"people": [], "key": []}], route=ADMIN)),
        *(sound(front(security=[], route=it)) for it in each({"path": "/admin", "methods": ["GET"]}, {**ADMIN, "path": "/other"})),
    ],
    # links to /login lose the stage: apex/up#394, OWASP/Serverless-Goat#14, adamchainz/apig-wsgi#108
    "API-12": [
        fails("api", "serves ANY / to browsers below its stage", website()),
        fails("api", "serves GET / to browsers", website(method="get")),
        cannot_tell("api", "environment of proxy", website(environment=UNKNOWN)),
        # a function's own pages may know the stage
        *(sound(website(**it)) for it in each({"path": "/hooks"}, {"method": "post"}, {"environment": {"variables": {}}})),
        sound(proxy_stack()),
    ],
    "GATE-02": [
        fails("api", "no endpoint", open_api(endpointConfiguration={"types": "PRIVATE"})),
        fails("api", "admits no endpoint of this stack", private_stack(policy=policy_of("vpce-0123456789abcdef0"))),
        sound(open_api(endpointConfiguration={"types": "PRIVATE", "vpcEndpointIds": ["vpce-0abc"]})),
    ],
    "GATE-04": [
        fails("api", "no usage plan", function("greeter"), rest(paths={"/greeting": {"get": calls("greeter")}}, planned=False), invoke("may", api="api", function="greeter")),
        fails("api", "plan holds none", function("greeter"), rest(paths={"/greeting": {"get": calls("greeter")}}, planned=False),
            resource("apigateway/usagePlan", "plan", apiStages=[{"apiId": output("api.id"), "stage": "live"}])),
        fails("api", "every key of plan is disabled", function("greeter"), rest(paths={"/greeting": {"get": calls("greeter")}}), change("key", enabled=False)),
        sound(function("greeter"), rest(paths={"/greeting": {"get": calls("greeter")}})),
    ],
    "GATE-05": [
        cannot_tell("greeter", "the timeout of greeter", resource("lambda/function", "greeter", timeout=UNKNOWN), rest(paths={"/x": {"get": calls("greeter")}})),
        fails("greeter", "may take 60 s", function("greeter", timeout=60), rest(paths={"/greeting": {"get": calls("greeter")}})),
        sound(function("greeter", timeout=29), rest(paths={"/greeting": {"get": calls("greeter")}}), function("nightly", timeout=900)),
        fails("model", "may take 61 s, and api waits 60 s", chat(model={"timeout": 61}, timeoutInMillis=60000)),
        # AWS's default is the same for a stream
        fails("model", "may take 120 s, and api waits 29 s", chat(model={"timeout": 120})),
        fails("model", "may take 10 s, and api waits 2 s", chat(model={"timeout": 10}, end="invocations", responseTransferMode="BUFFERED", timeoutInMillis=2000)),
        # a quota that AWS raised
        sound(chat(model={"timeout": 60}, end="invocations", responseTransferMode="BUFFERED", timeoutInMillis=60000)),
    ],
    "GATE-07": [
        fails("authorizer", "invoke decides", function("decides"), http(),
            resource("apigatewayv2/authorizer", "authorizer", apiId=output("api.id"), authorizerType="REQUEST", authorizerUri=output("decides.invokeArn"))),
        sound(function("decides"), http(), resource("apigatewayv2/authorizer", "authorizer", apiId=output("api.id"), authorizerType="REQUEST",
            authorizerUri=output("decides.invokeArn")), invoke("may", api="api", function="decides")),
    ],
    "GATE-08": [
        fails("integration", "10.0.1.7", http_to(uri="http://10.0.1.7:8080/x", link=False)),
        sound(http_to(uri="https://backend.example.com/x", link=False)),
    ],
    "GATE-09": [
        fails("api", "calls its function for a whole answer", chat(end="invocations")),
        fails("api", "its answer is to be whole", chat(responseTransferMode="BUFFERED")),
        fails("api", "integration of type MOCK", chat(type="mock")),
        fails("api", "900 s is the most", chat(timeoutInMillis=900001)),
        fails("api", "python3.13, which answers whole", chat(model={"runtime": "python3.13"})),
        fails("api", "api compresses answers", chat(api={"minimumCompressionSize": "0"})),
        fails("api", "stage caches answers", chat(), resource("apigateway/stage", "cached-stage", restApi=output("api.id"), stageName="cached", cacheClusterEnabled=True)),
        sound(chat(model={"timeout": 60}, timeoutInMillis=60000, api={"minimumCompressionSize": "-1"}), also=["GATE-05"]),
        # Variables that are known after the deployment may name a loop, and so may secret ones.
        *(sound(chat(model={"runtime": "python3.13", "environment": it})) for it in each({"variables": {"AWS_LAMBDA_EXEC_WRAPPER": "/opt/bootstrap"}}, UNKNOWN,
            {"variables": UNKNOWN}, {"variables": Secret({"AWS_LAMBDA_EXEC_WRAPPER": "/opt/bootstrap"})}, {"variables": {"AWS_LAMBDA_EXEC_WRAPPER": UNKNOWN}})),
        # if nothing streams
        sound(chat(model={"runtime": "python3.13"}, end="invocations", responseTransferMode="BUFFERED", api={"minimumCompressionSize": "0"})),
    ],
    "GATE-10": [
        fails("integration", "wants the ARN of a listener", http_to(uri="http://app.internal:80")),
        fails("integration", "has no tls_config", listener(protocol="HTTPS"), http_to(uri=output("listener.arn"))),
        fails("integration", "sends TLS to listener", listener(protocol="HTTP"), http_to(uri=output("listener.arn"), tlsConfig={"serverNameToVerify": "app.example.com"})),
        fails("api", "listener speaks TLS", listener(protocol="TLS", kind="network"), rest_to(link=output("balancer.arn"), uri="http://app.example.com:8443/x")),
        # with TCP the targets end the connection
        *(sound(listener(protocol=it, kind="network"), rest_to(link=output("balancer.arn"), uri="https://app.example.com:8443/x")) for it in each("TLS", "TCP")),
        sound(listener(protocol="HTTPS"), http_to(uri=output("listener.arn"), tlsConfig={"serverNameToVerify": "app.example.com"})),
    ],
    "GATE-12": [
        # the forwarder tells who called
        fails("api", "passes on the caller's own", two_routes(open=None, guarded=None),
            resource("lambda/function", "forwards", environment={"variables": {"BACKEND_URL": "http://backend:8080", "IDENTITY": "true"}}),
            http_route("forwarded", api="api", to=output("forwards.invokeArn"), key="GET /forwarded")),
        cannot_tell("api", "the request parameters of", two_routes(open=UNKNOWN, guarded=CALLER_HEADER)),
        fails("api", "GET /open passes on the caller's own X-Authenticated-Userid", two_routes(open=None, guarded=CALLER_HEADER)),
        fails("api", "passes on the caller's own X-Authenticated-Userid",
            two_routes(open={"overwrite:path": "/x", "remove:querystring.X-Authenticated-Userid": "''"}, guarded=CALLER_HEADER)),
        fails("api", "appends to the caller's own", two_routes(open={"append:header.X-Authenticated-Userid": "''"}, guarded=CALLER_HEADER)),
        fails("api", "GET /open may pass on the caller's own X-Authenticated-Userid: ${context.authori",
            two_routes(open={SET: "${context.authorizer.claims.scope}"}, guarded=CALLER_HEADER)),
        fails("api", "$request.header.user is a part of the caller's request", two_routes(open={SET: "$request.header.user"}, guarded=CALLER_HEADER)),
        *(fails("api", "is a part of the caller's request", two_routes(open={SET: it},
            guarded=CALLER_HEADER)) for it in each("sub:${request.header.X-Authenticated-Userid}", "$request.querystring.u")),
        fails("api", "'' can be empty", two_routes(open={SET: "''"}, guarded=CALLER_HEADER)),
        *(fails("api", "can be empty", two_routes(open={SET: it}, guarded=CALLER_HEADER)) for it in each("", "${context.authorizer.claims.sub}${context.authorizer.claims.scope}")),
        fails("api", "$context.identity.apiKeyId can be empty", two_routes(open={SET: "$context.identity.apiKeyId"}, guarded=CALLER_HEADER)),
        fails("api", "$stageVariables.none can be empty", two_routes(open={SET: "$stageVariables.none"}, guarded=CALLER_HEADER)),
        fails("api", "$context.identity.userArn can be empty", two_routes(open={SET: "$context.identity.userArn"}, guarded=CALLER_HEADER, authorization="NONE")),
        sound(two_routes(open={"remove:header.x-authenticated-userid": "''"}, guarded=CALLER_HEADER)),
        # every caller of the route has an ARN
        *(sound(two_routes(open={SET: it}, guarded=CALLER_HEADER)) for it in each("anonymous", "$context.identity.userArn", "$context.requestId",
            "${context.authorizer.claims.sub}@${context.authorizer.claims.iss}", "${context.authorizer.claims.sub}${context.identity.sourceIp}")),
        # nobody tells who called
        sound(two_routes(open=None, guarded=None)),
        # neither an empty value nor a constant replaces `x-authenticated-userid`
        *(fails("api", "GET / and POST / may pass on the caller's own X-Authenticated-Userid, in other upper",
            two_methods(it)) for it in each(["context.authorizer.claims.sub", None], ["context.authorizer.claims.sub", "''"])),
        sound(two_methods(["'anybody'", None])),
    ],
    "GATE-13": [
        fails("balancer", "balancer waits 60 s for its targets, and api 299 s", network(), balancer(),
            rest_to(uri="http://app.example.com/x", integrationTarget=output("balancer.arn"), timeoutInMillis=299000)),
        fails("balancer", "balancer waits 60 s for its targets, and api 300 s", network(), balancer(idleTimeout=60),
            rest_to(uri="http://app.example.com/x", integrationTarget=output("balancer.arn"), responseTransferMode="STREAM", timeoutInMillis=900000)),
        fails("balancer", "balancer waits 20 s for its targets, and api 30 s", network(), balancer(idleTimeout=20), http_to(uri=output("listener.arn"), integrationMethod="ANY")),
        *(fails("balancer", "balancer waits 60 s for its targets, and proxy 200 s", forwarding(**it)) for it in each({"seconds": "200", "timeout": 900}, {"seconds": None})),
        *(sound(forwarding(**it)) for it in each({"seconds": "10"}, {"seconds": "200", "idleTimeout": 210})),
        sound(network(), balancer(idleTimeout=309), rest_to(uri="http://app.example.com/x", integrationTarget=output("balancer.arn"), timeoutInMillis=299000)),
        sound(network(), balancer(idleTimeout=310), rest_to(uri="http://app.example.com/x", integrationTarget=output("balancer.arn"),
            responseTransferMode="STREAM", timeoutInMillis=900000)),
        sound(network(), balancer(idleTimeout=60), http_to(uri=output("listener.arn"), integrationMethod="ANY")),
        # an NLB waits for 350 s
        sound(network(), balancer(kind="network"), rest_to(uri="http://app.example.com/x", integrationTarget=output("balancer.arn"), timeoutInMillis=299000)),
        # nothing of an API leads there
        sound(network(), balancer(idleTimeout=1)),
    ],
}
