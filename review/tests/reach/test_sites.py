"""Distributions of CloudFront, whose addresses AWS serves by itself."""

from typing import Any

import pytest

from review.aws.model.model import AwsModel
from review.graph import UNKNOWN
from review.reach import unread
from review.tests.graph_builder import Builder
from review.tests.parts import paths

SITE: dict[str, Any] = {"enabled": True, "origins": [{"originId": "files", "domainName": "b.s3.amazonaws.com"}]}
CDN = "cloudfront/distribution:Distribution"
API = "appsync/graphQLApi:GraphQLApi"
NO_KEY = "(cannot tell: whether site has a key)"
MORE = {"additionalAuthenticationProviders": [{"authenticationType": "API_KEY"}]}


@pytest.mark.parametrize(
    ("kind", "inputs", "expected"),
    [
        (CDN, {**SITE, "defaultCacheBehavior": {}}, ["internet → site (anyone) → files"]),
        (CDN, {**SITE, "defaultCacheBehavior": {"trustedKeyGroups": ["k"]}}, ["internet → site (signed URL) → files"]),
        (CDN, {**SITE, "defaultCacheBehavior": {"trustedKeyGroups": ["k"]}, "orderedCacheBehaviors": [{}]},
         ["internet → site (anyone, signed URL for other paths) → files"]),
        (CDN, {**SITE, "defaultCacheBehavior": {}, "webAclId": "w"}, ["internet → site (WAF) → files"]),
        (CDN, {**SITE, "enabled": False}, []),
        (CDN, {**SITE, "enabled": UNKNOWN, "defaultCacheBehavior": {}},
         ["internet → site (anyone) → files (cannot tell: whether site takes requests from outside)"]),
        ("ecrpublic/repository:Repository", {}, ["internet → site (anyone)"]),
        (API, {"authenticationType": "API_KEY"}, [f"internet → site (key) → the data sources of site {NO_KEY}"]),
        (API, {"authenticationType": "AWS_IAM", **MORE},
         [f"internet → site ({mode}) → the data sources of site{doubt}"
         for mode, doubt in (("IAM", ""), ("key", f" {NO_KEY}"))]),
        (API, {"authenticationType": UNKNOWN}, ["internet → site (an unknown mode) → the data sources of site"]),
        (API, {"authenticationType": "AWS_IAM", "visibility": "PRIVATE"}, []),
        (API, {"authenticationType": "AWS_IAM", "visibility": UNKNOWN},
         ["internet → site (IAM) → the data sources of site (cannot tell: whether site is private)"]),
        (API, {"authenticationType": "AWS_IAM", "apiType": "MERGED"},
         ["internet → site (IAM) → the data sources of site"]),
    ],
)  # fmt: skip
def test_site(build: Builder, kind: str, inputs: dict[str, Any], expected: list[str]) -> None:
    build(kind, "site", **inputs)
    assert [str(path) for path in paths(build.graph())] == expected
    assert unread(AwsModel(build.graph())) == {}


def test_graphql_api_names_its_data_sources_and_its_firewall(build: Builder) -> None:
    api = build(API, "site", authenticationType="API_KEY")
    build("appsync/apiKey:ApiKey", "key", apiId=api.id)
    build("appsync/dataSource:DataSource", "tenants", apiId=api.id, type="AMAZON_DYNAMODB")
    build("wafv2/webAclAssociation:WebAclAssociation", "acl", resourceArn=api.arn, webAclArn="arn:aws:wafv2:x")
    assert [str(path) for path in paths(build.graph())] == ["internet → site (key, WAF) → tenants"]
    assert unread(AwsModel(build.graph())) == {}


@pytest.mark.parametrize(
    ("rules", "expected"),
    [
        ([], "internet → site (IAM, WAF) → the data sources of site: no, acl blocks every caller"),
        ([{"name": "known", "action": {"allow": {}}, "statement": {"ipSetReferenceStatement": {}}}],
         "203.0.113.0/24 (internet) → site (IAM, WAF by address) → the data sources of site"),
    ],
)  # fmt: skip
def test_the_firewall_of_a_graphql_api_decides_who_passes(rules: list[dict[str, Any]], expected: str) -> None:
    build = Builder()
    api = build(API, "site", authenticationType="AWS_IAM")
    known = build("wafv2/ipSet:IpSet", "known", addresses=["203.0.113.0/24"], ipAddressVersion="IPV4", scope="REGIONAL")
    for rule in rules:
        rule["statement"]["ipSetReferenceStatement"]["arn"] = known.arn
    acl = build("wafv2/webAcl:WebAcl", "acl", defaultAction={"block": {}}, rules=rules, scope="REGIONAL")
    build("wafv2/webAclAssociation:WebAclAssociation", "link", resourceArn=api.arn, webAclArn=acl.arn)
    assert [str(path) for path in paths(build.graph())] == [expected]
