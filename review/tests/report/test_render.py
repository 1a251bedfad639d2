"""The report has what was found, in every form, and what a program wrote never becomes markup or shows a secret."""

import json
import re
from dataclasses import replace
from typing import Any

import jsonschema
import pytest

from review.report.render.json_report import as_json
from review.report.render.markdown import escape, format_markdown
from review.report.render.text import Parts, format_plain
from review.report.report import Report, report
from review.tests.helpers.fixture_types import HEAD, Review, Write
from review.tests.helpers.stacks import evaluation_with
from review.tests.report.conftest import HOUSE, forms, report_of


def test_the_text_has_every_part_of_the_report(house: Report) -> None:
    text = format_plain(house, parts=Parts(verbose=True))
    for expected in (
        "gatehouse · test · public-proxy · eu-west-1",
        "offline review, AWS was not called",
        "63 resources",
        "PrivateNetwork   10.0.0.0/16 · 2 zones · out: NAT instance",
        "└ network-nat  NatInstance      t4g.nano",
        "Ec2Backend       t4g.micro · tcp 8080",
        "ServerlessProxy  512 MB arm64 · times out after 1 s",
        "REST API · GET POST /forward · requires key me · 100/s, burst 50 a method",
        "… https://",
        "$7.42   t4g.micro 6.72 + disk 8 GB ~0.70",
        "1 key × 100/s",
        "internet → front (key me, 100/s a method) → proxy → tcp 8080 → backend   the only way in",
        "total without calls",
    ):
        assert expected in text
    # The source of a picture is in no terminal.
    assert ("flowchart" in text, "```mermaid\nflowchart LR" in format_markdown(house)) == (False, True)


def test_sections_come_in_the_order_of_a_readers_questions(house: Report) -> None:
    heads = re.findall(r"^[A-Z]+(?: [A-Z]+)*(?=  |$)", format_plain(house, parts=Parts(verbose=True)), re.MULTILINE)
    assert heads == [
        "VERDICT", "WHAT WOULD BE BUILT", "WHAT IT COSTS A MONTH", "AT THE LIMIT ALL MONTH",
        "WHO CAN REACH THE BACKEND", "RULES", "NOTES", "WHAT IT EXPORTS",
    ]  # fmt: skip


def test_the_month_at_the_limit_has_the_fixed_costs(house: Report) -> None:
    block = format_plain(house).partition("AT THE LIMIT ALL MONTH")[2].partition("WHO CAN")[0]
    worst, fixed = house.bill.worst, house.bill.sum_fixed()
    assert worst is not None
    assert worst.usd is not None
    assert fixed is not None
    assert f"plus ${fixed:.2f} of fixed costs" in " ".join(block.split())
    assert f"${worst.usd + fixed:,.0f}" in block


def test_rules_lead_to_their_document_where_its_address_is_known(monkeypatch: pytest.MonkeyPatch) -> None:
    """A comment on a pull request of another project must not have links into that project."""
    route = {**HOUSE["api"]["routes"][0], "keyRequired": False}
    opened = report(evaluation_with({**HOUSE, "api": {"kind": "rest", "routes": [route]}}))
    assert "rules.md" not in format_markdown(opened)
    monkeypatch.setenv("GATEHOUSE_DOCUMENTS", "https://example.com/b/1/")
    failed = {finding.rule.id.lower() for finding in opened.list_findings("failed")}
    linked = {*re.findall(r"https://example\.com/b/1/review/docs/rules\.md#([\w-]+)", format_markdown(opened))}
    assert linked >= failed != set()
    monkeypatch.delenv("GATEHOUSE_DOCUMENTS")
    monkeypatch.setattr("review.facts.version.REPOSITORY", "you/gate")
    assert "https://github.com/you/gate/blob/v" in format_markdown(opened)


def test_no_made_up_value_can_be_copied(review_of: Review) -> None:
    review = review_of(
        "v = aws.ec2.Vpc('v', cidr_block='10.0.0.0/16')\n"
        "i = aws.ec2.Instance('i', ami='a', instance_type='t4g.nano')\n"
        "pulumi.export('vpc', v.id)\n"
        "pulumi.export('call', pulumi.Output.format('curl http://{0}:80', i.private_ip))\n"
        "pulumi.export('plain', 'eu-west-1')\n"
    )
    texts = {export.name: export.text for export in review.exports}
    assert texts == {"vpc": "<v>", "call": "known after deployment", "plain": "eu-west-1"}


def test_components_come_after_what_they_need(house: Report) -> None:
    assert [row.name for row in house.rows] == ["network", "network-nat", "backend", "proxy", "front"]
    assert sum(row.resources for row in house.rows) == house.resources
    built = format_plain(house).partition("WHAT WOULD BE BUILT")[2].partition("WHAT IT COSTS")[0]
    for row in house.rows:
        assert re.search(rf"^ +(?:└ )?{row.name} .* {row.resources}$", built, re.MULTILINE), built


@pytest.mark.parametrize("width", [60, 80, 100])
def test_a_narrow_terminal_loses_nothing_and_breaks_no_word(house: Report, width: int) -> None:
    narrow = format_plain(house, width)
    assert sorted(re.findall(r"\w+", narrow)) == sorted(re.findall(r"\w+", format_plain(house, 160)))
    long = [line for line in narrow.splitlines() if len(line) > width]
    assert not [line for line in long if max(map(len, line.split())) < width - 12]
    # An item and its price stay on one line.
    assert not re.search(r"[0-9] ×$|disk$|GB$|IPv4$", narrow, re.MULTILINE)


