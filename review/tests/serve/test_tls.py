"""`--tls`: the APIs speak https with a certificate of the run, which the printed lines, the page and `--once` trust."""

import asyncio
import json
import ssl
import subprocess
import time
from pathlib import Path

import httpx
import pytest

from review.serve import command
from review.serve.certificate import Certificate
from review.serve.page import Page
from review.serve.stack import Options
from review.serve.testing import serving
from review.tests.serve.conftest import Backend, listening
from review.tests.serve.test_gateway import on_a_domain
from tests.helpers import plain_http
from tests.helpers.stacks import graph_of


def test_a_printed_line_answers_by_https_and_a_stranger_does_not_trust_it() -> None:
    with Certificate() as tls, serving(graph_of("dev"), Options(tls=tls)) as served:
        line = served.route("GET", "/forward")
        done = subprocess.run(["sh", "-c", f"{line.curl} -s"], capture_output=True, text=True, check=True)
        assert line.url.startswith("https://127.0.0.1:")
        assert json.loads(done.stdout)["path"] == "/"
        with pytest.raises(httpx.ConnectError, match="CERTIFICATE_VERIFY_FAILED"):
            plain_http.get(line.url)
        assert (tls.file.parent / "key.pem").stat().st_mode & 0o077 == 0
        folder = tls.file.parent
    assert not folder.exists()


def test_the_certificate_passes_strict_clients() -> None:
    """Python 3.13's default: https://docs.python.org/3/library/ssl.html#ssl.VERIFY_X509_STRICT"""
    with Certificate() as tls, serving(graph_of("dev"), Options(tls=tls)) as served:
        strict = tls.trusted()
        strict.verify_flags |= ssl.VERIFY_X509_STRICT
        for host in ("127.0.0.1", "localhost"):
            url = f"{served.url()}/live/nowhere".replace("127.0.0.1", host)
            assert httpx.get(url, verify=strict, trust_env=False).status_code == 403
        (made,) = strict.get_ca_certs()
        days = [int(ssl.cert_time_to_seconds(str(made[at])) - time.time()) // 86400 for at in ("notBefore", "notAfter")]
        assert made["subjectAltName"] == (("IP Address", "127.0.0.1"), ("DNS", "localhost"))
        assert -2 <= days[0] < 0 <= days[1] <= 30


@pytest.mark.parametrize("secure", [True, False])
def test_an_address_of_the_api_in_a_redirect_has_the_scheme_of_this_machine(secure: bool) -> None:
    class Redirecting(Backend):
        def handle_one(self) -> None:
            self.send_response(307)
            self.send_header("Location", "https://a.example.com/orders/")
            self.send_header("Content-Length", "0")
            self.end_headers()

        do_GET = handle_one  # noqa: N815 # the library's name

    with listening(Redirecting) as port, Certificate() as tls:
        options = Options(backends=[f"http://127.0.0.1:{port}"], tls=tls if secure else None)
        with serving(on_a_domain("a.example.com", ""), options) as served:
            headers = {"Host": "a.example.com"}
            answer = httpx.get(f"{served.url()}/orders", headers=headers, verify=tls.trusted(), trust_env=False)
    assert (answer.status_code, answer.headers["location"]) == (
        307,
        f"{'https' if secure else 'http'}://a.example.com/orders/",
    )


def test_once_and_the_page_trust_the_certificate(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "requests.json"
    file.write_text('[{"path": "/live/nowhere"}]')
    assert command.main(["dev", "--tls", "--once", str(file)]) == 0
    assert json.loads(capsys.readouterr().out)[0]["status"] == 403
    with Certificate() as tls, serving(graph_of("dev"), Options(tls=tls)) as served:
        sent = {"method": "GET", "url": f"{served.url()}/live/nowhere", "headers": []}
        assert asyncio.run(Page(served.stack, "dev")._send(sent))["status"] == 403
