"""Providers: another region is another place, and a provider of another account is never "the same"."""

import pytest

from review.compare.effect import Line
from review.report.render.verdict import sentence
from review.tests.fixtures import Compare

SAME = "the same as before, and no others"
PROVIDER = "p = aws.Provider('{name}', region='eu-west-1'{more})\n"
BY = "opts=pulumi.ResourceOptions(provider=p)"
ROLE = ", assume_roles=[{{'role_arn': 'arn:aws:iam::{account}:role/x'}}]"


def queue(more: str = "", name: str = "p") -> str:
    return PROVIDER.format(name=name, more=more) + f"aws.sqs.Queue('q', {BY})"


def role(account: str) -> str:
    return ROLE.format(account=account)


@pytest.mark.parametrize(
    ("before", "after", "said"),
    [
        (queue(), queue(role("999988887777")), "not judged: assumeRoles of the provider"),
        (queue(role("111122223333")), queue(role("999988887777")), "not judged: assumeRoles of the provider"),
        (queue(", profile='a'"), queue(", profile='b'", "p2"), "not judged: profile of the provider"),
        ("aws.sqs.Queue('q')", queue(", profile='b'"), "not judged: profile of the provider"),
        ("aws.sqs.Queue('q')", queue(), SAME),
        (queue(), queue(", max_retries=3"), SAME),
        (queue(), queue(", default_tags={'tags': {'a': 'b'}}"), SAME),
    ],
)
def test_a_provider_of_another_account(changes: Compare, before: str, after: str, said: str) -> None:
    found = changes(before, after)
    assert sentence(found, Line.CALLERS)[1] == said
    assert found.replaced == []


def test_a_region_that_is_written_out_is_no_other_region(changes: Compare) -> None:
    assert changes("aws.sqs.Queue('q')", "aws.sqs.Queue('q', region='eu-west-1')").changed == ()
    moved = changes("aws.sqs.Queue('q')", "aws.sqs.Queue('q', region='eu-central-1')")
    assert [change.replacing for change in moved.replaced] == [("region",)]


POOL = """
pool = aws.cognito.UserPool('pool', alias_attributes=['{alias}'])
api = aws.apigatewayv2.Api('api', protocol_type='HTTP')
client = aws.cognito.UserPoolClient('client', user_pool_id=pool.id)
asks = aws.apigatewayv2.Authorizer('asks', api_id=api.id, authorizer_type='JWT', identity_sources=['$request.header.A'],
    jwt_configuration={{'audiences': [client.id], 'issuer': pool.endpoint.apply(lambda known: f'https://{{known}}')}})
away = aws.apigatewayv2.Integration('away', api_id=api.id, integration_type='HTTP_PROXY', integration_method='GET',
    integration_uri='https://other.invalid')
aws.apigatewayv2.Route('route', api_id=api.id, route_key='GET /a', authorization_type='JWT', authorizer_id=asks.id,
    target=away.id.apply(lambda known: f'integrations/{{known}}'))
aws.apigatewayv2.Stage('stage', api_id=api.id, name='$default', auto_deploy=True)
"""


def test_the_users_of_a_replaced_pool_are_others(changes: Compare) -> None:
    found = changes(POOL.format(alias="email"), POOL.format(alias="phone_number"))
    assert "pool" in [change.resource.name for change in found.replaced]
    admitted, _, shut_out = sentence(found, Line.CALLERS)[1].partition("may no longer call")
    assert "audience new client" in admitted
    assert "audience client" in shut_out
