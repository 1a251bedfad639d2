"""The evaluator against cases worked out by hand from the IAM user guide."""

import json
from typing import Any

import pytest

from review.aws.identity.callers import ANONYMOUS, ANYBODY, Caller, make_caller
from review.aws.identity.iam import Decision, evaluate_policy, match_glob
from review.graph import UNKNOWN, Secret
from review.graph.reading import MalformedDocument

API = "arn:aws:execute-api:eu-west-1:123456789012:abc123/live/GET/forward"


def policy(*statements: Any) -> dict[str, Any]:
    return {"Version": "2012-10-17", "Statement": list(statements)}


def invoke(effect: str = "Allow", condition: dict[str, Any] | None = None, **changes: Any) -> dict[str, Any]:
    statement = {"Effect": effect, "Principal": "*", "Action": "execute-api:Invoke", "Resource": "execute-api:/*"}
    return {**statement, **({"Condition": condition} if condition else {}), **changes}


def ask(document: Any, **context: Any) -> Decision:
    return evaluate_policy(document, caller=ANONYMOUS, action="execute-api:Invoke", resource=API, context=context)


ONLY_OUR_ENDPOINT = policy(invoke(), invoke("Deny", {"StringNotEquals": {"aws:SourceVpce": "vpce-ours"}}))
TWO_RANGES = policy(invoke(condition={"IpAddress": {"aws:SourceIp": ["192.30.252.0/22", "2606:50c0::/32"]}}))


class TestResourcePolicies:
    @pytest.mark.parametrize(
        ("context", "expected"),
        [
            ({"aws:SourceVpce": "vpce-ours"}, Decision.ALLOW),
            ({"aws:SourceVpce": "vpce-other"}, Decision.DENY),
            ({}, Decision.DENY),  # from the internet the key is absent, and a negated operator then holds
            ({"AWS:sourcevpce": "vpce-ours"}, Decision.ALLOW),  # names of keys are compared without case
            ({"aws:SourceVpce": UNKNOWN}, Decision.UNKNOWN),
        ],
    )
    def test_a_deny_unless_from_our_endpoint(self, context: Any, expected: Any) -> None:
        assert ask(ONLY_OUR_ENDPOINT, **context) is expected

    @pytest.mark.parametrize(
        ("address", "expected"),
        [
            ("192.30.252.1", Decision.ALLOW),
            ("192.30.252.0/24", Decision.ALLOW),
            ("192.30.0.0/16", Decision.UNKNOWN),  # only a part of it is inside
            ("192.31.0.1", Decision.SILENT),
            ("2606:50c0:8000::153", Decision.ALLOW),
            ("2a00::1", Decision.SILENT),
        ],
    )
    def test_named_ranges_of_both_families(self, address: Any, expected: Any) -> None:
        assert ask(TWO_RANGES, **{"aws:SourceIp": address}) is expected

    def test_a_deny_list_lets_everyone_else_in(self) -> None:
        closed = policy(invoke(), invoke("Deny", {"IpAddress": {"aws:SourceIp": "198.51.100.0/24"}}))
        assert ask(closed, **{"aws:SourceIp": "198.51.100.9"}) is Decision.DENY
        assert ask(closed, **{"aws:SourceIp": "203.0.113.9"}) is Decision.ALLOW

    def test_deny_wins_whatever_the_order(self) -> None:
        assert ask(policy(invoke("Deny"), invoke())) is Decision.DENY
        assert ask(policy(invoke(), invoke("Deny"))) is Decision.DENY

    def test_the_short_form_of_a_resource_stands_for_any_api(self) -> None:
        assert ask(policy(invoke(Resource="execute-api:/live/GET/*"))) is Decision.ALLOW
        assert ask(policy(invoke(Resource="execute-api:/live/POST/*"))) is Decision.SILENT

    def test_an_endpoint_id_known_after_deployment(self) -> None:
        unknown = policy(invoke(), invoke("Deny", {"StringNotEquals": {"aws:SourceVpce": UNKNOWN}}))
        assert ask(unknown, **{"aws:SourceVpce": "vpce-ours"}) is Decision.UNKNOWN
        assert ask(policy(invoke(Condition=UNKNOWN))) is Decision.UNKNOWN
        assert ask(policy(invoke("Deny"), invoke(condition={"StringEquals": {"a:b": UNKNOWN}}))) is Decision.DENY


