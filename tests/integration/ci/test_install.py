"""`gatehouse ci install`: the index and the proxy of the runner are used, and nothing else of the job is handed on."""

import hashlib
import http.server
import os
import subprocess
import sys
import threading
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from review.ci.install import choose_variables, has_token

pytestmark = pytest.mark.xdist_group("installed")
WHEEL = "tiny-1.0-py3-none-any.whl"


def test_only_index_proxy_and_certificates_are_kept() -> None:
    job = {
        "GITHUB_TOKEN": "x",
        "AWS_SECRET_ACCESS_KEY": "x",
        "PULUMI_ACCESS_TOKEN": "x",
        "GH_TOKEN": "x",
        "PYTHONPATH": "x",
    }
    ours = {
        "PATH": "/bin",
        "HTTPS_PROXY": "http://proxy.invalid",
        "SSL_CERT_FILE": "/ca.pem",
        "UV_INDEX": "own=https://a.invalid",
    }
    tokens = {"UV_INDEX_OWN_USERNAME": "me", "UV_INDEX_OWN_PASSWORD": "x"}
    assert choose_variables({**job, **ours, **tokens, "UV_DEFAULT_INDEX": ""}) == {**ours, **tokens}
    assert choose_variables({"PIP_INDEX_URL": "https://a.invalid"})["UV_DEFAULT_INDEX"] == "https://a.invalid"


@pytest.mark.parametrize(
    ("variables", "token"),
    [
        ({"UV_INDEX": "own=https://a.invalid", "HTTPS_PROXY": "http://proxy.invalid"}, False),
        ({"UV_INDEX_OWN_PASSWORD": "x"}, True),
        ({"UV_DEFAULT_INDEX": "https://me:x@a.invalid/simple"}, True),
        ({"NETRC": "/netrc"}, True),
    ],
)
def test_a_token_is_seen(variables: dict[str, str], token: bool) -> None:
    assert has_token(variables) is token


class _Proxy(http.server.BaseHTTPRequestHandler):
    """A proxy that serves an index of one wheel, at a name that only it knows."""

    folder: Path
    asked: list[str]

    def do_GET(self) -> None:
        self.asked.append(self.path)
        wheel = self.folder / WHEEL
        if self.path.endswith(".whl"):
            content = wheel.read_bytes()
        else:
            digest = hashlib.sha256(wheel.read_bytes()).hexdigest()
            content = f'<a href="http://index.invalid/{WHEEL}#sha256={digest}">{WHEEL}</a>'.encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/octet-stream" if self.path.endswith(".whl") else "text/html")
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        if self.command == "GET":
            self.wfile.write(content)

    do_HEAD = do_GET  # noqa: N815 # a name of http.server

    def log_message(self, *_: object) -> None:
        """Print nothing."""


@pytest.fixture
def proxy(tmp_path: Path) -> Iterator[str]:
    with zipfile.ZipFile(tmp_path / WHEEL, "w") as archive:
        archive.writestr("tiny.py", "")
        archive.writestr("tiny-1.0.dist-info/METADATA", "Metadata-Version: 2.1\nName: tiny\nVersion: 1.0\n")
        archive.writestr("tiny-1.0.dist-info/WHEEL", "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n")
        archive.writestr("tiny-1.0.dist-info/RECORD", "")
    handler = type("Handler", (_Proxy,), {"folder": tmp_path, "asked": []})
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()
        assert any(path.startswith("http://index.invalid/") for path in handler.asked)  # type: ignore[attr-defined]


@pytest.mark.slow
def test_a_project_is_installed_through_a_proxy_from_an_index_of_ones_own(
    installed: Path, tmp_path: Path, proxy: str
) -> None:
    shop = tmp_path / "shop"
    shop.mkdir()
    (shop / "requirements.txt").write_text("tiny==1.0\n")
    digest = hashlib.sha256((tmp_path / WHEEL).read_bytes()).hexdigest()
    (shop / "requirements.lock").write_text(f"tiny==1.0 \\\n    --hash=sha256:{digest}\n")
    # A checkout must neither choose another index nor run a module of its own.
    (shop / "uv.toml").write_text('[[index]]\nurl = "http://127.0.0.1:9/simple"\ndefault = true\n')
    (shop / "uv.py").write_text("open('ran', 'w')\n")
    environment = {
        **os.environ,
        "PYTHONPATH": str(installed),
        "HTTP_PROXY": proxy,
        "UV_DEFAULT_INDEX": "http://index.invalid/simple",
    }
    environment.pop("UV_OFFLINE", None)
    command = [sys.executable, str(installed / "bin" / "gatehouse"), "ci", "install", "--project", str(shop)]
    done = subprocess.run(command, cwd=shop, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert list((shop / ".venv").rglob("tiny.py"))
    assert not (shop / "ran").exists()
