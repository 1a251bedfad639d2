#!/usr/bin/env bash
# Puts Gatehouse into an environment of its own, for action.yml: its command does the rest.
set -euo pipefail

home=$RUNNER_TEMP/gatehouse lock=$GITHUB_ACTION_PATH/requirements.lock
# Every Python is isolated (-I): the current folder is the checkout, whose modules it would import.
python3 -I -m venv "$home"
sed -n '/^uv==/,/[^\\]$/p' "$lock" | "$home/bin/pip" --quiet --disable-pip-version-check install --require-hashes --only-binary :all: --requirement /dev/stdin
uv=("$home/bin/uv" pip install --quiet --no-config --system-certs --python "$home/bin/python")
"${uv[@]}" --require-hashes --only-binary :all: --requirement "$GITHUB_ACTION_PATH/review/requirements.txt" --constraint "$lock"
"${uv[@]}" --offline --no-deps --no-build-isolation "$GITHUB_ACTION_PATH/review"
