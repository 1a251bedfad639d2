#!/bin/bash
# Succeeds when this machine forwards packets and translates their addresses.
set -euo pipefail

[[ "$(sysctl --values net.ipv4.ip_forward)" == 1 ]]
nft list chain ip nat postrouting | grep --quiet masquerade