class TestPrincipals:
    ROLE = "arn:aws:iam::111122223333:role/caller"
    SESSION = "arn:aws:sts::111122223333:assumed-role/caller/one"

    @pytest.mark.parametrize(
        ("principal", "caller", "expected"),
        [
            ("*", "", Decision.ALLOW),
            ({"AWS": "*"}, "", Decision.ALLOW),
            ({"Federated": "*"}, "", Decision.SILENT),
            ({"Service": "*"}, ROLE, Decision.SILENT),
            ({"CanonicalUser": "*"}, ROLE, Decision.SILENT),
            ({"AWS": "arn:aws:iam::111122223333:role/other"}, ROLE, Decision.SILENT),
            ({"AWS": ROLE}, SESSION, Decision.ALLOW),
            ({"AWS": "arn:aws:iam::111122223333:role/path/caller"}, SESSION, Decision.ALLOW),
            ({"AWS": SESSION}, SESSION, Decision.ALLOW),
            ({"AWS": SESSION}, ROLE, Decision.UNKNOWN),
            ({"AWS": f"{SESSION}-2"}, SESSION, Decision.SILENT),
            ({"AWS": "arn:aws:iam::222233334444:role/caller"}, SESSION, Decision.SILENT),
            ({"AWS": "AIDAEXAMPLE"}, ROLE, Decision.UNKNOWN),
            ({"AWS": "111122223333"}, ROLE, Decision.ALLOW),
            ({"AWS": "arn:aws:iam::111122223333:root"}, ROLE, Decision.ALLOW),
            ({"AWS": [ROLE, "arn:aws:iam::999999999999:root"]}, ROLE, Decision.ALLOW),
            ({"AWS": "arn:aws:iam::999999999999:root"}, ROLE, Decision.SILENT),
            ({"AWS": "arn:aws:iam::111122223333:root"}, "", Decision.SILENT),
            ({"Service": "apigateway.amazonaws.com"}, "apigateway.amazonaws.com", Decision.ALLOW),
            ({"Service": "apigateway.amazonaws.com"}, "events.amazonaws.com", Decision.SILENT),
            ({"AWS": UNKNOWN}, ROLE, Decision.UNKNOWN),
        ],
    )
    def test_principal(self, principal: Any, caller: Any, expected: Any) -> None:
        asking = make_caller(signed=bool(caller), arn=caller)
        if caller.endswith("amazonaws.com"):
            asking = Caller(service=caller)
        statement = invoke(Principal=principal)
        assert evaluate_policy(policy(statement), caller=asking, action="execute-api:Invoke", resource=API) is expected

    @pytest.mark.parametrize(
        ("named", "caller", "expected"),
        [
            (["arn:aws:iam::111122223333:user/ann"], "arn:aws:iam::111122223333:user/ann", Decision.ALLOW),
            (["arn:aws:iam::111122223333:user/ann"], "arn:aws:iam::111122223333:user/bob", Decision.DENY),
            (["arn:aws:iam::111122223333:user/ann"], "", Decision.DENY),
            # A session must be listed too, and AWS's page leaves open what happens without it.
            ([ROLE], SESSION, Decision.UNKNOWN),
            ([ROLE], ROLE, Decision.UNKNOWN),
            ([ROLE, SESSION], SESSION, Decision.ALLOW),
            (["111122223333"], ROLE, Decision.UNKNOWN),
            (["111122223333"], "arn:aws:iam::111122223333:root", Decision.ALLOW),
            (["222233334444"], ROLE, Decision.DENY),
        ],
    )
    def test_not_principal(self, named: list[str], caller: str, expected: Decision) -> None:
        statement = {"Effect": "Deny", "NotPrincipal": {"AWS": named}, "Action": "*", "Resource": "*"}
        asking = make_caller(signed=bool(caller), arn=caller)
        both = policy(invoke(), statement)
        assert evaluate_policy(both, caller=asking, action="execute-api:Invoke", resource=API) is expected


