#!/bin/bash
# Keeps what the boot script prints, and sends it to CloudWatch Logs at the end, where it outlives the instance.
BOOT_LOG="$ROOT/var/log/gatehouse-boot.log"
INSTANCE="$(<"$ROOT/var/lib/cloud/data/instance-id")"

# The last lines say how the boot ended, and the longest of them fit one batch: 10,000 events and 1 MiB, of which each
# event costs 26 bytes besides its text.
# https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_PutLogEvents.html
lines_as_events() {
  python3 - "$BOOT_LOG" <<'PROGRAM'
import json, sys, time
lines = [line[:500] for line in open(sys.argv[1], errors="replace").read().splitlines() if line.strip()][-500:]
first = int(time.time() * 1000) - len(lines)
print(json.dumps([{"timestamp": first + index, "message": line} for index, line in enumerate(lines)]))
PROGRAM
}

put_events() {
  local -a stream=(--region "$REGION" --log-group-name "$LOG_GROUP" --log-stream-name "$INSTANCE/boot")
  local -a limits=(--cli-connect-timeout 10 --cli-read-timeout 20)
  timeout 60 aws logs create-log-stream "${stream[@]}" "${limits[@]}" || true
  timeout 60 aws logs put-log-events "${stream[@]}" "${limits[@]}" --log-events "file://$BOOT_LOG.json" >/dev/null
}

send_boot_log() {
  local status=$?
  trap - ERR
  # From here on only the console has the output.
  exec >&3 2>&4
  wait "$WRITER" || true
  lines_as_events >"$BOOT_LOG.json" || true
  # The permissions of a new role take effect within minutes.
  retry 5 20 hear put_events || say "the boot log could not be sent to $LOG_GROUP${LAST_WORDS:+: $LAST_WORDS}"
  exit "$status"
}

install -D --mode=600 /dev/null "$BOOT_LOG"
exec 3>&1 4>&2 > >(tee "$BOOT_LOG") 2>&1
WRITER=$!
trap send_boot_log EXIT

if [[ -n "$DUAL_STACK" ]]; then
  # Docker's daemon sends the container's log, by the names that have IPv6 addresses.
  write /etc/systemd/system/docker.service.d/dual-stack.conf $'[Service]\nEnvironment=AWS_USE_DUALSTACK_ENDPOINT=true'
fi
