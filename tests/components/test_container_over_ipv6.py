"""A real Docker daemon with the boot script's configuration, in a network that only IPv6 leaves.

Two network namespaces: the instance, and a site with a name server beyond it. Nothing else is reached, and the image is
made of this machine's own curl.
"""

import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.components.boot import boot
from tests.components.test_user_data import container

_NEEDED = "dockerd docker containerd unshare ip ip6tables nsenter curl ldd"
_missing = [command for command in _NEEDED.split() if not shutil.which(command)]
pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(
        os.geteuid() != 0 or bool(_missing), reason=f"needs root and {', '.join(_missing) or 'no more'}"
    ),
    pytest.mark.xdist_group("docker"),
]

# Answers each question with an IPv4 and an IPv6 address; the IPv4 one leads nowhere.
_NAMES = r"""
import socket, struct
server = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
server.bind(("10.0.0.1", 53))
while True:
    asked, client = server.recvfrom(512)
    end = asked.index(b"\0", 12) + 5
    kind = struct.unpack("!H", asked[end - 4 : end - 2])[0]
    found = {1: socket.inet_aton("198.51.100.7"), 28: socket.inet_pton(socket.AF_INET6, "2600:1f18::99")}.get(kind)
    header = asked[:2] + b"\x81\x80" + asked[4:6] + struct.pack("!HHH", bool(found), 0, 0)
    answer = b"\xc0\x0c" + struct.pack("!HHIH", kind, 1, 60, len(found)) + found if found else b""
    server.sendto(header + asked[12:end] + answer, client)
"""

_RUN = r"""
set -eu
host=gatehouse-host-$$ site=gatehouse-site-$$
# The daemon's sockets need short paths.
state="$(mktemp -d)"
cleanup() {
  kill $(jobs -p) 2>/dev/null || true
  wait || true
  ip netns delete "$host" || true
  ip netns delete "$site" || true
  rm -rf "$state"
}
trap cleanup EXIT
for name in "$host" "$site"; do ip netns add "$name"; ip -n "$name" link set lo up; done
ip -n "$host" link add eth0 type veth peer name eth0 netns "$site"
for name in "$host" "$site"; do ip -n "$name" link set eth0 up; done
ip -n "$host" address add 2a05:d018::10/64 dev eth0 nodad
ip -n "$site" address add 2a05:d018::1/64 dev eth0 nodad
ip -n "$site" address add 2600:1f18::99/128 dev lo
ip -n "$host" address add 10.0.0.10/24 dev eth0
ip -n "$site" address add 10.0.0.1/24 dev eth0
ip -n "$host" route add default via 10.0.0.1
ip -n "$host" route add default via 2a05:d018::1
ip netns exec "$site" sysctl --quiet --write net.ipv4.ip_forward=0
nsenter --net="/run/netns/$site" python3 names.py &
nsenter --net="/run/netns/$site" python3 -m http.server --bind 2600:1f18::99 80 --directory empty >web.log 2>&1 &
nsenter --net="/run/netns/$host" dockerd --config-file "$1" --data-root "$state/data" --exec-root "$state/exec" \
  --pidfile "$state/pid" --host "unix://$state/socket" --storage-driver vfs >daemon.log 2>&1 &
docker() { timeout 60 "$(type -P docker)" --host "unix://$state/socket" "$@"; }
for ((attempt = 0; attempt < 100; attempt++)); do docker info >/dev/null 2>&1 && break; sleep 0.2; done
tar --create --directory root . | docker import - backend:current >/dev/null
# Only the first address of the name is tried within the time.
docker run --rm --dns 10.0.0.1 backend:current /usr/bin/curl --silent --show-error --output /dev/null --max-time 5 \
  --happy-eyeballs-timeout-ms 60000 --write-out '%{http_code} %{remote_ip}' http://name.example/ 2>&1 || true
"""


def _root(folder: Path) -> None:
    """A root file system of curl, what it loads, and how names are looked up."""
    curl = shutil.which("curl") or ""
    listed = subprocess.run(["ldd", curl], capture_output=True, text=True, check=True).stdout
    for file in [curl, *re.findall(r"(/\S+) \(", listed), *map(str, Path("/lib").glob("*-linux-gnu/libnss_*.so.2"))]:
        target = folder / (file.lstrip("/") if file != curl else "usr/bin/curl")
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(file, target)
    (folder / "etc").mkdir()
    (folder / "etc/nsswitch.conf").write_text("hosts: files dns\n")


def test_a_container_calls_names_over_ipv6_where_nothing_leaves_over_ipv4(tmp_path: Path) -> None:
    booted = boot(tmp_path / "instance", container("nginx:1.27", dual_stack=True))
    (tmp_path / "names.py").write_text(_NAMES)
    (tmp_path / "empty").mkdir()
    _root(tmp_path / "root")
    done = subprocess.run(
        ["unshare", "--mount", "bash", "-c", _RUN, "run", str(booted.root / "etc/docker/daemon.json")],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.stdout == "200 2600:1f18::99", done.stdout + done.stderr + (tmp_path / "daemon.log").read_text()