class TestKeysOfACaller:
    USER = "arn:aws:iam::111122223333:user/team/ann"
    SESSION = "arn:aws:sts::111122223333:assumed-role/caller/one"

    @pytest.mark.parametrize(
        ("arn", "key", "expected"),
        [
            (USER, "aws:PrincipalArn", USER),
            (USER, "aws:PrincipalAccount", "111122223333"),
            (USER, "aws:PrincipalType", "User"),
            (USER, "aws:username", "ann"),
            (USER, "aws:userid", UNKNOWN),
            (USER, "aws:PrincipalOrgID", UNKNOWN),
            (USER, "aws:PrincipalTag/team", UNKNOWN),
            (USER, "aws:PrincipalIsAWSService", "false"),
            (USER, "aws:SourceVpce", None),
            (SESSION, "aws:PrincipalArn", "arn:aws:iam::111122223333:role/caller"),
            (SESSION, "aws:PrincipalType", "AssumedRole"),
            (SESSION, "aws:username", None),
            ("arn:aws:iam::111122223333:root", "aws:userid", "111122223333"),
            ("", "aws:PrincipalArn", None),
            ("", "aws:PrincipalOrgID", None),
            ("", "aws:PrincipalTag/team", None),
        ],
    )
    def test_key(self, arn: str, key: str, expected: Any) -> None:
        assert make_caller(signed=bool(arn), arn=arn).find_value(key.lower()) == expected

    def test_without_an_authorization_type_nothing_is_known(self) -> None:
        assert make_caller(signed=None).find_value("aws:principalaccount") is UNKNOWN
        assert ANYBODY.find_value("aws:sourcevpce") is UNKNOWN


