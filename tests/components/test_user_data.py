"""The boot scripts: clean to shellcheck, right when all goes well, and loud when something does not."""

import configparser
import contextlib
import ipaddress
import json
import shlex
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from components import user_data
from components.compute import container_host
from components.compute.ec2_args import Ec2BackendArgs, check_environment_name
from components.facts.limits import USER_DATA_BYTES
from components.nat import host as nat_host
from components.user_data import check_size, read_part, render, render_script
from tests.components.boot import Booted, boot, container, printing, started

pytestmark = pytest.mark.slow
FOLDER = Path(user_data.__file__).parent
SECRET = "arn:aws:secretsmanager:eu-west-1:123456789012:secret:token-AbCdEf"
PARAMETER = "arn:aws:ssm:eu-west-1:123456789012:parameter/team/password"

NAT = nat_host.build_boot_script(
    "10.0.0.0/16", "eu-west-1", nat_host.list_service_addresses("eu-west-1", "amazonaws.com")
)


def rendered() -> dict[str, str]:
    return {
        "nat": NAT,
        "container": container("nginx:1.27", environment={"GREETING": "it's"}, secrets={"TOKEN": SECRET}),
        "logging container": container("nginx:1.27", log_group="backend-log-1"),
    }


@pytest.mark.parametrize("file", sorted(FOLDER.glob("*.sh")), ids=lambda file: file.name)
def test_each_file_is_clean_to_shellcheck(file: Path) -> None:
    shellcheck(file)


@pytest.mark.parametrize("name", rendered())
def test_each_rendered_script_is_clean_to_shellcheck(name: str, tmp_path: Path) -> None:
    file = tmp_path / "user-data.sh"
    file.write_text(rendered()[name])
    # The values are quoted so that nothing in them expands (2016), and some are only passed on (2034, 2154).
    shellcheck(file, "--exclude=SC2016,SC2034,SC2154")


