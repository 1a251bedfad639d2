"""A VPC in network namespaces: a machine, the NAT instance, AWS's fabric between them, and the internet.

The fabric does what a VPC does to a NAT instance: it leads the machine's packets to it, drops what is not from or to it
while the source/destination check is on, and gives its packets the Elastic IP on the way out. On the internet stand a
site, the API of EC2, which turns the check off in the fabric, and that of CloudWatch; on the NAT the metadata service.
"""

import os
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from components.nat.host import Addresses, build_boot_script
from tests.components import nat_services

VPC: Final = "10.77.0.0/16"
NAT: Final = "10.77.0.10"
ELASTIC: Final = "203.0.113.10"
SITE: Final = "http://198.51.100.1/"
_ADDRESSES: Final = Addresses((SITE,), "http://198.51.100.2", "http://198.51.100.3")
_SETUP: Final = f"""
set -e
mount -t tmpfs none /run
mkdir /run/netns
ip link set lo up
ip address add 169.254.169.254/32 dev lo
for name in machine fabric internet; do ip netns add $name; ip -n $name link set lo up; done
ip link add eth0 type veth peer name nat netns fabric
ip -n machine link add eth0 type veth peer name machine netns fabric
ip -n internet link add eth0 type veth peer name internet netns fabric
ip address add {NAT}/24 dev eth0
ip link set eth0 up
ip -n fabric address add 10.77.0.1/24 dev nat
ip -n fabric address add 10.77.1.1/24 dev machine
ip -n fabric address add 192.0.2.1/24 dev internet
for link in nat machine internet; do ip -n fabric link set $link up; done
ip -n machine address add 10.77.1.5/24 dev eth0
ip -n internet address add 192.0.2.2/24 dev eth0
for last in 1 2 3; do ip -n internet address add 198.51.100.$last/32 dev lo; done
for name in machine internet; do ip -n $name link set eth0 up; done
ip route add default via 10.77.0.1
ip -n machine route add default via 10.77.1.1
ip -n internet route add default via 192.0.2.1
ip -n fabric route add default via 192.0.2.2
ip -n fabric route add 10.77.255.255 via {NAT}
ip -n fabric rule add iif machine lookup 100
ip -n fabric route add default via {NAT} table 100
ip netns exec fabric sysctl --quiet --write net.ipv4.ip_forward=1 net.ipv4.conf.all.rp_filter=0 \\
  net.ipv4.conf.machine.rp_filter=0 net.ipv4.conf.nat.rp_filter=0 net.ipv4.conf.internet.rp_filter=0
"""
_SYSTEMCTL: Final = """#!/bin/bash
echo "systemctl $*" >>"$BOOT/calls"
case "$*" in
"start nat-check.service") "$GATEHOUSE_ROOT/usr/local/sbin/nat-check" ;;
poweroff) kill -KILL 0 ;;
esac
"""
_STUBS: Final = {
    "systemctl": _SYSTEMCTL,
    "swapon": "#!/bin/sh\necho /swap\n",
    **dict.fromkeys(("rpm", "dnf", "sleep"), "#!/bin/sh\n"),
}


@dataclass(frozen=True)
class Ran:
    """What a script on the NAT did."""

    status: int
    console: str
    seconds: float
    calls: list[str]
    metrics: list[str]

    @property
    def powered_off(self) -> bool:
        return "systemctl poweroff" in self.calls