def test_the_json_keeps_to_its_schema_and_to_the_numbers(house: Report, schema: Any) -> None:
    document = json.loads(text := as_json(house))
    assert text.isascii()  # a terminal would obey some of the others
    jsonschema.validate(document, schema)
    assert document["cost"]["fixed"] == pytest.approx({"gatehouse": 7.784, "backend": 7.42})
    assert document["cost"]["worstMonth"]["requests"] == 262_800_000
    assert [path["open"] for path in document["paths"] if path["kind"] == "inbound"] == [True, False]


def test_the_markdown_is_short_where_it_is_not_folded_and_folds_no_failing_rule(
    house: Report, review_of: Review
) -> None:
    def unfolded(found: Report) -> str:
        return re.sub(r"<details>.*?</details>|```.*?```", "", format_markdown(found), flags=re.DOTALL)

    assert len(unfolded(house).splitlines()) < 60
    assert (
        "internet → front (key me, 100/s a method) → proxy → tcp 8080 → backend (the only way in)"
        in format_markdown(house)
    )
    review = review_of("pulumi.export('password', 'hunter2-is-long-enough-9')")
    for text in (unfolded(review), format_plain(review)):
        assert review.list_findings("failed")[0].rule.id in text


HOSTILE = (
    "</script><script>alert(1)</script>|`*_[x](y) @someone #12 s://a www.a GH-1\\r\\n# head\\r~~~\\r\\x1b[2J\\u202egnp"
)


def test_what_a_program_wrote_is_text_in_every_form(review_of: Review, schema: Any) -> None:
    review = review_of(f"""aws.ec2.Vpc("{HOSTILE}", cidr_block="10.0.0.0/16")
pulumi.export("{HOSTILE}", "{HOSTILE}")
pulumi.ComponentResource("small:index:{HOSTILE}", "part", {{"says": "{HOSTILE}"}})
""")
    found = replace(review, not_compared="main: \x1b[2J\u202egnp", region="`\n\n# passed \x1b[31m")
    shown = format_markdown(found)
    assert "<script>" not in shown
    assert "&lt;script&gt;alert(1)&lt;/script&gt;\\|\\`\\*\\_\\[x\\](y) @<!-- -->someone \\#<!-- -->12" in shown
    assert "12 s:<!-- -->//a www<!-- -->.a GH<!-- -->-1" in shown
    for text in (shown, format_plain(found, parts=Parts(verbose=True))):
        assert {sign for sign in text if not sign.isprintable()} == {"\n"}
        assert not any(line.lstrip().startswith(("# head", "# passed", "~~~")) for line in text.splitlines())
    jsonschema.validate(json.loads(as_json(found)), schema)


def test_no_form_shows_a_secret(review_of: Review) -> None:
    review = review_of("""
hidden = pulumi.Output.secret("hunter2")
aws.lambda_.Function("f", role="r", environment={"variables": {"TOKEN": hidden}})
pulumi.export("plain", hidden)
pulumi.export("deep", {"inside": [hidden]})
""")
    for text in forms(review, verbose=True):
        assert ("hunter2" in text, "[secret]" in text) == (False, True)


def test_a_program_without_components_is_listed_by_resource_or_by_service(review_of: Review) -> None:
    few = review_of("aws.ec2.Vpc('v', cidr_block='10.0.0.0/16')\naws.sns.Topic('t')")
    assert sorted((row.name, row.summary) for row in few.rows) == [("t", ""), ("v", "")]
    many = review_of("for n in range(20): aws.ec2.Vpc(f'v{n}', cidr_block='10.0.0.0/16')")
    assert [(row.name, row.resources) for row in many.rows] == [("(aws ec2)", 20)]


def test_what_hides_in_an_apply_is_said(review_of: Review) -> None:
    vpc = "v = aws.ec2.Vpc('v', cidr_block='10.0.0.0/16')\n"
    review = review_of(f"{vpc}v.id.apply(lambda i: aws.ec2.Subnet('s', vpc_id=i))")
    assert (review.hidden, "s: declared inside an apply" in format_plain(review)) == (("s",), True)


def test_a_project_called_review_has_keys_of_its_own(write_project: Write) -> None:
    config = "config: {'aws:region': eu-west-1, colour: red}"
    project = write_project(HEAD, config=config, project="name: review\nruntime: python\n")
    assert report_of(project).project == "review"


def test_letters_that_nobody_sees_and_signs_of_formulas_are_marked() -> None:
    """Two names would look alike. A sign for a picture is one of its own."""
    for unseen in ("\u034f", "\ufe0f", "\u3164", "\u2800", "\u115f", "\U000e0100"):
        assert escape(f"web{unseen}") == "web\N{REPLACEMENT CHARACTER}"
    assert escape("\N{WARNING SIGN}\ufe0f \u00fc") == "\N{WARNING SIGN}\ufe0f \u00fc"
    span = "<span>$</span>"
    assert escape("x$ a$`b`$ $0.50 → $5") == f"x{span} a{span}\\`b\\`{span} $0.50 → $5"
