"""Credentials in the kernel's keyrings stay with the user who starts a review, also where there are no namespaces."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from review.tests.confine.test_attacks import LAUNCH, as_user

CALLS = "import ctypes, os, sys\nadd, request, key = ({}, {}, {})\nlibc = ctypes.CDLL(None)\n"
NUMBERS = {"x86_64": (248, 249, 250), "aarch64": (217, 218, 219)}
START = """
libc.syscall(key, 1, None)  # a session of its own
if libc.syscall(add, b"user", b"canary", b"not-a-secret", 12, -3) < 0:
    sys.exit("no keyrings")
os.execvp(sys.argv[1], sys.argv[1:])
"""
READ = """
found, text = libc.syscall(key, 10, -3, b"user", b"canary", 0), ctypes.create_string_buffer(64)
libc.syscall(key, 11, found, text, 64)
asked = libc.syscall(request, b"user", b"canary", None, -3)
print("read", text.value, found, asked, libc.syscall(add, b"user", b"planted", b"x", 1, -4))
"""


@pytest.mark.parametrize("mode", ["namespaces", "no namespaces"])
def test_a_program_reads_no_key_of_its_user(mode: str, tmp_path: Path) -> None:
    if (machine := os.uname().machine) not in NUMBERS:
        pytest.skip("the numbers of this machine's system calls are not known")
    calls = CALLS.format(*NUMBERS[machine])
    (tmp_path / "Pulumi.yaml").write_text("name: small\nruntime: python\n")
    (tmp_path / "Pulumi.dev.yaml").write_text("config:\n  aws:region: eu-west-1\n")
    (tmp_path / "__main__.py").write_text(calls + READ)
    command = [*as_user("root", mode), sys.executable, "-c", calls + START, sys.executable, str(LAUNCH), "dev"]
    ended = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
    if "no keyrings" in ended.stderr or "unshare:" in ended.stderr:
        pytest.skip("this system has no keyrings, or no namespaces, for this user")
    assert "read b'' -1 -1 -1" in ended.stdout + ended.stderr
