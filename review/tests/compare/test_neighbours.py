"""Pairs near those of the findings: what may admit a caller is never "the same"; what AWS keeps is not judged anew."""

import pytest

from review.tests.compare.neighbours import (
    AWS_POLICY,
    INVOKES,
    alone,
    bucket,
    database,
    decided,
    either,
    function_url,
    hidden,
    holder,
    inline,
    invoked_by,
    listed,
    ranked,
    reached,
    renamed,
    role,
    role_with_policy,
    served,
    settings,
    tagged,
    two_stages,
    websocket,
    with_response,
)
from review.tests.compare.pairs import PROTECTED, RETAINED, SSH, http_api, ignoring, public, with_rule
from review.tests.compare.test_pairs import IN, OUT, SAME, UNSURE, report_of
from review.tests.updates import said

RULE = {"cidrIpv4": "0.0.0.0/0"}
KEEPS = {"port": 8080, "protocol": "TCP", "preserveClientIp": "true"}
SECRET = "secretsmanager/secretVersion:SecretVersion"
NOTHING = alone("sns/topic:Topic")
FAILS = "the update fails"

PAIRS = {
    # APIs
    "another URL behind an API": (decided(uri="https://a.example"), decided(uri="https://b.example"), "differs"),
    "an authorizer's code": (decided("a"), decided("b"), f"{UNSURE}: decider.code"),
    "an authorizer's variables": (decided(ISSUER="a"), decided(ISSUER="b"), UNSURE),
    "the backend's code": (decided(), decided(backend="b"), SAME),
    "a response for browsers": (with_response("https://a.example"), with_response("https://b.example"), UNSURE),
    "who empties a cache": (
        settings(cachingEnabled=True, requireAuthorizationForCacheControl=True),
        settings(cachingEnabled=True, requireAuthorizationForCacheControl=False),
        UNSURE,
    ),
    "a log level": (settings(loggingLevel="ERROR"), settings(loggingLevel="INFO"), SAME),
    "a stage with a new deployment and one without": (
        two_stages("1", "1", "GET"),
        two_stages("1", "2", "GET", "POST"),
        UNSURE,
    ),
    "both stages with a new deployment": (two_stages("1", "1", "GET"), two_stages("2", "2", "GET", "POST"), IN),
    "no stage with a new deployment": (two_stages("1", "1", "GET"), two_stages("1", "1", "GET", "POST"), "stays"),
    "stages with deployments of before": (
        two_stages("1", "1", "GET"),
        two_stages("1", "1", "GET", crossed=True),
        f"{UNSURE}: api",
    ),
    "a WebSocket's identity": (websocket(authorizationType="AWS_IAM"), websocket(authorizationType="NONE"), IN),
    "the default address of an HTTP API": (http_api(), http_api(disableExecuteApiEndpoint=True), OUT),
    "an HTTP API's address, ignored": (http_api(), either(http_api(), NOTHING), SAME),
    # Functions
    "a function's address for all": (function_url("AWS_IAM"), function_url("NONE"), IN),
    "a function's address taken away": (function_url("AWS_IAM"), lambda build: None, "differs"),
    "origins of a function's address": (
        function_url("NONE", cors={"allowOrigins": ["https://a.example"]}),
        function_url("NONE", cors={"allowOrigins": ["*"]}),
        "differs",
    ),
    "another account invokes": (invoked_by("111122223333"), invoked_by("111122223333", "999988887777"), IN),
    "another account, retained": (invoked_by("1", "2", options=RETAINED), invoked_by("1", options=RETAINED), "stays"),
    "another account, not retained": (invoked_by("1", "2"), invoked_by("1"), OUT),
    "another account, protected": (invoked_by("1", "2", options=PROTECTED), invoked_by("1"), FAILS),
    # Policies
    "a bucket's policy": (bucket("1"), bucket("1", "2"), IN),
    "a bucket's policy removed": (bucket("1"), bucket(), OUT),
    "a bucket's policy retained": (bucket("1", options=RETAINED), bucket(), "stays"),
    "a bucket's policy ignored": (bucket("1"), bucket("2", options=ignoring("policy")), "stays"),
    "a bucket's block": (bucket(public=True), bucket(public=True, blocked=False), "differs"),
    "a key's policy": (holder("kms/key:Key", "policy", "1"), holder("kms/key:Key", "policy", "1", "2"), IN),
    "a topic's policy": (holder("sns/topic:Topic", "policy", "1"), holder("sns/topic:Topic", "policy", "2"), "differs"),
    "a search domain's policy": (
        holder("opensearch/domain:Domain", "accessPolicies", "1"),
        holder("opensearch/domain:Domain", "accessPolicies", "1", "2"),
        "differs",
    ),
    "an event bus's policy": (
        holder("cloudwatch/eventBusPolicy:EventBusPolicy", "policy", "1"),
        holder("cloudwatch/eventBusPolicy:EventBusPolicy", "policy", "1", "2"),
        IN,
    ),
    "a registry's policy": (
        holder("ecr/repositoryPolicy:RepositoryPolicy", "policy", "1", repository="a"),
        holder("ecr/repositoryPolicy:RepositoryPolicy", "policy", "1", "2", repository="a"),
        IN,
    ),
    "a role's inline policy": (role(), role(**inline(INVOKES)), IN),
    "a role's inline policy gone": (role(**inline(INVOKES)), role(**inline()), OUT),
    "a role's managed policy": (role(), role(managedPolicyArns=[AWS_POLICY]), "differs"),
    "a managed policy attached": (role(), role(AWS_POLICY), "differs"),
    "a managed policy detached": (role(AWS_POLICY), role(), "differs"),
    "a managed policy detached and retained": (role(AWS_POLICY, options=RETAINED), role(), "stays"),
    "a policy of the program attached": (role_with_policy(False), role_with_policy(True), IN),
    "a boundary taken off": (
        role(**inline(INVOKES), permissionsBoundary="arn:aws:iam::1:policy/b"),
        role(**inline(INVOKES)),
        "differs",
    ),
    "a tag that a policy asks for": (tagged(team="b"), tagged(team="a"), "differs"),
    # Listeners
    "a listener's certificate": (served(), served(certificates=("arn:b",)), UNSURE),
    "a listener's other certificate": (served(), served(certificates=("arn:a", "arn:b")), "differs"),
    "clients' addresses at targets": (
        served(target=KEEPS, kind="network", protocol="TLS"),
        served(target={**KEEPS, "preserveClientIp": "false"}, kind="network", protocol="TLS"),
        SAME,
    ),
    "a health check": (
        served(target={"healthCheck": {"path": "/a"}}),
        served(target={"healthCheck": {"path": "/b"}}),
        SAME,
    ),
    "the order of rules": (ranked(1, 2), ranked(2, 1), UNSURE),
    "a header that a listener adds": (
        served(routingHttpResponseAccessControlAllowOriginHeaderValue="https://a.example"),
        served(routingHttpResponseAccessControlAllowOriginHeaderValue="*"),
        UNSURE,
    ),
    # Machines
    "another key of a machine": (reached(keyName="a"), reached(keyName="b"), "differs"),
    "a key of a machine, ignored": (public([SSH], keyName="a"), public([SSH], keyName="a", tags={"a": "b"}), SAME),
    "what a machine runs": (reached(userData="a"), reached(userData="b"), SAME),
    "what a private machine runs": (
        reached(userData="a", associatePublicIpAddress=False),
        reached(userData="b", associatePublicIpAddress=False),
        SAME,
    ),
    "entries of a list": (listed("203.0.113.0/24"), listed("203.0.113.0/24", "0.0.0.0/0"), IN),
    "entries of a list, ignored": (
        listed("203.0.113.0/24"),
        listed("203.0.113.0/24", "0.0.0.0/0", options=ignoring("entries")),
        "stays",
    ),
    "a smaller disk": (
        reached(rootBlockDevice={"encrypted": True, "volumeSize": 20}),
        reached(rootBlockDevice={"encrypted": True, "volumeSize": 10}),
        FAILS,
    ),
    "no longer ignored": (public([], ignoring("ingress")), public([SSH]), IN),
    "ignored from now on": (public([]), public([SSH], ignoring("ingress")), "stays"),
    "ignored before and now": (public([], ignoring("ingress")), public([SSH], ignoring("ingress")), "stays"),
    "a group renamed with an alias": (renamed("a"), renamed("b", "a"), SAME),
    "a group renamed": (renamed("a"), renamed("b"), SAME),
    "a rule renamed": (with_rule(RULE, name="a"), with_rule(RULE, name="b"), FAILS),
    # Data
    "a database's password": (database(password=hidden("a")), database(password=hidden("b")), "differs"),
    "a secret's text": (
        alone(SECRET, secretId="a", secretString=hidden("a")),
        alone(SECRET, secretId="a", secretString=hidden("b")),
        "differs",
    ),
}


@pytest.mark.parametrize("name", PAIRS)
def test_a_neighbour(name: str) -> None:
    before, after, wanted = PAIRS[name]
    screen = said(report_of(before, after))
    sentence = screen["callers"]
    match wanted:
        case "differs":
            assert sentence != SAME
        case "stays":
            assert IN not in sentence
            assert OUT not in sentence
        case "the update fails":
            assert screen["calls"].startswith(FAILS)
        case _:
            assert wanted in sentence, sentence
            assert (sentence == SAME) == (wanted == SAME)
