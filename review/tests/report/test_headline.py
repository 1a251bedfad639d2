"""The sentence on who can reach the backend follows from the paths below it, in every format."""

import json
import re

import pytest

from review.report.render.json_text import document
from review.report.render.markdown import markdown
from review.report.render.outside import from_outside
from review.report.render.text import plain
from review.report.render.verdict import banner
from review.report.report import report
from review.tests.fixtures import Review
from review.tests.helpers.stacks import ALL, evaluation

NETWORK = """
v = aws.ec2.Vpc('v', cidr_block='10.0.0.0/16')
g = aws.ec2.InternetGateway('g', vpc_id=v.id)
t = aws.ec2.RouteTable('t', vpc_id=v.id, routes=[{'cidr_block': '0.0.0.0/0', 'gateway_id': g.id}])
s = aws.ec2.Subnet('s', vpc_id=v.id, cidr_block='10.0.0.0/24', map_public_ip_on_launch=True)
a = aws.ec2.RouteTableAssociation('a', subnet_id=s.id, route_table_id=t.id)
def admit(port):
    return {'protocol': 'tcp', 'from_port': port, 'to_port': port, 'cidr_blocks': ['203.0.113.0/24']}
"""
WEB = "m = aws.ec2.Instance('web', ami='a', instance_type='t3.micro', subnet_id=s.id, vpc_security_group_ids=[w.id])\n"


@pytest.mark.parametrize(
    ("group", "sentence"),
    [
        ("aws.ec2.SecurityGroup('w', vpc_id=v.id, ingress=[])", "no path from outside is open"),
        ("aws.ec2.SecurityGroup('w', vpc_id=v.id, ingress=[admit(22)])", "1 way in from outside: 1 for SSH or RDP"),
        (
            "aws.ec2.SecurityGroup('w', vpc_id=v.id, ingress=[admit(22), admit(443)])",
            "2 ways in from outside: 1 for requests, 1 for SSH or RDP",
        ),
        (
            "aws.ec2.SecurityGroup.get('w', 'sg-0123456789abcdef0')",
            "1 way in from outside: 1 of which the review cannot tell whether it is open",
        ),
    ],
)
def test_ssh_and_what_cannot_be_known_count(review_of: Review, group: str, sentence: str) -> None:
    review = review_of(f"{NETWORK}w = {group}\n{WEB}")
    assert from_outside(review) == sentence
    for form in (plain(review), markdown(review), json.dumps(document(review))):
        assert sentence in " ".join(form.split())
        assert form.count("the only way in") == (sentence == "1 way in from outside")


@pytest.mark.parametrize("stack", ALL)
def test_no_line_below_contradicts_it(stack: str) -> None:
    found = report(evaluation(stack))
    sentence = from_outside(found)
    # A call of the stack's own machine begins inside.
    paths = [path for path in found.paths if path.open and path.kind.value != "outbound" and path.origin is None]
    lines = [str(path) for path in paths]
    outside = [line for line in lines if not line.startswith("people →")]
    number = int(match[0]) if (match := re.match(r"\d+", sentence)) else 0
    assert number == len(outside)
    if kinds := re.findall(r"(\d+) (?:for|of which)", sentence):
        assert sum(map(int, kinds)) == number


@pytest.mark.xdist_group("examples/existing-balancer.yaml")
def test_a_guarded_front_is_never_called_open() -> None:
    found = report(evaluation("examples/existing-balancer.yaml"))
    said = [caller.sentence for caller in banner(found).callers]
    assert said
    assert all(line.startswith(("callers: ", "cannot tell whether a call arrives: ")) for line in said)
