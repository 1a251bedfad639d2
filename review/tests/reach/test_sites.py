"""Distributions and GraphQL APIs, whose addresses AWS serves by itself."""

from __future__ import annotations

from typing import Any

import pytest

from review.aws.model.model import AwsModel
from review.graph import UNKNOWN
from review.reach import unread
from review.tests.graph_builder import Builder
from review.tests.parts import paths

SITE: dict[str, Any] = {"enabled": True, "origins": [{"originId": "files", "domainName": "b.s3.amazonaws.com"}]}
DATA = "appsync/graphQLApi:GraphQLApi"
BY_KEY = {"authenticationType": "API_KEY"}
CDN = "cloudfront/distribution:Distribution"


@pytest.mark.parametrize(
    ("kind", "inputs", "expected"),
    [
        (CDN, {**SITE, "defaultCacheBehavior": {}}, ["internet → site (anyone) → files"]),
        (CDN, {**SITE, "defaultCacheBehavior": {"trustedKeyGroups": ["k"]}}, ["internet → site (signed URL) → files"]),
        (CDN, {**SITE, "defaultCacheBehavior": {"trustedKeyGroups": ["k"]}, "orderedCacheBehaviors": [{}]},
         ["internet → site (anyone) → files"]),
        (CDN, {**SITE, "defaultCacheBehavior": {}, "webAclId": "w"}, ["internet → site (WAF) → files"]),
        (CDN, {**SITE, "enabled": False}, []),
        (CDN, {**SITE, "enabled": UNKNOWN, "defaultCacheBehavior": {}},
         ["internet → site (anyone) → files (cannot tell: whether site takes requests from outside)"]),
        (DATA, {"authenticationType": "API_KEY"}, ["internet → site (key)"]),
        (DATA, {"authenticationType": "AWS_IAM"}, ["internet → site (IAM)"]),
        (DATA, {"authenticationType": "AWS_IAM", "additionalAuthenticationProviders": [BY_KEY]},
         ["internet → site (IAM or key)"]),
        (DATA, {"authenticationType": "AWS_IAM", "visibility": "PRIVATE"}, []),
    ],
)  # fmt: skip
def test_site(kind: str, inputs: dict[str, Any], expected: list[str]) -> None:
    build = Builder()
    build(kind, "site", **inputs)
    assert [str(one) for one in paths(build.graph())] == expected
    assert unread(AwsModel(build.graph())) == {}
