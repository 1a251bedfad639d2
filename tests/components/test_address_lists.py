"""Published address lists: one dated file, and a command that renews it. The publisher here is on loopback."""

import datetime
import http.server
import json
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from tools.address_lists import refresh

TODAY = datetime.date(2030, 1, 2)


@pytest.fixture
def published() -> Iterator[dict[str, object]]:
    """Answers of the publisher, filled by the test; `url` is its address."""
    document: dict[str, object] = {}

    class Publisher(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            body = json.dumps(document).encode()
            self.send_response(200)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    with http.server.HTTPServer(("127.0.0.1", 0), Publisher) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
        thread.start()
        document["url"] = f"http://127.0.0.1:{server.server_port}/meta"
        yield document
        server.shutdown()
        thread.join()


def a_file(folder: Path, source: object) -> Path:
    file = folder / "lists.json"
    entry = {"source": source, "key": "hooks", "read": "2026-01-17", "ranges": ["192.0.2.0/24", "198.51.100.0/24"]}
    file.write_text(json.dumps({"hooks-of-somebody": entry}))
    return file


def test_a_refresh_says_what_came_and_went(tmp_path: Path, published: dict[str, object]) -> None:
    published["hooks"] = ["192.0.2.0/24", "2001:db8::/32"]
    file = a_file(tmp_path, published["url"])
    assert refresh(file, TODAY) == ["hooks-of-somebody: -198.51.100.0/24 +2001:db8::/32"]
    entry = json.loads(file.read_text())["hooks-of-somebody"]
    assert (entry["ranges"], entry["read"]) == (["192.0.2.0/24", "2001:db8::/32"], "2030-01-02")


def test_nothing_new_moves_the_date_alone(tmp_path: Path, published: dict[str, object]) -> None:
    published["hooks"] = ["192.0.2.0/24", "198.51.100.0/24"]
    file = a_file(tmp_path, published["url"])
    assert refresh(file, TODAY) == []
    assert json.loads(file.read_text())["hooks-of-somebody"]["read"] == "2030-01-02"


@pytest.mark.parametrize("answer", [[], ["everything"], ["10.0.0.1/8"]])
def test_an_answer_that_is_no_list_changes_nothing(
    tmp_path: Path, published: dict[str, object], answer: list[str]
) -> None:
    published["hooks"] = answer
    file = a_file(tmp_path, published["url"])
    before = file.read_text()
    with pytest.raises(ValueError):
        refresh(file, TODAY)
    assert file.read_text() == before
