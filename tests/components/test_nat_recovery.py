"""The NAT instance's own scripts between real network namespaces: what they notice, what they mend, and what not."""

from collections.abc import Iterator

import pytest

from tests.components.nat_network import ELASTIC, NatNetwork, missing, nat_network

WORKS = ["Gatehouse/NAT/eni-0123456789abcdef0 Works 1"]
FAILS = ["Gatehouse/NAT/eni-0123456789abcdef0 Works 0"]

lacking = missing()
pytestmark = [pytest.mark.slow, pytest.mark.skipif(bool(lacking), reason=lacking), pytest.mark.xdist_group("nat")]


@pytest.fixture(scope="module")
def booted(tmp_path_factory: pytest.TempPathFactory) -> Iterator[NatNetwork]:
    with nat_network(tmp_path_factory.mktemp("nat")) as made:
        yield made


@pytest.fixture
def network(booted: NatNetwork) -> NatNetwork:
    """A network whose NAT works, from its first boot."""
    booted.restore()
    first = booted.boot()
    assert first.status == 0, first.console
    assert booted.seen_by_the_site() == ELASTIC
    return booted


def test_a_check_of_a_sound_nat_reports_and_changes_nothing(network: NatNetwork) -> None:
    rules = network.run("nft", "list", "ruleset")
    checked = network.check()
    # Not the console: on a busy machine a probe may take too long, and the rules are loaded again.
    assert (checked.status, checked.metrics) == (0, WORKS), checked.console
    assert network.run("nft", "list", "ruleset") == rules
    assert network.seen_by_the_site() == ELASTIC


@pytest.mark.parametrize(
    "damage",
    [
        "nft flush ruleset",
        "nft delete chain ip nat postrouting",
        "sysctl --quiet --write net.ipv4.ip_forward=0",
        "nft 'add table ip other; add chain ip other drops { type filter hook forward priority 0; policy drop; }'",
        "ip netns delete nat-check",
    ],
)
def test_a_check_repairs_rules_and_kernel_settings(damage: str, network: NatNetwork) -> None:
    network.run("/bin/bash", "-c", damage)
    checked = network.check()
    assert (checked.status, checked.metrics) == (0, WORKS), checked.console
    assert network.seen_by_the_site() == ELASTIC


def test_a_check_turns_the_source_destination_check_off(network: NatNetwork) -> None:
    network.source_check(on=True)
    assert network.seen_by_the_site() == ""
    checked = network.check()
    assert (checked.status, checked.metrics) == (0, WORKS), checked.console
    assert "source/destination check is on: turning it off" in checked.console
    assert network.seen_by_the_site() == ELASTIC


def test_a_lost_address_is_said_and_powers_nothing_off(network: NatNetwork) -> None:
    network.address(associated=False)
    for _ in range(6):
        checked = network.check()
        assert checked.status == 1
        assert checked.metrics == []
        assert "no public address: pulumi up --refresh puts it back" in checked.console
        assert not checked.powered_off
    network.address(associated=True)
    assert network.check().metrics == WORKS
    assert network.seen_by_the_site() == ELASTIC


def test_a_nat_that_cannot_be_repaired_powers_off_at_the_fifth_check(network: NatNetwork) -> None:
    (network.folder / "disk/etc/nat.nft").write_text("table ip nat { chain postrouting { } }\n")
    network.run("nft", "flush", "ruleset")
    for _ in range(4):
        checked = network.check()
        assert (checked.metrics, checked.powered_off) == (FAILS, False), checked.console
    last = network.check()
    assert (last.metrics, last.powered_off) == (FAILS, True), last.console


def test_failures_count_only_if_they_follow_one_another(network: NatNetwork) -> None:
    rules = network.folder / "disk/etc/nat.nft"
    for text in (*["table ip nat { }\n"] * 4, rules.read_text(), "table ip nat { }\n"):
        rules.write_text(text)
        network.run("nft", "flush", "ruleset")
        assert not network.check().powered_off


def test_a_later_boot_needs_neither_cloud_init_nor_repositories(network: NatNetwork) -> None:
    booted = network.boot_again()
    assert booted.status == 0, booted.console
    assert "systemctl start nat-check.timer" in booted.calls
    assert network.seen_by_the_site() == ELASTIC


def test_a_later_boot_whose_rules_cannot_be_loaded_powers_off(network: NatNetwork) -> None:
    nft = network.folder / "bin/nft"
    nft.write_text("#!/bin/sh\nexit 1\n")
    nft.chmod(0o755)
    booted = network.boot_again()
    assert booted.powered_off, booted.console
    assert "nothing gets through: failure 5 of 5" in booted.console


def test_a_full_connection_table_gets_room_once_and_is_reported_when_there_is_no_more(network: NatNetwork) -> None:
    sysctl = network.folder / "bin/sysctl"
    state = network.folder / "most"
    state.write_text("200000")
    sysctl.write_text(
        f"""#!/bin/bash
case "$*" in
*nf_conntrack_count) echo 250000 ;;
"--values net.netfilter.nf_conntrack_max") cat {state} ;;
*nf_conntrack_max=*) value="${{@: -1}}"; echo "${{value#*=}}" >{state} ;;
*) /usr/sbin/sysctl "$@" ;;
esac
"""
    )
    sysctl.chmod(0o755)
    checked = network.check()
    assert state.read_text().strip() == "262144"
    assert (checked.metrics, checked.powered_off) == (FAILS, False)
