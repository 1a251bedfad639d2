#!/bin/bash
# Installs Docker, fetches one image, runs it as a service for good and proves that it answers.

give_up() {
  trap - ERR
  say "the backend does not run: $1"
  exit 1
}
trap 'give_up "line $LINENO: $BASH_COMMAND"' ERR

if [[ -n "$DUAL_STACK" ]]; then
  use_dual_stack_names
  # By default containers have no IPv6. Docker 25 sets up ip6tables only with `experimental`. The range is one for
  # documentation, which nothing routes; the instance's address replaces it on the way out. With a private range (fd00::/8)
  # a container would try the IPv4 address of each name first (RFC 6724), and no IPv4 leaves this network.
  # https://docs.docker.com/engine/daemon/ipv6/#use-ipv6-for-the-default-bridge-network
  write /etc/docker/daemon.json \
    '{"ipv6": true, "fixed-cidr-v6": "2001:db8:6761::/64", "ip6tables": true, "experimental": true}'
fi

retry 10 30 hear install_packages docker ||
  give_up "Docker could not be installed: has the network a way to the Amazon Linux packages (network.egress)? $LAST_WORDS"
systemctl enable --now docker

pull() {
  if [[ -n "$REGISTRY" ]]; then
    # In a pipe, Docker's complaint about an empty password would be the last line, and not AWS's answer.
    local password
    password="$(aws ecr get-login-password --region "$REGISTRY_REGION")" || return 1
    docker login --username AWS --password-stdin "$REGISTRY" <<<"$password" || return 1
  fi
  timeout 600 docker pull "$IMAGE" && docker tag "$IMAGE" backend:current
}

load() {
  local loaded refusal
  refusal="$(mktemp)"
  # S3's answer comes last: Docker complains about a tarball that ends early.
  loaded="$(aws s3 cp "$IMAGE" - --region "$REGION" 2>"$refusal" | timeout 600 docker load)" || {
    cat "$refusal" >&2
    return 1
  }
  # "Loaded image: name:tag", or "Loaded image ID: sha256:..." for one that has no name
  docker tag "$(sed --quiet 's/^Loaded image[^:]*: //p' <<<"$loaded" | tail -n 1)" backend:current
}

# Words of Docker and of the AWS CLI after which no attempt succeeds: the image is not there, or not for this platform.
FINAL='manifest unknown|manifest for .* not found|no matching manifest|repository does not exist|name unknown'
FINAL+='|invalid reference format|NoSuchBucket|\(404\)'
# Words after which one may, because the permissions of a new role take effect within minutes.
DENIED='denied|unauthorized|no basic auth credentials|\(403\)'
# Words of registries whose limit is reached: https://docs.docker.com/docker-hub/usage/pulls/
LIMITED='toomanyrequests|too many requests|rate limit|rate exceeded'
# Words of a network without a way out.
UNREACHED='timeout|timed out|deadline exceeded|no such host|no route|unreachable|connection refused|could not (resolve|connect)'
refusals=0
LAST_WORDS=""

# fetch pull|load: one attempt. It ends the boot if further ones are in vain.
fetch() {
  local said status=0
  said="$("$1" 2>&1)" || status=$?
  printf '%s\n' "$said"
  if ((status == 0)); then return 0; fi
  LAST_WORDS="$(tail -n 1 <<<"$said")"
  if grep --quiet --extended-regexp "$DENIED" <<<"$said"; then refusals=$((refusals + 1)); fi
  if ((refusals >= 8)) || grep --quiet --extended-regexp "$FINAL" <<<"$said"; then
    give_up "$IMAGE cannot be fetched: $LAST_WORDS"
  fi
  return 1
}

# give_up_fetching <what could not be done> <what to check if nothing answered>
give_up_fetching() {
  if grep --quiet --ignore-case --extended-regexp "$LIMITED" <<<"$LAST_WORDS"; then
    give_up "$1: the registry's limit is reached; copy the image to ECR. $LAST_WORDS"
  elif [[ -z "$LAST_WORDS" ]] || grep --quiet --ignore-case --extended-regexp "$UNREACHED" <<<"$LAST_WORDS"; then
    give_up "$1: $2 $LAST_WORDS"
  fi
  give_up "$1: $LAST_WORDS"
}

# Half an hour: a NAT instance without CPU credits may need ten minutes to come up.
case "$IMAGE" in
s3://*) retry 60 30 fetch load || give_up_fetching "$IMAGE could not be loaded" "may the instance and the S3 endpoint read the bucket?" ;;
*) retry 60 30 fetch pull || give_up_fetching "$IMAGE could not be pulled" "has the network a way to its registry (network.egress)?" ;;
esac

for index in "${!FILES[@]}"; do
  write "/var/lib/backend${FILES[index]}" "${TEXTS[index]}" 755
done
write /usr/local/bin/backend "$START" 700
write /etc/systemd/system/backend.service "$UNIT"
systemctl daemon-reload
systemctl enable --now backend

answers() {
  # Any answer will do, so no --fail: whether it is the right one is for health checks.
  curl --silent --output /dev/null --max-time 3 "http://127.0.0.1:$PORT$HEALTH_CHECK_PATH"
}
if ! retry "$START_ATTEMPTS" 5 answers; then
  journalctl --unit=backend --lines=40 --no-pager || true
  give_up "nothing answers on port $PORT; if the container starts slowly, raise start_seconds (backend.startSeconds)"
fi
say "the backend answers on port $PORT"
