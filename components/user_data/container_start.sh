#!/bin/bash
# Runs the container in the foreground. Secrets are read at each start and go from memory to memory: they are in no file,
# no command line and no user data.
set -euo pipefail

if [[ -n "$DUAL_STACK" ]]; then
  export AWS_USE_DUALSTACK_ENDPOINT=true
fi

read_secret() {
  case "$1" in
  arn:*:ssm:*)
    aws ssm get-parameter --region "$REGION" --name "$1" --with-decryption --query Parameter.Value --output text
    ;;
  *)
    aws secretsmanager get-secret-value --region "$REGION" --secret-id "$1" --query SecretString --output text
    ;;
  esac
}

# The unit's journal has the container's output already, since docker runs in the foreground.
arguments=(run --rm --name backend --publish "$PORT:$CONTAINER_PORT" --log-driver none
  --security-opt no-new-privileges)
# The container's SDKs of AWS take the names with IPv6 addresses as well, unless its own environment says otherwise.
if [[ -n "$DUAL_STACK" ]]; then
  arguments+=(--env AWS_USE_DUALSTACK_ENDPOINT=true)
fi
arguments+=("${ENVIRONMENT[@]}")

for file in "${FILES[@]}"; do
  arguments+=(--volume "/var/lib/backend$file:$file:ro")
done

declare -A secrets
for index in "${!SECRET_NAMES[@]}"; do
  secrets["${SECRET_NAMES[index]}"]="$(read_secret "${SECRET_ARNS[index]}")"
  arguments+=(--env "${SECRET_NAMES[index]}")
done
# Last, so that no secret can stand in for a variable that this script or the AWS command line reads.
for name in "${!secrets[@]}"; do
  export "$name=${secrets[$name]}"
done
exec docker "${arguments[@]}" backend:current "${COMMAND[@]}"
