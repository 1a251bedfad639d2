"""What a call needs, in words: also whom a protection passes over."""

from review.reach.words import describe_needs


def test_a_firewall_names_whom_and_what_it_passes() -> None:
    firewall = {"requestsPerFiveMinutes": 2000, "rules": {"ip-reputation": True}}
    allow = {"allow": {"203.0.113.0/24": True}, "largeBodies": True}
    strict, loose = (describe_needs({"firewall": each}, "", str)[0].full for each in (firewall, {**firewall, **allow}))
    assert strict == "WAF: blocks over 2,000 in 5 minutes by address and applies the rules ip-reputation"
    assert loose == f"{strict}, passes large bodies, none of it for 203.0.113.0/24"
