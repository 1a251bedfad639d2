"""Write a review as the one comment of a pull request: `comment.py review.md`. An older one of ours is rewritten.

Takes from the environment GITHUB_API_URL, GITHUB_REPOSITORY, GITHUB_TOKEN (pull-requests: write), NUMBER, and

- PROJECT and STACKS: what was reviewed, since each has a comment of its own;
- COMMIT: what was reviewed; if the pull request is at another one by now, or is another one, nothing is written;
- RUN_URL: the run that has the whole review as an artifact;
- FORK: the fork that the code which wrote the review is from; empty if it is the repository's own.

Runs on a runner's own Python, so it uses the standard library alone.

https://docs.github.com/en/rest/issues/comments
"""

import json
import os
import re
import sys
import urllib.request
from pathlib import Path
from typing import Any

LONGEST = 65_536
"""Characters that GitHub takes, which counts UTF-16 units."""
PAGE = 100
MOST = 400_000
"""Characters of a review that are looked at: a fork's may be of any size."""
SECTION = re.compile(r"<details><summary>([^\n]*)</summary>\n")


def call(method: str, path: str, body: "dict[str, str] | None" = None) -> Any:
    """One call of GitHub's REST API."""
    request = urllib.request.Request(
        f"{os.environ['GITHUB_API_URL']}/repos/{os.environ['GITHUB_REPOSITORY']}/{path}",
        method=method,
        data=None if body is None else json.dumps(body).encode(),
        headers={"Authorization": f"Bearer {os.environ['GITHUB_TOKEN']}", "Accept": "application/vnd.github+json"},
    )
    with urllib.request.urlopen(request, timeout=30) as response:
        return json.load(response)


def ours(issue: str, mark: str) -> "int | None":
    """The id of the comment that an earlier run wrote."""
    for page in range(1, 100):
        comments = call("GET", f"{issue}/comments?per_page={PAGE}&page={page}")
        for comment in comments:
            if comment["user"]["type"] == "Bot" and comment["body"].startswith(mark):
                return int(comment["id"])
        if len(comments) < PAGE:
            return None
    return None


def length(text: str) -> int:
    """Characters as GitHub counts them."""
    return len(text.encode("utf-16-le")) // 2


def sections(text: str) -> "list[tuple[str, str | None]]":
    """The text in parts: folded sections with their titles, and lines without. One that has no end is no section.

    A section in another one is a part of that one.
    """
    parts: list[tuple[str, str | None]] = []
    begun, title, depth = 0, None, 0
    for line in text.splitlines(keepends=True):
        parts.append((line, None))
        opened = SECTION.fullmatch(line)
        if title is None and opened:
            begun, title = len(parts) - 1, opened[1]
        depth += bool(opened)
        if title is not None and line.rstrip("\n") == "</details>":
            depth -= 1
            if not depth:
                parts[begun:] = [("".join(part for part, _ in parts[begun:]), title)]
                title = None
    return parts


def fitted(text: str, room: int, whole: str) -> str:
    """The text without its longest folded sections, as many as it takes; `whole` is where they are.

    If that is not enough it ends at a heading, so that nothing is left open.
    """
    parts = sections(text)
    over = length(text) - room
    for number in sorted(range(len(parts)), key=lambda number: len(parts[number][0]), reverse=True):
        part, title = parts[number]
        if over > 0 and title is not None:
            parts[number] = f"{title}: left out, {whole}.\n", None
            over -= length(part) - length(parts[number][0])
    text = "".join(part for part, _ in parts).rstrip()
    if length(text) <= room:
        return text
    end = f"\n\nCut here: {whole}.\n"
    kept = text.encode("utf-16-le")[: 2 * (room - length(end))].decode("utf-16-le", "ignore")
    last = max(kept.rfind("\n## "), kept.rfind("\n### "), kept.rfind("\n- "))
    return kept[: max(last, 0)] + end


def body(text: str, mark: str) -> str:
    """The comment: the mark, where the text comes from, and as much of it as fits."""
    environment = os.environ.get
    fork, run, commit = environment("FORK", ""), environment("RUN_URL", ""), environment("COMMIT", "")
    head = f"{mark}\n"
    if fork:
        name = re.sub(r"[^\w./-]", "", fork)
        head += f"> The code of the fork {name} wrote what follows, and may have written anything.\n\n"
    foot = f"\n\n<sub>Commit {re.sub(r'[^0-9a-f]', '', commit)[:12]}</sub>\n" if commit else "\n"
    whole = (
        f"the whole review is an artifact of [this run]({run})" if run else "the whole review is in the job's summary"
    )
    return head + fitted(text.rstrip(), LONGEST - length(head + foot), whole) + foot


def main(report: str) -> None:
    """Write the comment, or rewrite it."""
    what = " ".join(f"{os.environ.get('PROJECT', '.')} {os.environ.get('STACKS', '')}".split())
    mark = f"<!-- gatehouse review: {re.sub(r'[^ -~]|--|>', '_', what)} -->"
    written = {"body": body(Path(report).read_text(encoding="utf-8", errors="replace")[:MOST], mark)}
    number, commit = int(os.environ["NUMBER"]), os.environ.get("COMMIT", "")
    if commit and call("GET", f"pulls/{number}")["head"]["sha"] != commit:
        print(f"no comment: {commit} is not the newest commit of pull request {number}")
        return
    issue = f"issues/{number}"
    comment = ours(issue, mark)
    if comment is None:
        call("POST", f"{issue}/comments", written)
    else:
        call("PATCH", f"issues/comments/{comment}", written)


if __name__ == "__main__":
    main(sys.argv[1])