@dataclass
class NatNetwork:
    """The namespaces, held by a process of this test: they go when it goes."""

    folder: Path
    holder: int
    processes: list[subprocess.Popen[bytes]] = field(default_factory=list)

    def command(self, *words: str, where: str = "nat") -> list[str]:
        inside = ["ip", "netns", "exec", where] if where != "nat" else []
        return ["nsenter", f"--target={self.holder}", "--mount", "--net", *inside, *words]

    def run(self, *words: str, where: str = "nat") -> str:
        done = subprocess.run(self.command(*words, where=where), capture_output=True, text=True, timeout=20, check=True)
        return done.stdout

    def address(self, *, associated: bool) -> None:
        """Associate the Elastic IP, or take it away."""
        (self.folder / "public").write_text(ELASTIC if associated else "")
        self._fabric()

    def source_check(self, *, on: bool) -> None:
        (self.folder / "check").write_text("true" if on else "false")
        self._fabric()

    def _fabric(self) -> None:
        rules = nat_services.fabric_rules(self.folder)
        subprocess.run(self.command("nft", "--file", "-", where="fabric"), input=rules, text=True, check=True)

    def seen_by_the_site(self) -> str:
        """The address from which the machine reaches the site; empty if it does not."""
        curl = ["curl", "--silent", "--max-time", "2", SITE]
        return subprocess.run(
            self.command(*curl, where="machine"), capture_output=True, text=True, timeout=20, check=False
        ).stdout

    def start(self, program: str) -> Ran:
        """Run a program on the NAT, as a unit of systemd would."""
        for log in ("calls", "metrics"):
            (self.folder / log).write_text("")
        environment = {
            **os.environ,
            "PATH": f"{self.folder / 'bin'}{os.pathsep}{os.environ['PATH']}",
            "BOOT": str(self.folder),
            "GATEHOUSE_ROOT": str(self.folder / "disk"),
        }
        began = time.monotonic()
        done = subprocess.run(
            self.command("/bin/bash", program),
            env=environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=60,
            check=False,
            start_new_session=True,
        )
        seconds = time.monotonic() - began
        calls, metrics = ((self.folder / log).read_text().splitlines() for log in ("calls", "metrics"))
        return Ran(done.returncode, done.stdout, seconds, calls, metrics)

    def restore(self) -> None:
        """Undo what a test did, down to a NAT that was not booted."""
        shutil.rmtree(self.folder / "disk", ignore_errors=True)
        (self.folder / "disk/run").mkdir(parents=True)
        shutil.rmtree(self.folder / "bin", ignore_errors=True)
        (self.folder / "bin").mkdir()
        for command, text in _STUBS.items():
            (self.folder / "bin" / command).write_text(text)
            (self.folder / "bin" / command).chmod(0o755)
        self.address(associated=True)
        self.source_check(on=False)

    def boot(self) -> Ran:
        """What cloud-init does at the first boot."""
        return self.start(str(self.folder / "user-data"))

    def boot_again(self) -> Ran:
        """A restart, which leaves the disk and nothing else, and the unit of the later boots."""
        self.run("nft", "flush", "ruleset")
        self.run("sysctl", "--quiet", "--write", "net.ipv4.ip_forward=0")
        self.run("ip", "link", "delete", "nat-check")
        self.run("ip", "netns", "delete", "nat-check")
        (self.folder / "disk/run/nat-check.failures").unlink(missing_ok=True)
        return self.start(str(self.folder / "disk/usr/local/sbin/nat-boot"))

    def check(self) -> Ran:
        """What the timer does each minute."""
        return self.start(str(self.folder / "disk/usr/local/sbin/nat-check"))


@contextmanager
def nat_network(folder: Path) -> Iterator[NatNetwork]:
    """Namespaces with a NAT that was not booted yet."""
    (folder / "user-data").write_text(build_boot_script(VPC, "eu-west-1", _ADDRESSES))
    holder = subprocess.Popen(["unshare", "--mount", "--net", "--propagation=private", "sleep", "300"])
    network = NatNetwork(folder, holder.pid, [holder])
    try:
        _wait(lambda: Path(f"/proc/{holder.pid}/ns/net").readlink() != Path("/proc/self/ns/net").readlink())
        network.run("/bin/bash", "-c", _SETUP)
        network.restore()
        for where in ("nat", "internet"):
            words = [sys.executable, nat_services.__file__, where, str(folder)]
            network.processes.append(subprocess.Popen(network.command(*words, where=where)))
            _wait((folder / f"{where}.listens").exists)
        yield network
    finally:
        for process in reversed(network.processes):
            process.kill()
            process.wait()


def _wait(condition: Any) -> None:
    deadline = time.monotonic() + 10
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.01)


def missing() -> str:
    """What keeps this machine from making the namespaces; empty if nothing does."""
    lacking = [tool for tool in ("ip", "nft", "curl", "nsenter", "unshare", "sysctl") if shutil.which(tool) is None]
    if lacking:
        return f"{', '.join(lacking)} is not installed"
    if os.geteuid() != 0:
        return "only root may make network namespaces"
    tried = subprocess.run(
        ["unshare", "--mount", "--net", "nft", "list", "ruleset"], capture_output=True, text=True, check=False
    )
    return "" if tried.returncode == 0 else f"no network namespaces here: {tried.stderr.strip()}"
