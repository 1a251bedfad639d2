"""The comment on a pull request, with GitHub's API on a local socket."""

import json
import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

import pytest

from tests.helpers.stacks import ROOT

pytestmark = pytest.mark.slow


class GitHub(HTTPServer):
    """Keeps the comments of one pull request."""

    comments: list[dict[str, Any]]
    seen: list[str]
    head: str


class Handler(BaseHTTPRequestHandler):
    server: GitHub

    def do_GET(self) -> None:
        if self.path.endswith("/pulls/7"):
            return self.reply({"head": {"sha": self.server.head}})
        page = int(self.path.rpartition("page=")[2])
        return self.reply(self.server.comments[(page - 1) * 100 : page * 100])

    def do_POST(self) -> None:
        self.server.comments.append({"id": 900 + len(self.server.comments), "user": {"type": "Bot"}, **self.body()})
        self.reply(self.server.comments[-1])

    def do_PATCH(self) -> None:
        (found,) = (one for one in self.server.comments if one["id"] == int(self.path.rpartition("/")[2]))
        found.update(self.body())
        self.reply(found)

    def body(self) -> dict[str, Any]:
        document: dict[str, Any] = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        return document

    def reply(self, document: Any) -> None:
        self.server.seen.append(f"{self.command} {self.path} {self.headers['Authorization']}")
        data = json.dumps(document).encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def log_message(self, format: str, *args: Any) -> None: ...


@pytest.fixture
def github() -> Iterator[GitHub]:
    with GitHub(("127.0.0.1", 0), Handler) as server:
        server.comments, server.seen, server.head = [], [], "c0ffee"
        threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
        yield server
        server.shutdown()


def comment(github: GitHub, folder: Path, text: str, **more: str) -> None:
    """Comment with a report of this text."""
    report = folder / "review.md"
    report.write_text(text)
    host, port = github.server_address[:2]
    environment = {"GITHUB_API_URL": f"http://{host!s}:{port}", "GITHUB_REPOSITORY": "o/r", "GITHUB_TOKEN": "t"}
    command = [sys.executable, "-I", str(ROOT / "dev" / "tools" / "comment.py"), str(report)]
    given = {**environment, "NUMBER": "7", "PATH": os.environ["PATH"], **more}
    subprocess.run(command, env=given, check=True)


def ours(github: GitHub) -> list[str]:
    return [one["body"] for one in github.comments if one["user"]["type"] == "Bot"]


def test_one_comment_is_written_and_then_rewritten(github: GitHub, tmp_path: Path) -> None:
    mark = "<!-- gatehouse review: . -->\n"
    # Somebody else may quote the mark, and a long discussion has pages.
    github.comments = [{"id": n, "user": {"type": "User"}, "body": mark} for n in range(120)]
    for text in ("first", "second"):
        comment(github, tmp_path, text)
    assert ours(github) == [f"{mark}second\n"]
    assert [line.split()[0] for line in github.seen if not line.startswith("GET")] == ["POST", "PATCH"]
    assert github.seen[-1] == "PATCH /repos/o/r/issues/comments/1020 Bearer t"


def test_projects_and_stacks_have_comments_of_their_own(github: GitHub, tmp_path: Path) -> None:
    for text, project, stacks in (("1", "a", "dev"), ("2", "b", "dev"), ("3", "a", "prod  dev"), ("4", "a", "dev")):
        comment(github, tmp_path, text, PROJECT=project, STACKS=stacks)
    assert [body.splitlines()[1] for body in ours(github)] == ["4", "2", "3"]


def test_a_comment_names_its_commit_and_the_fork_that_made_it(github: GitHub, tmp_path: Path) -> None:
    comment(github, tmp_path, "text", COMMIT="c0ffee", FORK="some/fork @all")
    (body,) = ours(github)
    assert "The code of the fork some/forkall wrote what follows" in body
    assert "Commit c0ffee" in body
    github.head = "beef"
    comment(github, tmp_path, "of an old commit, or for another pull request", COMMIT="c0ffee")
    assert ours(github) == [body]


def test_a_comment_is_cut_at_sections_and_never_too_long(github: GitHub, tmp_path: Path) -> None:
    """A character outside the basic plane counts twice at GitHub."""

    def folded(title: str, size: int) -> str:
        return f"<details><summary>{title}</summary>\n\n{'🚪' * size}\n\n</details>\n"

    text = f"## a\n\nverdict\n\n{folded('long', 40_000)}\n{folded('short', 10)}\n## b\n\nverdict\n"
    comment(github, tmp_path, text, RUN_URL="https://github.invalid/run/1")
    (body,) = ours(github)
    assert "long: left out, the whole review is an artifact of [this run](https://github.invalid/run/1)." in body
    assert folded("short", 10) in body
    assert body.endswith("## b\n\nverdict\n")
    comment(github, tmp_path, "\n".join(f"## stack {n}\n\n- {'x' * 900}" for n in range(100)))
    (body,) = ours(github)
    assert 60_000 < len(body) <= 65_536
    assert body.rstrip().endswith("Cut here: the whole review is in the job's summary.")
    assert {line.count("x") for line in body.splitlines()} == {0, 900}


def test_sections_without_an_end_are_no_sections(github: GitHub, tmp_path: Path) -> None:
    """A fork may write any number of them; each is read once."""
    comment(github, tmp_path, "## a\n" + "<details><summary></summary>\n" * 50_000)
    comment(github, tmp_path, "## a\n" + "<details><summary>b</summary>\n</details>\n" * 50_000)
    assert len(ours(github)[0]) <= 65_536


def test_a_section_in_another_one_is_left_out_with_it(github: GitHub, tmp_path: Path) -> None:
    """The report after a comparison is folded, and has folded sections of its own."""
    inner = "<details><summary>Costs</summary>\n\n" + "x\n" * 40_000 + "\n</details>"
    whole = f"<details><summary>The whole report</summary>\n\nfirst\n\n{inner}\n\nlast\n\n</details>"
    comment(github, tmp_path, f"## small\n\n### Opens to anyone\n\n{whole}\n\n<sub>end</sub>\n")
    (body,) = ours(github)
    assert "### Opens to anyone" in body
    assert "The whole report: left out" in body
    assert "details>" not in body
    assert "<sub>end</sub>" in body
