"""Open, closed or cannot tell; passed, failed, inconclusive or nothing to look at; a price, free or unknown."""

import json
import re
from typing import Any

import jsonschema
import pytest

from review.cli.command import main
from review.evaluate.runner import Evaluation
from review.reach import Kind
from review.report.render.json_text import as_json
from review.report.render.markdown import markdown
from review.report.render.outside import is_only
from review.report.render.text import plain
from review.report.report import Report, report
from review.tests.fixtures import HEAD, Review, Write
from review.tests.helpers.stacks import ROOT, graph_with

pytestmark = pytest.mark.usefixtures("in_this_process")


UNREAD = """
aws.globalaccelerator.Accelerator("cluster")
aws.elasticbeanstalk.Environment("data", application="app")
"""


def test_no_path_beside_what_was_not_read_is_no_promise(review_of: Review) -> None:
    review = review_of(UNREAD)
    for form in (plain(review), markdown(review)):
        text = " ".join(form.replace("&#x27;", "'").split())
        assert "no way in was found among the resources that were read" in text
        assert "not read: aws:elasticbeanstalk/environment:Environment" in form.replace("\\", "")
        assert "no path from outside is open" not in text


@pytest.mark.parametrize(
    "integration",
    [
        "integration_type='AWS_PROXY', integration_subtype='SQS-SendMessage', request_parameters={}",
        "integration_type='HTTP_PROXY', integration_uri='https://example.com/', integration_method='ANY'",
    ],
)
def test_integrations_with_services_are_paths(review_of: Review, integration: str) -> None:
    review = review_of(
        "api = aws.apigatewayv2.Api('a', protocol_type='HTTP')\n"
        f"made = aws.apigatewayv2.Integration('i', api_id=api.id, {integration})\n"
        "target = made.id.apply('integrations/{}'.format)\n"
        "aws.apigatewayv2.Route('r', api_id=api.id, route_key='GET /', target=target)\n"
        "aws.apigatewayv2.Stage('s', api_id=api.id, name='$default', auto_deploy=True)\n"
    )
    assert [path.source for path in review.paths if path.open] == ["internet"]
    assert "the only way in" not in plain(review)


def test_nobody_is_said_of_what_was_read(review_of: Review) -> None:
    review = review_of(
        "vpc = aws.ec2.Vpc('v', cidr_block='10.0.0.0/16')\n"
        "subnet = aws.ec2.Subnet('s', vpc_id=vpc.id, cidr_block='10.0.0.0/24')\n"
        "aws.ec2.RouteTableAssociation('a', subnet_id=subnet.id, "
        "route_table_id=aws.ec2.RouteTable('t', vpc_id=vpc.id, routes=[]).id)\n"
        "group = aws.ec2.SecurityGroup('g', vpc_id=vpc.id, ingress=[], egress=[])\n"
        "aws.ec2.Instance('i', ami='a', instance_type='t4g.nano', subnet_id=subnet.id, "
        "vpc_security_group_ids=[group.id], associate_public_ip_address=False)\n"
    )
    for form in (plain(review), markdown(review)):
        assert "no path from outside is open" in form or "no way in was found among the resources" in form


@pytest.mark.parametrize(
    "program",
    [
        "",
        "aws.s3.Bucket('b')",
        "aws.ec2.Vpc('v', cidr_block='10.0.0.0/16')",
        "api = aws.apigatewayv2.Api('a', protocol_type='HTTP')\naws.apigatewayv2.Stage('s', api_id=api.id, name='all')",
    ],
    ids=["empty", "bucket", "network", "api"],
)
def test_a_program_without_a_backend_has_no_empty_part(review_of: Review, program: str) -> None:
    review = review_of(program)
    for form in (plain(review), markdown(review)):
        assert "no path from outside is open" in form or "no way in was found among the resources" in form
        assert "nobody" not in form.lower().replace("nobody knows afterwards", "")
        assert not re.search(r"<(\w+)[^>]*>\s*</\1>|class=\"\"|</summary>\s*</details>", form.replace("<td></td>", ""))
        # No table without a row.
        assert not re.search(r"\|--[-:|]*\n\s*(\n|$)", form)


def test_rules_with_nothing_to_look_at_have_not_passed(review_of: Review) -> None:
    review = review_of("aws.sns.Topic('t')")
    assert review.tally.nothing > review.tally.passed
    assert f"RULES   {review.tally.passed} passed" in plain(review)
    document = json.loads(as_json(review))
    assert document["rules"]["passed"] == review.tally.passed


def test_unknown_costs_are_null_and_named(review_of: Review) -> None:
    review = review_of(UNREAD)
    document = json.loads(as_json(review))
    jsonschema.validate(document, json.loads((ROOT / "review" / "docs" / "review.schema.json").read_text()))
    assert document["cost"]["fixed"] == {"whole": None}
    assert "data (aws:elasticbeanstalk/environment:Environment)" in " ".join(plain(review).split())


