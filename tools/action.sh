#!/usr/bin/env bash
# The steps of action.yml: `install` puts Gatehouse into an environment of its own, `review` writes the report.
set -euo pipefail

home=$RUNNER_TEMP/gatehouse report=$RUNNER_TEMP/review.md comment=$RUNNER_TEMP/comment.md plan=$RUNNER_TEMP/plan.json
# Where the list of rules is that findings lead to.
documents=${GITHUB_ACTION_REPOSITORY:+$GITHUB_SERVER_URL/$GITHUB_ACTION_REPOSITORY/blob/$GITHUB_ACTION_REF}

# For code that a pull request brings along: no token, none of the job's files, nothing else that the job knows.
alone() { env -i PATH="$PATH" HOME="$RUNNER_TEMP" LANG=C.UTF-8 GATEHOUSE_DOCUMENTS="$documents" "$@"; }

# Every Python is isolated (-I): the current folder is the checkout, whose modules it would import.
install() {
  python3 -I -m venv "$home"
  local lock=$GITHUB_ACTION_PATH/requirements.lock
  sed -n '/^uv==/,/[^\\]$/p' "$lock" | "$home/bin/pip" --quiet --disable-pip-version-check install --require-hashes --only-binary :all: --requirement /dev/stdin
  local uv=("$home/bin/uv" pip install --quiet --no-config --system-certs --python "$home/bin/python")
  "${uv[@]}" --require-hashes --only-binary :all: --requirement "$GITHUB_ACTION_PATH/review/requirements.txt" --constraint "$lock"
  "${uv[@]}" --offline --no-deps --no-build-isolation "$GITHUB_ACTION_PATH/review"
  # A link to nowhere would let the environment be made there.
  if [ ! -e "$PROJECT/venv" ] && [ ! -e "$PROJECT/.venv" ] && [ ! -L "$PROJECT/.venv" ] && [ -f "$PROJECT/requirements.txt" ]; then
    alone python3 -I -m venv "$PROJECT/.venv"
    local locked=()
    [ ! -f "$PROJECT/requirements.lock" ] || locked=(--constraint "$PROJECT/requirements.lock")
    alone "$home/bin/uv" pip install --quiet --system-certs --python "$PROJECT/.venv/bin/python" \
      --requirement "$PROJECT/requirements.txt" "${locked[@]}"
  fi
}

# Shows text that a pull request's code may have written: lines of it would be commands to the job, such as "::error::".
shown() {
  local word
  word=$(python3 -I -c 'import secrets; print(secrets.token_hex(16))')
  { echo "::stop-commands::$word"; cat; echo; echo "::$word::"; } >&2
}

# Puts the stacks that a pull request changes into `stacks`: those of its stack files, and none of them for all, if it
# changes or deletes anything else but documents, or if git cannot tell. A program may take code from folders beside its
# own: a change there is one of all stacks, and `beside` is set if nothing in the project's folder changes. Fails if no
# stack changed.
changed() {
  local path prefix inside=no listed=$RUNNER_TEMP/changed some=()
  prefix=$(git -C "$PROJECT" rev-parse --show-prefix) || return 0
  git -C "$PROJECT" diff --merge-base --name-only -z "$AGAINST" -- ":/" >"$listed" || return 0
  while IFS= read -r -d '' path; do
    case $path in
      *.md) continue ;;
      "$prefix"*) inside=yes path=${path#"$prefix"} ;;
      *)
        beside=yes
        continue
        ;;
    esac
    case $path in
      Pulumi.?*.yaml)
        [ -e "$PROJECT/$path" ] || { beside='' && return 0; }
        path=${path#Pulumi.}
        some+=("${path%.yaml}")
        ;;
      *)
        beside=''
        return 0
        ;;
    esac
  done <"$listed"
  if [ -n "$beside" ]; then
    [ "$inside" = no ] || beside=''
    return 0
  fi
  stacks=("${some[@]}")
  [ ${#stacks[@]} -gt 0 ]
}

# Says in the job's summary that no stack changed, in place of a comment.
unchanged() {
  echo "No stack of $PROJECT changed." >>"$GITHUB_STEP_SUMMARY"
  echo "status=0" >>"$GITHUB_OUTPUT"
}

review() {
  local status=0 beside='' options=(--project "$PROJECT" --format markdown) stacks=()
  case ${STRICT:-no} in no) ;; *) options+=("--strict=$STRICT") ;; esac
  if [ "${PLAN:-}" = true ]; then
    # shellcheck disable=SC2153 # the step sets it
    pulumi --cwd "$PROJECT" preview --json --show-sames --show-replacement-steps --non-interactive --stack "$STACKS" >"$plan" || true
    options+=(--plan "$plan")
  else
    read -ra stacks <<<"${STACKS//$'\n'/ }"
    AGAINST=${AGAINST:-$BASE}
    if [ -n "$AGAINST" ] && [ ${#stacks[@]} -eq 0 ] && ! changed; then
      unchanged
      return
    fi
    options+=(${AGAINST:+--against "$AGAINST"})
  fi
  alone "$home/bin/gatehouse" review "${options[@]}" -- "${stacks[@]}" >"$report" 2>"$report.err" || status=$?
  shown <"$report.err"
  # Most changes beside a project are none of its code: each stack was compared, and no comment is due.
  if [ -n "$beside" ] && [ "$status" -eq 0 ] && [ "$(grep -c '^## ' "$report")" = "$(grep -cx '### Nothing differs' "$report")" ]; then
    unchanged
    return
  fi
  # Indented, and not between fences: no line of the text ends it.
  if [ "$status" -ne 0 ]; then { echo; sed 's/^/    /' "$report.err"; } >>"$report"; fi
  cat "$report" >>"$GITHUB_STEP_SUMMARY"
  # GitHub takes 65,536 characters.
  head -c 60000 "$report" >"$comment"
  [ "$(wc -c <"$report")" -le 60000 ] || printf '\n\nCut here: the whole review is an artifact of the run.\n' >>"$comment"
  { echo "report=$report"; echo "comment=$comment"; echo "status=$status"; } >>"$GITHUB_OUTPUT"
  echo "artifact=gatehouse-review-$(printf '%s' "$PROJECT-$STACKS" | tr -cs 'A-Za-z0-9' - | sed 's/^-*//; s/-*$//')" >>"$GITHUB_OUTPUT"
}

"$1"
