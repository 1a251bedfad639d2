#!/bin/bash
# Makes Amazon Linux 2023 translate the VPC's addresses to its own, and proves it. A NAT that does not work looks well to
# EC2's status checks, so it is switched off: then the alarm on those checks rings.

give_up() {
  trap - ERR
  say "the NAT does not work: $1; switching off"
  systemctl poweroff
  exit 1
}
trap 'give_up "line $LINENO: $BASH_COMMAND"' ERR

add_swap() {
  fallocate --length 256MiB "$ROOT/swap" && chmod 600 "$ROOT/swap" && mkswap "$ROOT/swap" && swapon "$ROOT/swap"
}
# dnf's metadata alone can fill the 512 MiB of a nano, though mostly it fits.
if [[ -z "$(swapon --noheadings)" ]] && ! add_swap; then
  say "there is no swap; installing packages may run out of memory"
fi

retry 10 30 install_packages nftables || give_up "nftables could not be installed"

write /etc/sysctl.d/90-nat.conf "$KERNEL_SETTINGS"
# No rule names an interface: names differ between images, and a rule with a wrong one fails silently.
write /etc/sysconfig/nftables.conf "$RULES"
write /usr/local/sbin/nat-check "$CHECK" 755
write /etc/systemd/system/nat-check.service "$CHECK_UNIT"

systemctl daemon-reload
systemctl enable --now nftables
systemctl enable --now nat-check || give_up "its rules are not in force"

reaches_internet() {
  # Any answer will do, so no --fail.
  curl --silent --output /dev/null --max-time 5 "$PROBE_URL"
}
retry 24 5 reaches_internet || give_up "the internet does not answer: has the interface its public address?"
say "the NAT works for $VPC_CIDR"

# The way in for a person. The NAT does its work without it.
if retry 5 30 install_packages amazon-ssm-agent; then
  systemctl enable --now amazon-ssm-agent
else
  say "Session Manager's agent could not be installed; nobody can log in"
fi
