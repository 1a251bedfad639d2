#!/usr/bin/env bash
# The steps of action.yml: `prepare` names the cache, `install` puts Gatehouse into an environment of its own, `review` writes the report.
set -euo pipefail

home=$RUNNER_TEMP/gatehouse
report=$RUNNER_TEMP/review.md
plan=$RUNNER_TEMP/plan.json
# In a container, the expression runner.temp is another path: the cache step takes this one from `prepare`.
cache=$RUNNER_TEMP/.cache/pip
pinned=$GITHUB_ACTION_PATH/dev/tools/action-requirements.txt
# Where the list of rules is that findings lead to.
documents=${GITHUB_ACTION_REPOSITORY:+$GITHUB_SERVER_URL/$GITHUB_ACTION_REPOSITORY/blob/$GITHUB_ACTION_REF}

# For code that a pull request brings along: no token, none of the job's files, nothing else that the job knows.
alone() {
  env -i PATH="$PATH" HOME="$RUNNER_TEMP" LANG=C.UTF-8 GATEHOUSE_DOCUMENTS="$documents" "$@"
}

# Every Python is isolated (-I): the current folder is the checkout, whose modules it would import.
# Its first half names the system and its Python, its second half the packages.
prepare() {
  python3 -I -c 'import sys; sys.exit(sys.version_info < (3, 11))' ||
    { echo "::error::Gatehouse needs Python 3.11 or later: set the input python, to 3.13 for example"; exit 1; }
  local system packages files=("$pinned")
  [ ! -f "$PROJECT/requirements.txt" ] || files+=("$PROJECT/requirements.txt")
  system=$(python3 -I -c 'import sysconfig; print(sysconfig.get_platform(), sysconfig.get_python_version(), sep="-")')
  packages=$(cat "${files[@]}" | sha256sum)
  { echo "key=gatehouse-$system-${packages%% *}"; echo "cache=$cache"; } >>"$GITHUB_OUTPUT"
}

install() {
  python3 -I -m venv "$home"
  local pip=(env PIP_CACHE_DIR="$cache" "$home/bin/pip" --quiet --disable-pip-version-check install)
  "${pip[@]}" --require-hashes --only-binary :all: --requirement "$pinned"
  "${pip[@]}" --no-deps --no-build-isolation --no-index "$GITHUB_ACTION_PATH/review"
  # A link to nowhere would let the environment be made there.
  if [ ! -e "$PROJECT/venv" ] && [ ! -e "$PROJECT/.venv" ] && [ ! -L "$PROJECT/.venv" ] && [ -f "$PROJECT/requirements.txt" ]; then
    alone python3 -I -m venv "$PROJECT/.venv"
    alone PIP_CACHE_DIR="$cache" \
      "$PROJECT/.venv/bin/pip" install --quiet --disable-pip-version-check --requirement "$PROJECT/requirements.txt"
  fi
}

# Shows text that a pull request's code may have written: lines of it would be commands to the job, such as "::error::".
shown() {
  local word
  word=$(python3 -I -c 'import secrets; print(secrets.token_hex(16))')
  { echo "::stop-commands::$word"; cat; echo; echo "::$word::"; } >&2
}

# The plan of the one stack in a file, where the job has what the engine needs. It hides secrets.
planned() {
  [ "${PLAN:-}" = true ] || return 1
  # shellcheck disable=SC2153 # the step sets it
  if [[ ! "$STACKS" =~ ^[A-Za-z0-9_./-]+$ ]] || ! command -v pulumi >/dev/null; then
    echo "::warning::no plan was reviewed: the input stacks must name one stack, and the job needs the Pulumi CLI"
    return 1
  fi
  pulumi --cwd "$PROJECT" preview --json --show-sames --show-replacement-steps --non-interactive --stack "$STACKS" >"$plan" ||
    { echo "::warning::no plan was reviewed: pulumi preview failed"; "$home/bin/gatehouse" review --plan "$plan" 2>&1 | shown; return 1; }
}

# A checkout has one commit, unless the workflow wants more. Git asks for no password: nobody would answer.
# A folder of the pull request that is a repository itself would name the commands that a fetch runs.
fetched() {
  local repository=(git -c safe.bareRepository=explicit -C "$PROJECT")
  "${repository[@]}" cat-file -e "$BASE^{commit}" 2>/dev/null ||
    GIT_TERMINAL_PROMPT=0 "${repository[@]}" fetch --quiet --depth=1 origin "$BASE"
}

not_compared() {
  echo "**Not compared with the base of the pull request.** This review does not show what the pull request changes. The"
  echo "checkout lacks commit ${BASE:0:12}, and Git could not fetch it:"
  echo
  sed 's/^/    /' "$report.git"
  echo
  echo "Set \`fetch-depth: 0\` at the checkout step of this job."
  echo
}

review() {
  local status=0 options=(--project "$PROJECT" --format markdown) stacks=()
  : >"$report"
  [ -z "$STRICT" ] || options+=("--strict=$STRICT")
  if planned; then
    options+=(--plan "$plan")
  else
    if [ -z "$AGAINST" ] && [ -n "$BASE" ]; then
      if fetched 2>"$report.git"; then AGAINST=$BASE; else not_compared >"$report"; fi
      cat "$report.git" >&2
    fi
    [ -z "$AGAINST" ] || options+=(--against "$AGAINST")
    # shellcheck disable=SC2153 # the step sets it
    read -ra stacks <<<"${STACKS//$'\n'/ }"
  fi
  alone "$home/bin/gatehouse" review "${options[@]}" -- "${stacks[@]}" >>"$report" 2>"$report.err" || status=$?
  shown <"$report.err"
  if [ -s "$report.err" ] && [ "$status" -ne 0 ]; then
    # Indented, and not between fences: no line of the text ends it.
    { echo; sed 's/^/    /' "$report.err"; } >>"$report"
  fi
  cat "$report" >>"$GITHUB_STEP_SUMMARY"
  local name
  name=$(printf '%s' "gatehouse-review-$PROJECT-$STACKS" | tr -cs 'A-Za-z0-9' -)
  { echo "report=$report"; echo "status=$status"; echo "artifact=${name%-}"; } >>"$GITHUB_OUTPUT"
}

"$1"
