"""What each way out reaches, and what to add when it does not."""

import itertools

import pytest

from components.facts.egress_modes import (
    EGRESS_MODES,
    NAT_GATEWAY,
    NAT_INSTANCE,
    OVER_IPV4,
    Need,
    can_reach,
    check,
    find_ipv4_carrier,
    suggest_egress,
)

OTHERS = [mode for mode in EGRESS_MODES if mode != "s3-packages"]
COMBINATIONS: list[list[str]] = [
    *([*modes] for count in range(5) for modes in itertools.combinations(OTHERS, count)),
    ["s3-packages"],
]
IPV4 = {Need.PARAMETERS, Need.PARAMETERS_OVER_IPV4}
SESSIONS = {Need.SESSION_MANAGER, Need.SESSION_MANAGER_OVER_IPV4}


@pytest.mark.parametrize(
    ("egress", "want"),
    [
        (["nat-instnce"], "did you mean 'nat-instance'"),
        (["internet"], "the modes are s3-packages, ipv6, nat-instance, nat-gateway"),
        (["ipv6", "ipv6"], "listed twice"),
        (["s3-packages", "nat-instance"], "with nat-instance leave it off"),
    ],
)
def test_other_lists_are_refused_with_what_to_do(egress: list[str], want: str) -> None:
    with pytest.raises(ValueError, match=want):
        check(egress)


def test_the_gateway_carries_while_both_kinds_of_nat_stand() -> None:
    assert find_ipv4_carrier([]) is find_ipv4_carrier(["ipv6"]) is find_ipv4_carrier(["s3-packages"]) is None
    assert find_ipv4_carrier(["nat-instance", "ipv6"]) == NAT_INSTANCE
    assert find_ipv4_carrier(["nat-instance", "nat-gateway"]) == NAT_GATEWAY


@pytest.mark.parametrize(
    ("egress", "endpoints", "reached"),
    [
        ([], [], set()),
        (["s3-packages"], [], {Need.PACKAGES, Need.GATEWAY_ENDPOINT}),
        (["ipv6"], [], set(Need) - {Need.INTERNET, *OVER_IPV4.values()}),
        (["nat-instance"], [], set(Need)),
        (["nat-gateway"], [], set(Need)),
        ([], ["ssm"], IPV4),
        ([], ["ssm", "ssmmessages"], IPV4 | SESSIONS),
        (
            ["s3-packages"],
            ["ecr.api", "ecr.dkr", "logs"],
            {
                Need.PACKAGES,
                Need.GATEWAY_ENDPOINT,
                Need.ECR_IMAGE,
                Need.ECR_IMAGE_OVER_IPV4,
                Need.LOGS,
                Need.LOGS_OVER_IPV4,
            },
        ),
        ([], ["ecr.dkr"], set()),
    ],
)
def test_what_a_network_reaches(egress: list[str], endpoints: list[str], reached: set[Need]) -> None:
    assert {need for need in Need if can_reach(egress, endpoints, need)} == reached


FREE, PAID = "network.egress: [ipv6] (free), network.egress: [nat-instance]", "network.egress: [nat-gateway]"


@pytest.mark.parametrize(
    ("egress", "endpoints", "need", "want"),
    [
        (["nat-instance"], [], Need.INTERNET, ""),
        ([], [], Need.PACKAGES, f"network.egress: [s3-packages] (free), {FREE}, {PAID}"),
        (["s3-packages"], ["ecr.api"], Need.ECR_IMAGE, f"{FREE}, network.endpoints with ecr.dkr added, {PAID}"),
        (["ipv6"], [], Need.PUBLIC_IMAGE, "network.egress: [ipv6, nat-instance], network.egress: [ipv6, nat-gateway]"),
    ],
)
def test_the_remedy_names_the_cheapest_first(egress: list[str], endpoints: list[str], need: Need, want: str) -> None:
    assert suggest_egress(egress, endpoints, need).removeprefix("cheapest first: ") == want


@pytest.mark.parametrize("egress", COMBINATIONS, ids=" ".join)
def test_every_combination_is_taken_and_every_remedy_is_one_that_serves(egress: list[str]) -> None:
    check(egress)
    for need in Need:
        text = suggest_egress(egress, [], need)
        offered = [part.partition("]")[0].split(", ") for part in text.split("network.egress: [")[1:]]
        assert bool(offered) == (not can_reach(egress, [], need))
        for ways in offered:
            check(ways)
            assert can_reach(ways, [], need)