class TestActionsAndResources:
    REPOSITORY = "arn:aws:s3:::al2023-repos-eu-west-1-de612dc2/*"
    S3 = policy({"Effect": "Allow", "Principal": "*", "Action": ["s3:GetObject"], "Resource": [REPOSITORY]})

    @pytest.mark.parametrize(
        ("action", "resource", "expected"),
        [
            ("s3:GetObject", "arn:aws:s3:::al2023-repos-eu-west-1-de612dc2/core/x.rpm", Decision.ALLOW),
            ("S3:getobject", "arn:aws:s3:::al2023-repos-eu-west-1-de612dc2/core/x.rpm", Decision.ALLOW),
            ("s3:PutObject", "arn:aws:s3:::al2023-repos-eu-west-1-de612dc2/core/x.rpm", Decision.SILENT),
            ("s3:GetObject", "arn:aws:s3:::al2023-repos-us-east-1-de612dc2/core/x.rpm", Decision.SILENT),
            ("s3:GetObject", "*", Decision.UNKNOWN),
        ],
    )
    def test_an_endpoint_policy(self, action: Any, resource: Any, expected: Any) -> None:
        assert evaluate_policy(self.S3, caller=ANONYMOUS, action=action, resource=resource) is expected

    def test_a_role_policy_needs_no_principal(self) -> None:
        role = policy({"Effect": "Allow", "Action": "logs:*", "Resource": "*"})
        assert evaluate_policy(role, caller=ANONYMOUS, action="logs:PutLogEvents") is Decision.ALLOW

    def test_not_action_and_not_resource(self) -> None:
        document = policy({"Effect": "Allow", "NotAction": "iam:*", "NotResource": "arn:aws:s3:::secret/*"})
        for action, place, expected in (
            ("s3:GetObject", "open", Decision.ALLOW),
            ("iam:PassRole", "open", Decision.SILENT),
            ("s3:GetObject", "secret", Decision.SILENT),
        ):
            arn = f"arn:aws:s3:::{place}/x"
            assert evaluate_policy(document, caller=ANONYMOUS, action=action, resource=arn) is expected

    def test_policy_variables_come_from_the_context(self) -> None:
        home = policy({"Effect": "Allow", "Action": "s3:*", "Resource": "arn:aws:s3:::home/${aws:username}/*"})
        ours: dict[str, Any] = {"action": "s3:GetObject", "resource": "arn:aws:s3:::home/ann/x"}
        assert evaluate_policy(home, caller=ANONYMOUS, **ours, context={"aws:username": "ann"}) is Decision.ALLOW
        assert evaluate_policy(home, caller=ANONYMOUS, **ours, context={"aws:username": "bob"}) is Decision.SILENT
        assert evaluate_policy(home, caller=ANONYMOUS, **ours) is Decision.SILENT
        assert evaluate_policy(home, caller=ANYBODY, **ours) is Decision.UNKNOWN
        # Whatever the variable stands for, this is another bucket.
        other_bucket = {**ours, "resource": "arn:aws:s3:::work/ann/x"}
        assert evaluate_policy(home, caller=ANYBODY, **other_bucket) is Decision.SILENT

    @pytest.mark.parametrize(
        ("written", "text", "expected"),
        [
            ("${aws:PrincipalTag/team, 'all'}", "all", Decision.ALLOW),
            ("${aws:PrincipalTag/team, 'all'}", "blue", Decision.SILENT),
            ("${aws:PrincipalTag/my team}", "blue", Decision.SILENT),
            ("${x:y}", "a*c", Decision.ALLOW),
            ("${x:y}", "abc", Decision.SILENT),
            ("al${*}", "al*", Decision.ALLOW),
            ("al${*}", "all", Decision.SILENT),
            ("al${?}", "al?", Decision.ALLOW),
            ("al${?}", "all", Decision.SILENT),
            ("${$}{x:y}", "${x:y}", Decision.ALLOW),
        ],
    )
    def test_variable(self, written: str, text: str, expected: Decision) -> None:
        ours: dict[str, Any] = {"action": "s3:GetObject", "caller": ANONYMOUS, "context": {"x:y": "a*c"}}
        of_resource = policy({"Effect": "Allow", "Action": "s3:*", "Resource": f"arn:aws:s3:::b/{written}"})
        assert evaluate_policy(of_resource, resource=f"arn:aws:s3:::b/{text}", **ours) is expected
        ours["context"] |= {"s3:prefix": text}
        on_condition = {"Effect": "Allow", "Action": "s3:*", "Condition": {"StringLike": {"s3:prefix": written}}}
        assert evaluate_policy(policy(on_condition), **ours) is expected

    @pytest.mark.parametrize("version", [{}, {"Version": "2008-10-17"}])
    def test_variables_of_an_old_policy_are_text(self, version: dict[str, str]) -> None:
        statement = {"Effect": "Allow", "Action": "s3:*", "Resource": "arn:aws:s3:::home/${aws:username}"}
        ours: dict[str, Any] = {"caller": ANONYMOUS, "action": "s3:GetObject", "context": {"aws:username": "ann"}}
        document = {**version, "Statement": [statement]}
        assert evaluate_policy(document, resource="arn:aws:s3:::home/ann", **ours) is Decision.SILENT
        assert evaluate_policy(document, resource="arn:aws:s3:::home/${aws:username}", **ours) is Decision.ALLOW

    @pytest.mark.parametrize(
        ("pattern", "expected"),
        [
            ("arn:aws:lambda:*", Decision.ALLOW),
            ("arn:aws:lambda:*:live", Decision.ALLOW),
            ("arn:aws:lambda:eu*1:1:function:f:live", Decision.ALLOW),
            ("arn:aws:lambda:e*n:f:live", Decision.SILENT),
        ],
    )
    def test_wildcard_reaches_over_a_colon_only_at_the_end_of_a_segment(self, pattern: str, expected: Decision) -> None:
        document = policy({"Effect": "Allow", "Action": "lambda:*", "Resource": pattern})
        ours = "arn:aws:lambda:eu-west-1:1:function:f:live"
        assert evaluate_policy(document, caller=ANONYMOUS, action="lambda:InvokeFunction", resource=ours) is expected

    def test_wildcard_for_a_service_is_no_pattern(self) -> None:
        document = policy({"Effect": "Allow", "Action": "*:Invoke", "Resource": "*"})
        assert evaluate_policy(document, caller=ANONYMOUS, action="lambda:Invoke") is Decision.UNKNOWN
        assert evaluate_policy(document, caller=ANONYMOUS, action="lambda:Get") is Decision.SILENT

    @pytest.mark.parametrize(
        ("pattern", "value", "expected"),
        [
            ("a*c", "abbc", True),
            ("a?c", "abc", True),
            ("a?c", "abbc", False),
            ("[a]", "a", False),
            ("[a]", "[a]", True),
        ],
    )
    def test_wildcards(self, pattern: Any, value: Any, expected: Any) -> None:
        assert match_glob(pattern, value) == expected


