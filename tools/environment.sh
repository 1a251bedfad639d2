#!/bin/sh
# Creates the virtual environment, or repairs it: `environment.sh review` installs review/requirements.txt.
# uv installs the packages, with the versions and hashes of requirements.lock: the uv on the PATH, else one that pip
# installs by its hash. PYTHON is the interpreter, and NAMED is make's word for where PYTHON came from. Prints nothing if
# all packages are there.
set -eu

venv=.venv
python=$venv/bin/python
lock=requirements.lock
requirements='requirements.txt review/requirements.txt review/tests/requirements.txt tests/requirements.txt tests/engine/requirements.txt'
is_new_enough='import sys; sys.exit(sys.version_info < (3, 11))'

refuse() {
    echo "$*" >&2
    exit 1
}

answers() { "$1" -c "$2" >/dev/null 2>&1; }

# Tests need what a preview needs, and the engine both.
case $1 in
    review) folder=review serving='review tests engine' ;;
    tests) folder=tests serving='tests engine' ;;
    engine) folder=tests/engine serving=engine ;;
    *) refuse "environment.sh takes review, tests or engine" ;;
esac

is_installed() {
    for each in $serving; do
        if [ "$(cat $venv/."$each" 2>/dev/null)" = "$wanted" ]; then return 0; fi
    done
    return 1
}

# pyenv puts versions on the PATH that are not active and do not run.
newest() {
    for minor in 20 19 18 17 16 15 14 13 12 11; do
        if answers "python3.$minor" "$is_new_enough"; then echo "python3.$minor" && return; fi
    done
    refuse "Gatehouse needs Python 3.11 or later; this is $("$PYTHON" --version 2>&1)." \
        "Install one, or name it: make PYTHON=/path/to/python3.12 ..."
}

make_environment() {
    # Of an environment that is active, the Python beneath: it may be this environment, which goes now.
    beneath=$("$PYTHON" -c 'import sys; print(sys._base_executable)')
    rm -rf $venv 2>/dev/null || refuse "$venv cannot be removed: copy the project to a folder of your own, and run make there."
    if reason=$("$beneath" -m venv $venv 2>&1); then return; fi
    rm -rf $venv
    case $reason in
        *ensurepip*) refuse "This Python cannot make virtual environments. On Debian and Ubuntu: apt install python3-venv" ;;
        *Read-only* | *'Permission denied'*) refuse "This folder cannot be written to: copy the project to one that can, and run make there." ;;
        *) refuse "The virtual environment could not be made: ${reason:-no reason given}" ;;
    esac
}

pip() { "$python" -m pip --quiet --disable-pip-version-check install --require-hashes --requirement "$1"; }

# What pip knows and uv does not ask for: its index, and the certificates of this machine.
export_settings() {
    export UV_SYSTEM_CERTS=true
    index=${PIP_INDEX_URL:-$("$python" -m pip config get global.index-url 2>/dev/null || true)}
    if [ -n "$index" ] && [ -z "${UV_DEFAULT_INDEX:-}${UV_INDEX_URL:-}" ]; then export UV_DEFAULT_INDEX="$index"; fi
}

# Where uv cannot be had, pip installs the whole lock: it takes hashes for all packages of a file, or for none.
install_packages() {
    if command -v uv >/dev/null; then
        uv=uv
    elif sed -n '/^uv==/,/[^\\]$/p' $lock | pip /dev/stdin 2>/dev/null; then
        uv="$python -m uv"
    else
        sed '/^uv==/,/[^\\]$/d' $lock | pip /dev/stdin
        return
    fi
    export_settings
    $uv pip install --quiet --python "$python" --require-hashes --requirement "$folder/requirements.txt" --constraint $lock
}

# Programs import the components as `gatehouse`: examples/library, and a program of your own in this repository. An
# installed package of that name comes first. Relative, so that a project that was moved keeps its environment.
link_package() {
    mkdir -p $venv/linked
    ln -sfn ../../components $venv/linked/gatehouse
    for packages in "$venv"/lib/python3*/site-packages; do echo ../../../linked >"$packages/linked.pth"; done
}

trap 'refuse "Interrupted; the next run goes on from here."' INT
answers "$PYTHON" "$is_new_enough" || PYTHON=$(newest)
is_right=$is_new_enough
case ${NAMED-} in
    'command line' | environment) is_right="import sys; sys.exit(sys.version_info[:2] != $("$PYTHON" -c 'import sys; print(sys.version_info[:2])'))" ;;
esac
# shellcheck disable=SC2086 # several files
wanted=$(cat $lock $requirements | cksum)
if ! answers $python "import pip; $is_right"; then make_environment; fi
link_package
if is_installed; then exit 0; fi
echo "Installing $folder/requirements.txt into $venv: up to 400 MB, in ten seconds or more ..." >&2
install_packages || refuse "The packages could not be installed: the reason is above. The next run tries again."
# Python writes no bytecode then, and uv compiles none: each preview would compile all that it imports. Compiling all
# packages would take minutes; one preview compiles what previews use.
if [ -n "${PYTHONDONTWRITEBYTECODE:-}" ]; then PYTHONDONTWRITEBYTECODE='' "$python" -m review dev >/dev/null 2>&1 || true; fi
# Written last: an interruption is taken up again.
echo "$wanted" >"$venv/.$1"
