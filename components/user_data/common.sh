#!/bin/bash
# What the boot scripts share. Their output reaches the instance's console, which EC2 shows without any network.
set -Eeuo pipefail

# Tests set it to keep the scripts off their own machine.
ROOT="${GATEHOUSE_ROOT:-}"

say() {
  echo "gatehouse: $*"
}

# retry <attempts> <seconds between> <command...>
retry() {
  local attempts="$1" pause="$2" attempt words
  shift 2
  words="$*"
  for ((attempt = 1; attempt <= attempts; attempt++)); do
    if "$@"; then
      return 0
    fi
    say "attempt $attempt of $attempts failed: ${words#hear }"
    if ((attempt < attempts)); then
      sleep "$pause"
    fi
  done
  return 1
}

# hear <command...>: runs it, and keeps the last line that it writes in LAST_WORDS.
# shellcheck disable=SC2034 # the scripts that follow read it
LAST_WORDS=""
hear() {
  local said status=0
  said="$("$@" 2>&1)" || status=$?
  if [[ -n "$said" ]]; then printf '%s\n' "$said"; fi
  # shellcheck disable=SC2034 # as above
  LAST_WORDS="$(tail -n 1 <<<"$said")"
  return "$status"
}

# write <path> <text> [mode]
write() {
  install -D --mode="${3:-644}" /dev/null "$ROOT$1"
  printf '%s\n' "$2" >"$ROOT$1"
}

# For a network that leads out over IPv6 alone: this script, and Session Manager's agent (3.3.3270 and later), call AWS by the
# names that have IPv6 addresses.
use_dual_stack_names() {
  export AWS_USE_DUALSTACK_ENDPOINT=true
  write /etc/amazon/ssm/amazon-ssm-agent.json '{"Agent": {"UseDualStackEndpoint": true}}'
  systemctl restart amazon-ssm-agent || say "Session Manager's agent did not restart"
}

# The timeouts matter where a network has no way to the repositories: dnf would wait for minutes on each mirror.
install_packages() {
  timeout 600 dnf install --assumeyes --setopt=timeout=20 --setopt=retries=2 --setopt=install_weak_deps=False "$@"
}