class TestConditions:
    """Each operator on a key that is there, and on one that is not."""

    @pytest.mark.parametrize(
        ("operator", "wanted", "found", "expected"),
        [
            ("StringEquals", "a", "a", True),
            ("StringEquals", ["b", "a"], "a", True),
            ("StringEquals", "A", "a", False),
            ("StringEqualsIgnoreCase", "A", "a", True),
            ("StringEquals", "a", None, False),
            ("StringEqualsIfExists", "a", None, True),
            ("StringEqualsIfExists", "a", "b", False),
            ("StringNotEquals", ["a", "b"], "c", True),
            ("StringNotEquals", ["a", "b"], "b", False),
            ("StringNotEquals", "a", None, True),
            ("StringLike", "vpce-*", "vpce-1", True),
            ("StringNotLike", "vpce-*", "vpce-1", False),
            ("ArnLike", "arn:aws:iam::*:role/x", "arn:aws:iam::1:role/x", True),
            ("ArnLike", "arn:aws:*", "arn:aws:iam::1:role/x", None),
            ("ArnNotLike", "arn:aws:iam::*:role/x", "arn:aws:iam::1:role/y", True),
            ("IpAddress", "10.0.0.0/8", "10.1.2.3", True),
            ("IpAddress", "10.0.0.0/8", "::1", False),
            ("NotIpAddress", ["10.0.0.0/8", "fd00::/8"], "fd00::1", False),
            ("NotIpAddress", ["10.0.0.0/8", "fd00::/8"], "2001:db8::1", True),
            ("NotIpAddress", "10.0.0.0/8", None, True),
            ("Bool", "true", True, True),
            ("Bool", "false", True, False),
            ("BoolIfExists", "false", None, True),
            ("Null", "true", None, True),
            ("Null", "true", "x", False),
            ("Null", "false", "x", True),
            ("NumericLessThan", "10", 3, True),
            ("NumericLessThan", "10", 30, False),
            ("ForAnyValue:StringEquals", "a", ["a", "b"], True),
            ("ForAnyValue:StringEquals", "a", None, False),
            ("ForAllValues:StringEquals", ["a", "b"], ["a", "b"], True),
            ("ForAllValues:StringEquals", ["a", "b"], ["a", "c"], False),
            ("ForAllValues:StringEquals", ["a", "b"], None, True),
            ("ForAnyValue:StringNotEquals", "a", None, False),
            ("DateLessThan", "2030-01-01", "2026-01-01", None),
            # A key that the service does not send
            ("NumericLessThan", "10", None, False),
            ("NumericLessThanIfExists", "10", None, True),
            ("NumericNotEquals", "10", None, True),
            ("DateLessThan", "2030-01-01", None, False),
            ("DateGreaterThanIfExists", "2030-01-01", None, True),
            ("DateNotEquals", "2030-01-01", None, True),
            ("BinaryEquals", "YQ==", None, False),
            ("NeverHeardOf", "a", None, None),
        ],
    )
    def test_operator(self, operator: Any, wanted: Any, found: Any, expected: Any) -> None:
        decided = ask(
            policy(invoke(condition={operator: {"x:y": wanted}})), **({} if found is None else {"x:y": found})
        )
        assert decided is {True: Decision.ALLOW, False: Decision.SILENT, None: Decision.UNKNOWN}[expected]

    @pytest.mark.parametrize(
        ("operator", "wanted", "expected"),
        [
            ("DateLessThan", "2030-01-01T00:00:00Z", Decision.UNKNOWN),
            ("Null", "true", Decision.SILENT),
            ("Null", "false", Decision.ALLOW),
        ],
    )
    def test_every_request_carries_its_time(self, operator: str, wanted: str, expected: Decision) -> None:
        assert ask(policy(invoke(condition={operator: {"aws:CurrentTime": wanted}}))) is expected

    def test_every_operator_and_every_key_must_hold(self) -> None:
        both = invoke(condition={"StringEquals": {"a:a": "1", "a:b": "2"}, "Bool": {"a:c": "true"}})
        assert ask(policy(both), **{"a:a": "1", "a:b": "2", "a:c": True}) is Decision.ALLOW
        assert ask(policy(both), **{"a:a": "1", "a:b": "3", "a:c": True}) is Decision.SILENT


class TestDocuments:
    def test_text_and_secrets_are_read_and_the_unknown_is_not_guessed(self) -> None:
        assert ask(json.dumps(policy(invoke()))) is Decision.ALLOW
        assert ask(Secret(json.dumps(policy(invoke())))) is Decision.ALLOW
        assert ask(UNKNOWN) is Decision.UNKNOWN
        assert ask({"Statement": [invoke(), UNKNOWN]}) is Decision.UNKNOWN

    def test_one_statement_needs_no_list(self) -> None:
        assert ask({"Statement": invoke()}) is Decision.ALLOW

    @pytest.mark.parametrize("text", ["{", "[]", '{"Statement": ["x"]}', '{"Statement": {"Condition": {"Bool": []}}}'])
    def test_what_is_no_policy_is_said(self, text: Any) -> None:
        with pytest.raises(MalformedDocument):
            ask(text)
