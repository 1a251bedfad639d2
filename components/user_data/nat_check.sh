#!/bin/bash
# Sends a request out as the machines of the VPC do: from an address of the VPC, through this machine's forwarding and
# translation. Mends what it can, and reports a metric: 1 if the way is open, 0 if not. Without an address of its own
# the machine cannot report, and the alarm takes that for 0.
#
# It powers the machine off only where a restart may help: while the machine itself reaches the internet and yet, several
# times running, lets nobody through. What lies outside (a lost address, an outage of AWS) only shows in the metric.
set -uo pipefail

ROOT="${GATEHOUSE_ROOT:-}"
METADATA=http://169.254.169.254/latest
FAILURES="$ROOT/run/nat-check.failures"
MOST_FAILURES=5
# 320 bytes each and more: 256k entries take a fifth of a t4g.nano's memory.
MOST_CONNECTIONS=262144

say() {
  echo "gatehouse: $*"
}

metadata() {
  curl --silent --fail --max-time 2 --header "X-aws-ec2-metadata-token: $token" "$METADATA/meta-data/$1"
}

# call <service> <url> <parameters...>; the key reaches curl by its input, since command lines can be seen.
call() {
  local service="$1" url="$2" parameter
  local -a data=()
  shift 2
  for parameter in "$@"; do
    data+=(--data-urlencode "$parameter")
  done
  curl --silent --show-error --fail --max-time 5 "${data[@]}" --config - "$url" <<CONFIG
user = "$(field AccessKeyId):$(field SecretAccessKey)"
header = "x-amz-security-token: $(field Token)"
aws-sigv4 = "aws:amz:$REGION:$service"
CONFIG
}

field() {
  sed --quiet "s/.*\"$1\" *: *\"\([^\"]*\)\".*/\1/p" <<<"$credentials"
}

# The last address of the VPC's range, which AWS gives to no machine, in a network namespace.
make_client() {
  ip link delete nat-check 2>/dev/null
  ip netns delete nat-check 2>/dev/null
  ip netns add nat-check &&
    ip link add nat-check type veth peer name client netns nat-check &&
    ip address add 192.0.0.8/32 dev nat-check &&
    ip link set nat-check up &&
    ip route add "$CLIENT_ADDRESS/32" dev nat-check &&
    ip -n nat-check address add "$CLIENT_ADDRESS/32" dev client &&
    ip -n nat-check link set client up &&
    ip -n nat-check route add 192.0.0.8/32 dev client &&
    ip -n nat-check route add default via 192.0.0.8
}

# reaches_internet [prefix of the command...]; any answer of any probe will do.
reaches_internet() {
  local url host address
  for url in "${PROBE_URLS[@]}"; do
    host="${url#*://}"
    host="${host%%[:/]*}"
    # The namespace has no resolver.
    read -r address _ < <(getent ahostsv4 "$host") || continue
    "$@" curl --silent --output /dev/null --max-time 3 --connect-to "::$address:" "$url" && return 0
  done
  return 1
}

lets_through() {
  reaches_internet ip netns exec nat-check
}

translates() {
  [[ "$(sysctl --values net.ipv4.ip_forward)" == 1 ]] && nft list chain ip nat postrouting 2>/dev/null | grep --quiet masquerade
}

load_rules() {
  say "loading the NAT's rules and kernel settings"
  nft --file "$ROOT/etc/nat.nft"
  sysctl --quiet --ignore --load="$ROOT/etc/sysctl.d/90-nat.conf"
}

source_check_is_on() {
  call ec2 "$EC2_URL" Action=DescribeNetworkInterfaceAttribute Version=2016-11-15 Attribute=sourceDestCheck \
    "NetworkInterfaceId=$interface" | tr --delete '[:space:]' | grep --quiet '<sourceDestCheck><value>true'
}

# A full table drops what is new and keeps what is old.
has_room() {
  local used most
  used="$(sysctl --values net.netfilter.nf_conntrack_count)" && most="$(sysctl --values net.netfilter.nf_conntrack_max)" ||
    return 0
  ((used * 10 >= most * 9)) || return 0
  ((most = most * 2 < MOST_CONNECTIONS ? most * 2 : MOST_CONNECTIONS))
  say "$used connections: there is room for $most now"
  sysctl --quiet --write "net.netfilter.nf_conntrack_max=$most"
  ((used * 10 < most * 9))
}

report() {
  call monitoring "$METRICS_URL" Action=PutMetricData Version=2010-08-01 "Namespace=$NAMESPACE/$interface" \
    MetricData.member.1.MetricName=Works "MetricData.member.1.Value=$1" >/dev/null || say "the metric could not be sent"
}

end() {
  report "$1"
  (($1 == 1))
  exit
}

# --- what the metadata service tells of this machine
token="$(curl --silent --fail --max-time 2 --request PUT --header 'X-aws-ec2-metadata-token-ttl-seconds: 60' "$METADATA/api/token")"
interface="$(metadata "network/interfaces/macs/$(metadata mac)/interface-id")"
credentials="$(metadata "iam/security-credentials/$(metadata iam/security-credentials/)")"

# --- the way through
translates || load_rules
ip netns exec nat-check true 2>/dev/null || make_client
if ! reaches_internet env; then
  if [[ -z "$(ip route show default)" ]]; then
    say "there is no default route: asking for the addresses and routes again"
    systemctl restart systemd-networkd
  fi
  metadata public-ipv4 >/dev/null || say "the interface has no public address: pulumi up --refresh puts it back"
  reaches_internet env || {
    say "this machine does not reach the internet"
    end 0
  }
fi
if ! lets_through; then
  load_rules
  make_client
  lets_through || {
    failures="$(($(cat "$FAILURES" 2>/dev/null || echo 0) + 1))"
    echo "$failures" >"$FAILURES"
    say "nothing gets through: failure $failures of $MOST_FAILURES"
    if ((failures >= MOST_FAILURES)); then
      report 0
      say "switching off, since a restart may help"
      systemctl poweroff
      exit 1
    fi
    end 0
  }
fi
rm --force "$FAILURES"

# --- what this machine cannot see in its own packets
if source_check_is_on; then
  say "the interface's source/destination check is on: turning it off"
  call ec2 "$EC2_URL" Action=ModifyNetworkInterfaceAttribute Version=2016-11-15 SourceDestCheck.Value=false \
    "NetworkInterfaceId=$interface" >/dev/null || end 0
fi
has_room || end 0
end 1
