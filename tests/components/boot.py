"""A machine to boot scripts on: every command that would change it is a stub that records how it was called."""

import os
import shlex
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from components.compute import container_host
from components.compute.ec2_args import Ec2BackendArgs
from components.facts.container_image import parse

_STUBBED = "aws curl dnf docker fallocate journalctl mkswap nft rpm sleep swapon sysctl systemctl"

_STUB = """#!/bin/bash
command="${0##*/}"
printf '%s\\n' "$command $*" >>"$BOOT/calls"
if [[ -f "$BOOT/answers/$command" ]]; then . "$BOOT/answers/$command"; fi
"""


@dataclass(frozen=True)
class Booted:
    """What a boot script did."""

    status: int
    console: str
    calls: list[str]
    """Each stubbed command with its arguments, in order."""
    root: Path

    def called(self, beginning: str) -> list[str]:
        return [call for call in self.calls if call.startswith(beginning)]

    def file(self, path: str) -> str:
        return (self.root / path.lstrip("/")).read_text()


def boot(
    folder: Path, script: str, answers: Mapping[str, str] | None = None, programs: Mapping[str, str] | None = None
) -> Booted:
    """Run `script`. `answers` gives shell code for what a stub prints and how it ends; without, it succeeds.

    `programs` are whole programs in place of stubs.
    """
    for name in ("bin", "answers", "disk"):
        (folder / name).mkdir(parents=True, exist_ok=True)
    for command in _STUBBED.split():
        stub = folder / "bin" / command
        stub.write_text((programs or {}).get(command, _STUB))
        stub.chmod(0o755)
    for command, code in {"fallocate": 'touch "${@: -1}"', **(answers or {})}.items():
        (folder / "answers" / command).write_text(code)
    (folder / "calls").touch()
    # cloud-init writes it before it runs the script.
    instance = folder / "disk" / "var/lib/cloud/data/instance-id"
    instance.parent.mkdir(parents=True, exist_ok=True)
    instance.write_text("i-0123456789abcdef0\n")
    environment = {
        "PATH": f"{folder / 'bin'}{os.pathsep}/usr/bin{os.pathsep}/bin",
        "BOOT": str(folder),
        "GATEHOUSE_ROOT": str(folder / "disk"),
    }
    file = folder / "user-data"
    file.write_text(script)
    # cloud-init and systemd go by the first line; this Python stands in for the instance's.
    shell = [sys.executable, "-I"] if script.startswith("#!/usr/bin/python3\n") else ["/bin/bash"]
    done = subprocess.run(
        [*shell, str(file)], env=environment, cwd=folder, capture_output=True, text=True, timeout=60, check=False
    )
    calls = (folder / "calls").read_text().splitlines()
    return Booted(done.returncode, done.stdout + done.stderr, calls, folder / "disk")


def failing(times: int) -> str:
    """Answer of a command that fails so many times and then succeeds."""
    return (
        'count="$BOOT/$command.count"\n'
        'tries=$(($(cat "$count" 2>/dev/null || echo 0) + 1))\n'
        'echo "$tries" >"$count"\n'
        f"((tries > {times})) || exit 1\n"
    )


def printing(text: str) -> str:
    """Answer of a command that prints `text`."""
    return f"printf '%s\\n' {shlex.quote(text)}\n"


def container(image: str, *, dual_stack: bool = False, log_group: str = "", **changes: object) -> str:
    given: dict[str, object] = {"port": 8080, "container_port": 80, "health_check_path": "/health"} | changes
    if dual_stack:
        given["egress"] = ["ipv6"]
    spec = Ec2BackendArgs(vpc_id="", subnet_ids=[""], **given)  # type: ignore[arg-type] # tests vary one field at a time
    return container_host.build_boot_script(parse(image), spec, "eu-west-1", log_group)


def started(booted: Booted, tmp_path: Path, answers: dict[str, str] | None = None) -> Booted:
    """The script that the unit runs, run."""
    return boot(tmp_path / "start", booted.file("/usr/local/bin/backend"), answers)
