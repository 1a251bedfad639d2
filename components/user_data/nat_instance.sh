#!/bin/bash
# Makes Amazon Linux 2023 translate the VPC's addresses to its own, and proves it. A NAT that does not work looks well to
# EC2's status checks, so it is switched off, and started again from outside. cloud-init runs this at the first boot; at
# each later one a unit does.

give_up() {
  trap - ERR
  say "the NAT does not work: $1; switching off"
  systemctl poweroff
  exit 1
}
trap 'give_up "line $LINENO: $BASH_COMMAND"' ERR

if [[ "$0" != "$ROOT/usr/local/sbin/nat-boot" ]]; then
  install -D --mode=700 "$0" "$ROOT/usr/local/sbin/nat-boot"
  write /etc/systemd/system/nat-boot.service "$BOOT_UNIT"
  systemctl enable nat-boot
fi

add_swap() {
  fallocate --length 256MiB "$ROOT/swap" && chmod 600 "$ROOT/swap" && mkswap "$ROOT/swap" && swapon "$ROOT/swap"
}
# dnf's metadata alone can fill the 512 MiB of a nano, though mostly it fits.
if [[ -z "$(swapon --noheadings)" ]] && ! add_swap; then
  say "there is no swap; installing packages may run out of memory"
fi

has_packages() {
  rpm --query --quiet "$@"
}

# A later boot needs no repositories.
has_packages nftables iproute || retry 10 30 hear install_packages nftables iproute ||
  give_up "nftables could not be installed: $LAST_WORDS"

write /etc/sysctl.d/90-nat.conf "$KERNEL_SETTINGS"
# No rule names an interface: names differ between images, and a rule with a wrong one fails silently.
write /etc/nat.nft "$RULES"
write /usr/local/sbin/nat-check "$CHECK" 755
write /etc/systemd/system/nat-check.service "$CHECK_UNIT"
write /etc/systemd/system/nat-check.timer "$CHECK_TIMER"
systemctl daemon-reload

# systemctl itself only says where the check's words are.
retry 24 5 systemctl start nat-check.service ||
  give_up "nothing gets through: has the interface its public address?$(journalctl --unit=nat-check --lines=20 --output=cat |
    sed --quiet 's/^gatehouse:/ The check says:/p' | tail -n 1)"
systemctl start nat-check.timer
say "the NAT works for $VPC_CIDR"

# The way in for a person. The NAT does its work without it.
if has_packages amazon-ssm-agent || retry 5 30 hear install_packages amazon-ssm-agent; then
  systemctl enable --now amazon-ssm-agent
else
  say "Session Manager's agent could not be installed; nobody can log in. $LAST_WORDS"
fi
