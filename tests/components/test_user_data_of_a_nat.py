"""The boot script of a NAT: right when all goes well, and loud when something does not."""

from pathlib import Path

import pytest

from tests.components.boot import boot, failing, printing
from tests.components.test_user_data import NAT

pytestmark = pytest.mark.slow


# A first boot: no packages yet, and nothing gets through until the rules are loaded.
NAT_BOOTS = {"rpm": "exit 1"}


CHECK = "systemctl start nat-check.service"


def check_failing(times: int) -> dict[str, str]:
    """The first checks of a boot find nothing open."""
    return {"systemctl": f'if [[ "$*" == "start nat-check.service" ]]; then {failing(times)} fi'}


def test_a_nat_installs_its_check_and_proves_that_it_translates(tmp_path: Path) -> None:
    booted = boot(tmp_path, NAT, NAT_BOOTS)
    assert booted.status == 0, booted.console
    assert "the NAT works for 10.0.0.0/16" in booted.console
    rules = booted.file("/etc/nat.nft")
    assert "define vpc = 10.0.0.0/16" in rules
    assert "ip saddr $vpc ip daddr != $vpc masquerade" in rules
    assert "oif" not in rules
    assert "net.ipv4.ip_forward = 1" in booted.file("/etc/sysctl.d/90-nat.conf")
    assert "CLIENT_ADDRESS=10.0.255.255\n" in booted.file("/usr/local/sbin/nat-check")
    order = ["dnf install", CHECK, "systemctl start nat-check.timer", "systemctl enable --now amazon-ssm-agent"]
    positions = [booted.calls.index(booted.called(step)[0]) for step in order]
    assert positions == sorted(positions)
    assert not booted.called("systemctl poweroff")


def test_a_nat_runs_its_script_again_at_each_boot_and_needs_no_repositories_then(tmp_path: Path) -> None:
    first = boot(tmp_path / "first", NAT, NAT_BOOTS)
    assert "systemctl enable nat-boot" in first.calls
    assert "FailureAction=poweroff" in first.file("/etc/systemd/system/nat-boot.service")
    again = boot(tmp_path / "second", first.file("/usr/local/sbin/nat-boot"))
    assert again.status == 0, again.console
    assert "the NAT works for 10.0.0.0/16" in again.console
    assert not again.called("dnf")
    assert again.called(CHECK)


def test_a_nat_waits_for_its_packages_and_its_address(tmp_path: Path) -> None:
    booted = boot(tmp_path, NAT, {"rpm": "exit 1", "dnf": failing(3)} | check_failing(5))
    assert booted.status == 0, booted.console
    assert len(booted.called(CHECK)) == 6
    assert "attempt 3 of 10 failed: install_packages nftables iproute" in booted.console


@pytest.mark.parametrize(
    ("answers", "reason"),
    [
        ({"dnf": "exit 1"}, "nftables could not be installed"),
        (check_failing(100), "nothing gets through"),
        ({"systemctl": '[[ "$*" != "enable nat-boot" ]]'}, "systemctl enable nat-boot"),
    ],
)
def test_a_nat_that_does_not_work_is_switched_off(answers: dict[str, str], reason: str, tmp_path: Path) -> None:
    booted = boot(tmp_path, NAT, NAT_BOOTS | answers)
    assert booted.status != 0
    assert reason in booted.console.partition("the NAT does not work: ")[2]
    assert booted.calls[-1] == "systemctl poweroff"


def test_swap_is_added_only_where_there_is_none_and_a_nat_works_without(tmp_path: Path) -> None:
    assert boot(tmp_path / "without", NAT, NAT_BOOTS).called("mkswap")
    zram = boot(tmp_path / "with", NAT, NAT_BOOTS | {"swapon": printing("/dev/zram0 partition 450M 0B 100")})
    assert not zram.called("mkswap")
    without = boot(tmp_path, NAT, NAT_BOOTS | {"mkswap": "exit 1", "dnf": '[[ "$*" != *amazon-ssm-agent* ]]'})
    assert without.status == 0, without.console
    assert "there is no swap" in without.console
    # Nor does it need a way in.
    assert "nobody can log in" in without.console
    assert not without.called("swapon /") + without.called("systemctl poweroff")