def shellcheck(file: Path, *options: str) -> None:
    tool = Path(sys.executable).with_name("shellcheck")
    done = subprocess.run([tool, *options, file], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout


@pytest.mark.parametrize("file", sorted(FOLDER.glob("*.service")), ids=lambda file: file.name)
def test_units_run_what_the_scripts_install(file: Path) -> None:
    unit = configparser.ConfigParser(strict=False, interpolation=None)
    unit.read_string(file.read_text())
    program = unit["Service"]["ExecStart"]
    scripts = "".join(script.read_text() for script in FOLDER.glob("*.sh"))
    assert f"write {program} " in scripts or f'install -D --mode=700 "$0" "$ROOT{program}"' in scripts


# --- the container host


def test_a_public_image_is_pulled_run_and_tried(tmp_path: Path) -> None:
    booted = boot(tmp_path, container("nginx:1.27"))
    assert booted.status == 0, booted.console
    assert "the backend answers on port 8080" in booted.console
    assert not booted.called("aws")
    assert booted.called("docker") == ["docker pull nginx:1.27", "docker tag nginx:1.27 backend:current"]
    assert booted.called("curl")[0].endswith("http://127.0.0.1:8080/health")
    assert (tmp_path / "disk/usr/local/bin/backend").stat().st_mode & 0o777 == 0o700
    assert "Restart=always" in booted.file("/etc/systemd/system/backend.service")
    assert started(booted, tmp_path).calls == [
        "docker run --rm --name backend --publish 8080:80 --log-driver none --security-opt no-new-privileges "
        "backend:current"
    ]


def test_a_container_gets_its_files_and_its_command(tmp_path: Path) -> None:
    files = {"/scripts/hooks.sh": "#!/bin/sh\necho it's $HOME"}
    booted = boot(tmp_path, container("nginx:1.27", command=["serve", "--hooks", "/scripts/hooks.sh"], files=files))
    assert booted.status == 0, booted.console
    assert booted.file("/var/lib/backend/scripts/hooks.sh") == "#!/bin/sh\necho it's $HOME\n"
    assert (tmp_path / "disk/var/lib/backend/scripts/hooks.sh").stat().st_mode & 0o777 == 0o755
    (line,) = started(booted, tmp_path).calls
    assert "--volume /var/lib/backend/scripts/hooks.sh:/scripts/hooks.sh:ro" in line
    assert line.endswith("backend:current serve --hooks /scripts/hooks.sh")


def test_an_image_of_ecr_is_pulled_after_a_login(tmp_path: Path) -> None:
    reference = "123456789012.dkr.ecr.us-east-1.amazonaws.com/team/app:1.0"
    # As docker does: a login that leaves the password unread would break the pipe.
    docker = 'if [[ "$1" == login ]]; then cat >/dev/null; fi'
    booted = boot(tmp_path, container(reference), {"aws": printing("token"), "docker": docker})
    assert booted.status == 0, booted.console
    assert booted.called("aws") == ["aws ecr get-login-password --region us-east-1"]
    assert set(booted.called("docker")[:1]) == {
        "docker login --username AWS --password-stdin 123456789012.dkr.ecr.us-east-1.amazonaws.com"
    }
    assert f"docker pull {reference}" in booted.calls
    assert "AWS_USE_DUALSTACK_ENDPOINT" not in booted.console


def test_over_ipv6_alone_containers_have_ipv6_before_docker_starts(tmp_path: Path) -> None:
    script = container("nginx:1.27", dual_stack=True)
    found = 'test -s "$GATEHOUSE_ROOT/etc/docker/daemon.json" && echo configured >>"$BOOT/calls"'
    booted = boot(tmp_path, script, {"systemctl": f'if [[ "$*" = *docker ]]; then {found}; fi'})
    assert booted.calls.index("configured") == booted.calls.index("systemctl enable --now docker") + 1
    daemon = json.loads(booted.file("/etc/docker/daemon.json"))
    assert [daemon[key] for key in ("ipv6", "ip6tables", "experimental")] == 3 * [True]
    # As RFC 6724 sorts addresses, a private range would have IPv4 tried first.
    assert ipaddress.IPv6Network(daemon["fixed-cidr-v6"]).subnet_of(ipaddress.IPv6Network("2001:db8::/32"))
    assert not (boot(tmp_path / "other", container("nginx:1.27")).root / "etc/docker").exists()


def test_over_ipv6_alone_aws_is_called_by_its_dual_stack_names(tmp_path: Path) -> None:
    reference = "123456789012.dkr.ecr.eu-west-1.amazonaws.com/team/app:1.0"
    script = container(reference, dual_stack=True, secrets={"TOKEN": SECRET})
    dual = {"aws": 'echo "dual stack: $AWS_USE_DUALSTACK_ENDPOINT" >>"$BOOT/calls"'}
    booted = boot(tmp_path, script, dual)
    assert booted.status == 0, booted.console
    assert "dual stack: true" in booted.calls
    assert "docker pull 123456789012.dkr-ecr.eu-west-1.on.aws/team/app:1.0" in booted.calls
    assert '"UseDualStackEndpoint": true' in booted.file("/etc/amazon/ssm/amazon-ssm-agent.json")
    assert "systemctl restart amazon-ssm-agent" in booted.calls
    assert "dual stack: true" in started(booted, tmp_path, dual).calls
    # The container too, unless it says otherwise.
    for own, last in (({}, "true"), ({"AWS_USE_DUALSTACK_ENDPOINT": "false"}, "false")):
        folder = tmp_path / last
        host = boot(folder / "host", container("nginx:1.27", dual_stack=True, environment=own))
        (run,) = started(host, folder).called("docker run")
        given = [word for word in run.split() if word.startswith("AWS_USE")]
        assert given[-1] == f"AWS_USE_DUALSTACK_ENDPOINT={last}"


@pytest.mark.parametrize(
    ("says", "tagged"),
    [("Loaded image: team/app:1.0", "team/app:1.0"), ("Loaded image ID: sha256:0a1b", "sha256:0a1b")],
)
def test_a_tarball_is_loaded_from_s3_and_from_nothing_else(says: str, tagged: str, tmp_path: Path) -> None:
    load = f'if [[ "$1" == load ]]; then {printing(says)} fi'
    booted = boot(tmp_path, container("s3://images/app.tar.gz"), {"docker": load})
    assert booted.status == 0, booted.console
    assert booted.called("aws") == ["aws s3 cp s3://images/app.tar.gz - --region eu-west-1"]
    assert sorted(booted.called("docker")) == ["docker load", f"docker tag {tagged} backend:current"]


def test_secrets_are_read_at_each_start_and_stay_off_disk_and_command_lines(tmp_path: Path) -> None:
    other = SECRET.replace("eu-west-1", "us-east-1")
    names = {"TOKEN": other, "PASSWORD": PARAMETER.replace("eu-west-1", "eu-north-1"), "PORT": other}
    booted = boot(tmp_path, container("nginx", environment={"GREETING": "it's $HOME"}, secrets=names))
    assert "aws ssm" not in " ".join(booted.calls)
    answers = {
        "aws": """case "$*" in *ssm*) echo '"open sesame"' ;; *) echo '"line 1\\nline 2"' ;; esac""",
        "docker": 'printf "%s\\n" "$GREETING|$TOKEN|$PASSWORD|$PORT" >"$BOOT/seen"',
    }
    run = started(booted, tmp_path, answers)
    assert run.status == 0, run.console
    assert (tmp_path / "start/seen").read_text() == "|line 1\nline 2|open sesame|line 1\nline 2\n"
    line = run.called("docker")[0]
    assert "--env GREETING=it's $HOME" in line
    assert all(f"--env {name}" in line for name in names)
    assert "--publish 8080:80" in line
    assert "sesame" not in line
    # Each is read in its region.
    assert "--region eu-north-1" in run.called("aws ssm")[0]
    assert "--region us-east-1" in run.called("aws secretsmanager")[0]
    assert "--with-decryption" in run.called("aws ssm")[0]
    assert f"--secret-id {other}" in run.called("aws secretsmanager")[0]


@pytest.mark.parametrize(
    ("answer", "reason"),
    [("exit 254", ""), *((f"echo '{given}'", "the secret of TOKEN has no text") for given in ("null", "", "{}", "5"))],
)
def test_a_secret_without_text_starts_nothing(answer: str, reason: str, tmp_path: Path) -> None:
    run = started(boot(tmp_path, container("nginx", secrets={"TOKEN": SECRET})), tmp_path, {"aws": answer})
    assert run.status != 0
    assert not run.called("docker")
    assert reason in run.console
    assert "--output json" in run.called("aws")[0]


@pytest.mark.parametrize(
    ("image", "answers", "reason"),
    [
        (
            "nginx",
            {"dnf": "echo 'Curl error (28)'; exit 1"},
            "the Amazon Linux packages (network.egress)? Curl error (28)",
        ),
        ("nginx", {"docker": '[[ "$1" != pull ]]'}, "nginx could not be pulled"),
        (
            "123456789012.dkr.ecr.us-east-1.amazonaws.com/app",
            {"aws": "echo 'Unable to locate credentials' >&2; exit 255", "docker": "[[ $1 != login ]]"},
            "could not be pulled: Unable to locate credentials",
        ),
        (
            "s3://images/app.tar.gz",
            {
                "aws": "echo 'fatal error: no bucket' >&2; exit 1",
                "docker": "[[ $1 != load ]] || { echo 'unexpected EOF' >&2; exit 1; }",
            },
            "s3://images/app.tar.gz could not be loaded: fatal error: no bucket",
        ),
        ("s3://images/app.tar.gz", {"docker": '[[ "$1" != load ]]'}, "could not be loaded"),
        ("nginx", {"curl": "exit 7", "journalctl": printing("panic: no database")}, "nothing answers on port 8080"),
        ("nginx", {"systemctl": '[[ "$*" != "enable --now docker" ]]'}, "systemctl enable --now docker"),
    ],
)
def test_what_goes_wrong_is_said_on_the_console(
    image: str, answers: dict[str, str], reason: str, tmp_path: Path
) -> None:
    booted = boot(tmp_path, container(image), answers)
    assert booted.status != 0
    assert reason in booted.console.rpartition("gatehouse: the backend does not run: ")[2]
    assert ("panic: no database" in booted.console) is ("journalctl" in answers)
    assert all("--setopt=timeout=20" in call for call in booted.called("dnf"))


def ends_with(command: str, text: str) -> str:
    """Answer of docker that prints a text on its error output and fails at one command."""
    return f"if [[ \"$1\" == {command} ]]; then printf '%s\\n' {shlex.quote(text)} >&2; exit 1; fi"


LIMIT = (
    "toomanyrequests: You have reached your unauthenticated pull rate limit. https://www.docker.com/increase-rate-limit"
)
HEAD_OBJECT = "when calling the HeadObject operation"


# Words of Docker and of the AWS CLI.
@pytest.mark.parametrize(
    ("image", "says", "attempts"),
    [
        ("nginx:nope", "manifest for nginx:nope not found: manifest unknown: manifest unknown", 1),
        ("nginx:arm", "no matching manifest for linux/arm64/v8 in the manifest list entries", 1),
        ("team/none", "pull access denied for team/none, repository does not exist", 1),
        # A role may be minutes old.
        ("team/app", "denied: requested access to the resource is denied", 8),
        ("team/app", "unauthorized: authentication required", 8),
        ("team/app", "dial tcp 192.0.2.1:443: i/o timeout", 60),
        ("s3://images/none.tar", f"fatal error: An error occurred (404) {HEAD_OBJECT}: Key none.tar does not exist", 1),
        ("s3://images/app.tar", f"fatal error: An error occurred (403) {HEAD_OBJECT}: Forbidden", 8),
        # A limit ends, so all attempts are made.
        ("nginx", f"Error response from daemon: {LIMIT}", 60),
        ("ghcr.io/team/app", "error pulling image: unexpected status: 429 Too Many Requests", 60),
        ("public.ecr.aws/team/app", "toomanyrequests: Rate exceeded", 60),
        # Neither a limit nor the network.
        ("team/app", "failed to register layer: no space left on device", 60),
        ("s3://images/app.tar", "fatal error: An error occurred (SlowDown): Please reduce your request rate.", 60),
    ],
)
def test_an_image_that_no_attempt_can_fetch_ends_the_boot(image: str, says: str, attempts: int, tmp_path: Path) -> None:
    s3 = image.startswith("s3://")
    answers = {"aws": ends_with("s3", says)} if s3 else {"docker": ends_with("pull", says)}
    booted = boot(tmp_path, container(image), answers)
    assert booted.status != 0
    said = booted.console.rpartition("gatehouse: the backend does not run: ")[2].splitlines()[0]
    assert image in said
    assert said.endswith(says)
    assert ("network.egress" in said) == ("i/o timeout" in says)
    limited = any(word in says for word in ("toomany", "429", "Rate exceeded"))
    assert ("copy the image to ECR" in said) == limited
    fetched = [call for call in booted.calls if call.startswith(("docker pull", "aws s3 cp"))]
    assert len(fetched) == attempts


# --- the renderer


def test_no_value_is_read_as_shell(tmp_path: Path) -> None:
    hostile = '\'; touch "$BOOT/broken"; $(touch $BOOT/broken) `touch $BOOT/broken` \n#'
    text = render_script("nat_check.sh", {"TEXT": hostile, "LIST": [hostile, "b c"]}).removesuffix(
        read_part("nat_check.sh")
    )
    booted = boot(tmp_path, text + 'printf "%s" "$TEXT" >"$BOOT/text"; printf "%s|" "${LIST[@]}" >"$BOOT/list"')
    assert booted.status == 0
    assert (tmp_path / "text").read_text() == hostile
    assert (tmp_path / "list").read_text() == f"{hostile}|b c|"
    assert not (tmp_path / "broken").exists()


def test_a_script_that_is_too_long_is_refused() -> None:
    with pytest.raises(ValueError, match=f"EC2 takes {USER_DATA_BYTES}"):
        container("nginx", environment={"LARGE": "x" * USER_DATA_BYTES})
    check_size("x" * USER_DATA_BYTES)
    # Quotes count a few times.
    small = len(container("nginx", environment={"A": ""}))
    for quote, most in (("'", 5000), ('"', 2000)):
        assert len(container("nginx", environment={"A": quote * 1000})) - small <= most
    with pytest.raises(ValueError, match="no name for a variable"):
        render("nat_instance.sh", {"a=b;": "c"})


@pytest.mark.parametrize(
    ("name", "words"),
    [
        *((name, "variable") for name in ("1A", "A-B", "")),
        *((name, "Docker's command line") for name in ("PATH", "LD_PRELOAD", "DOCKER_HOST", "HOME")),
    ],
)
def test_a_name_that_neither_a_shell_nor_docker_allows_is_refused(name: str, words: str) -> None:
    with pytest.raises(ValueError, match=words):
        check_environment_name(name, secret=True)
    with pytest.raises(ValueError, match=words) if words == "variable" else contextlib.nullcontext():
        check_environment_name(name, secret=False)


# Of bash, of the boot script, and of the commands that it calls.
NAMES = """
COMMAND ENVIRONMENT FILES SECRET_NAMES SECRET_ARNS REGION PORT CONTAINER_PORT DUAL_STACK SETTINGS IMAGE
arguments name secrets index UID EUID PPID SHELLOPTS BASHOPTS BASH_VERSINFO BASH_ENV SECONDS RANDOM
SRANDOM LINENO FUNCNAME GROUPS DIRSTACK HISTCMD EPOCHSECONDS BASHPID PIPESTATUS IFS OPTIND OPTARG PWD
OLDPWD SHLVL ENV PS4 TMOUT POSIXLY_CORRECT GLOBIGNORE LC_ALL LANG GATEHOUSE_X AWS_PROFILE PYTHONPATH _ _x
"""
VALUES = ["plain", "", 'it\'s "$HOME" `id` $(id) \\ \\n', "line 1\nline 2\n", "Zoë 🚪\u2028", "-e X=y", "x" * 300]
# Docker, as far as a container's variables and command go: `--env NAME` takes the value from its own environment.
# The path of this Python may hold spaces, which the kernel does not take in a first line.
DOCKER = f"""#!/usr/bin/env -S "{sys.executable}" -I
import json, os, sys
if sys.argv[1] == "load":
    sys.exit(print("Loaded image: a:b"))
if sys.argv[1] == "run":
    given = [sys.argv[at + 1] for at, word in enumerate(sys.argv) if word == "--env"]
    own = {{name.decode(): value.decode() for name, value in os.environb.items()}}
    pairs = [one.split("=", 1) if "=" in one else [one, own[one]] for one in given]
    end = sys.argv.index("backend:current")
    found = {{"variables": dict(pairs), "arguments": sys.argv, "command": sys.argv[end + 1 :]}}
    with open(own["BOOT"] + "/seen.json", "w") as file:
        json.dump(found, file)
"""


def seen_by_docker(folder: Path, booted: Booted, secrets: dict[str, str]) -> dict[str, Any]:
    """The container's variables as Docker would set them. `secrets` are values by ARN."""
    for name in ("bin", "values"):
        (folder / "start" / name).mkdir(parents=True, exist_ok=True)
    for arn, value in secrets.items():
        (folder / "start/values" / arn.replace("/", "_")).write_text(json.dumps(value) + "\n")
    aws = 'for word in "$@"; do case "$word" in arn:*) cat "$BOOT/values/${word//\\//_}" ;; esac; done'
    run = boot(folder / "start", booted.file("/usr/local/bin/backend"), {"aws": aws}, {"docker": DOCKER})
    assert run.status == 0, run.console
    document: dict[str, Any] = json.loads((folder / "start/seen.json").read_text())
    return document


@pytest.mark.parametrize("kind", ["environment", "secrets"])
def test_variables_of_any_name_and_value_arrive_as_written(kind: str, tmp_path: Path) -> None:
    wanted = {name: VALUES[place % len(VALUES)] for place, name in enumerate(NAMES.split())}
    if kind == "environment":
        wanted |= {"PATH": "/opt/bin", "LD_PRELOAD": "/x.so", "DOCKER_HOST": "tcp://x.invalid"}
    arns = {name: f"{SECRET}-{place}" for place, name in enumerate(wanted)}
    command = ["serve", *VALUES]
    given: dict[str, Any] = {kind: wanted if kind == "environment" else arns}
    booted = boot(tmp_path, container("nginx", command=command, **given))
    assert booted.status == 0, booted.console
    values = {arns[name]: value for name, value in wanted.items()} if kind == "secrets" else {}
    found = seen_by_docker(tmp_path, booted, values)
    assert found["variables"] == wanted
    assert found["command"] == command
    if kind == "secrets":
        shown = [word for word in found["arguments"] if word not in command]
        assert not [value for value in wanted.values() if len(value) > 10 and value in " ".join(shown)]


@pytest.mark.parametrize(
    ("key", "text"),
    [
        ("environment", {"A": "x" * 99}),
        ("files", {"/a": "x" * 99}),
        ("command", ["x" * 99]),
        ("secrets", {"B": "x" * 99}),
    ],
)
def test_the_longest_part_is_named(key: str, text: Any) -> None:
    assert container_host.find_longest_argument(Ec2BackendArgs(vpc_id="", subnet_ids=[""], **{key: text})) == key