def test_a_call_without_a_price_makes_the_sum_unknown(review_of: Review) -> None:
    review = review_of(
        "api = aws.apigatewayv2.Api('a', protocol_type='HTTP')\n"
        "aws.apigatewayv2.Stage('s', api_id=api.id, name='$default', auto_deploy=True)\n"
        "aws.apigatewayv2.Route('r', api_id=api.id, route_key='GET /')\n"
        "far = aws.Provider('far', region='xx-nowhere-1')\n"
        "aws.apigatewayv2.Api('b', protocol_type='HTTP', opts=pulumi.ResourceOptions(provider=far))\n"
    )
    document = json.loads(as_json(review))
    assert document["cost"]["perMillionRequests"] is None
    assert "price not known" in " ".join(plain(review).replace("\u00a0", " ").split())


def test_what_runs_comes_before_settings(review_of: Review) -> None:
    review = review_of(
        "aws.docdb.SubnetGroup('a', subnet_ids=['s'])\naws.docdb.ClusterParameterGroup('b', family='docdb5.0')\n"
        "aws.docdb.Cluster('z', master_username='u')\n"
    )
    assert next(iter(review.bill.unpriced_by_type())) == "aws:docdb/cluster:Cluster"


def test_findings_of_one_rule_are_shown_thrice_and_counted(review_of: Review) -> None:
    review = review_of("for n in range(9):\n    aws.cloudwatch.LogGroup(f'g{n}')")
    assert len([finding for finding in review.findings if finding.rule.id == "LOG-01"]) == 9
    for form in (plain(review), markdown(review)):
        # Once in the verdict, and with each finding that is shown.
        assert re.sub(r"<[^>]*>", "", form).count("LOG-01") <= 5
        assert "and 6 more" in form


PUBLIC = """
vpc = aws.ec2.Vpc("vpc", cidr_block="10.0.0.0/16")
subnet = aws.ec2.Subnet("subnet", vpc_id=vpc.id, cidr_block="10.0.0.0/24")
role = pulumi.StackReference("o/p/s").require_output("role")
aws.iam.Role("role", assume_role_policy=role)
"""


@pytest.mark.parametrize(("strict", "status"), [("", 0), ("--strict", 0), ("--strict=unknown", 1)])
def test_critical_rules_that_are_inconclusive(
    write_project: Write, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], strict: str, status: int
) -> None:
    program = HEAD + PUBLIC + 'aws.ec2.DefaultSecurityGroup("closed", vpc_id=vpc.id)\n'
    monkeypatch.chdir(write_project(program).root)
    assert main(["dev", *filter(None, [strict]), "--format", "json"]) == status
    printed = capsys.readouterr()
    findings = json.loads(printed.out)["rules"]["findings"]
    assert "IAM-03" in {finding["rule"] for finding in findings if finding["status"] == "inconclusive"}
    assert ("IAM-03: critical, and inconclusive" in printed.err) is bool(strict)


def test_no_path_of_the_json_is_open_and_uncertain(review_of: Review) -> None:
    review = review_of(
        "aws.ec2.Instance('s', ami='a', instance_type='t4g.nano', vpc_security_group_ids=['sg-01234567'])"
    )
    paths = json.loads(as_json(review))["paths"]
    assert None in [path["open"] for path in paths]
    for path in paths:
        assert (path["open"] is None) == (bool(path["uncertainty"]) and not path["blockedBy"])


ADOPTED = {"vpcId": "vpc-0a1b2c3d4e5f60718", "subnetIds": ["subnet-0a1b2c3d4e5f60718"]}
SIGNED = {"routes": [{"path": "/", "authorization": "iam"}]}


def reviewed(**config: Any) -> Report:
    graph = graph_with({"topology": "public-proxy", "api": SIGNED, **config})
    return report(Evaluation(graph, graph))


def test_who_else_calls_a_backend_that_is_only_named_is_not_known() -> None:
    found = reviewed(network=ADOPTED, backend={"url": "http://10.20.30.40:8080"})
    (way,) = [path for path in found.paths if path.open and path.kind is Kind.INBOUND]
    assert not is_only(found, way)
    assert "the only way in" not in plain(found)


def test_routes_of_an_adopted_network_are_not_taken_for_public() -> None:
    backend = {"image": "traefik/whoami:v1.11.0", "port": 80}
    found = reviewed(network={**ADOPTED, "egress": "ipv6"}, backend=backend)
    failed = {finding.rule.id for finding in found.of_status("failed")}
    assert not failed & {"NET-01", "NET-06", "ROUTE-01", "BOOT-01", "BOOT-04"}
    assert "cannot tell: not all routes of its subnets are known" in plain(found)
