"""What a NAT instance runs: its firewall rules, kernel settings and check, put into one boot script."""

from ..compute.user_data import part, render, script_file


def boot_script(vpc_cidr: str, region: str, dns_suffix: str) -> str:
    """User data that makes Amazon Linux 2023 the NAT of `vpc_cidr`."""
    return render(
        "nat_instance.sh",
        {
            "VPC_CIDR": vpc_cidr,
            "PROBE_URL": f"https://ec2.{region}.{dns_suffix}/ping",
            "RULES": f"define vpc = {vpc_cidr}\n{part('nat_rules.nft')}",
            "KERNEL_SETTINGS": part("nat_kernel.conf"),
            "CHECK": script_file("nat_check.sh", {}),
            "CHECK_UNIT": part("nat_check.service"),
        },
    )
