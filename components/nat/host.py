"""The boot script of a NAT instance: firewall rules, kernel settings and check."""

import ipaddress
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from ..user_data import read_part, render, render_script

_NAMESPACE: Final = "Gatehouse/NAT"


@dataclass(frozen=True)
class Addresses:
    """Whom the check of a NAT instance calls."""

    probes: Sequence[str]
    """URLs on the internet of which one must answer."""
    ec2: str
    cloudwatch: str


def list_service_addresses(region: str, dns_suffix: str) -> Addresses:
    """Two of AWS's services for probes, so that an outage of one does not look like a NAT that fails."""
    ec2 = f"https://ec2.{region}.{dns_suffix}"
    return Addresses(
        (f"{ec2}/ping", f"https://s3.{region}.{dns_suffix}/"), ec2, f"https://monitoring.{region}.{dns_suffix}"
    )


def name_metric_namespace(interface_id: str) -> str:
    """Returns the namespace of the metric `Works` of the NAT instance at an interface.

    Permission to put metrics can be limited only by namespace, so each has one of its own. The interface outlives
    instances and names of stacks, and no other stack has it.
    """
    return f"{_NAMESPACE}/{interface_id}"


def build_boot_script(vpc_cidr: str, region: str, addresses: Addresses) -> str:
    """User data that makes Amazon Linux 2023 the NAT of `vpc_cidr`."""
    return render(
        "nat_instance.sh",
        {
            "VPC_CIDR": vpc_cidr,
            "RULES": f"define vpc = {vpc_cidr}\n{read_part('nat_rules.nft')}",
            "KERNEL_SETTINGS": read_part("nat_kernel.conf"),
            "CHECK": build_check_script(vpc_cidr, region, addresses),
            "CHECK_UNIT": read_part("nat_check.service"),
            "CHECK_TIMER": read_part("nat_check.timer"),
            "BOOT_UNIT": read_part("nat_boot.service"),
        },
    )


def build_check_script(vpc_cidr: str, region: str, addresses: Addresses) -> str:
    """Returns the check that runs each minute."""
    return render_script(
        "nat_check.sh",
        {
            "CLIENT_ADDRESS": str(ipaddress.IPv4Network(vpc_cidr).broadcast_address),
            "REGION": region,
            "NAMESPACE": _NAMESPACE,
            "PROBE_URLS": addresses.probes,
            "EC2_URL": addresses.ec2,
            "METRICS_URL": addresses.cloudwatch,
        },
    )
