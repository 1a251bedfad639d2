"""Write a review as the one comment of a pull request: `comment.py review.md`. An older one of ours is rewritten.

Takes GITHUB_API_URL, GITHUB_REPOSITORY, GITHUB_TOKEN (pull-requests: write) and NUMBER from the environment. Runs on a
runner's own Python, so it uses the standard library alone.

https://docs.github.com/en/rest/issues/comments
"""

import json
import os
import sys
import urllib.request
from pathlib import Path
from typing import Any

MARK = "<!-- gatehouse review -->"
LONGEST = 65_000
"""Characters; GitHub refuses bodies of more than 65,536."""
PAGE = 100


def call(method: str, path: str, body: "dict[str, str] | None" = None) -> "list[dict[str, Any]]":
    """One call of GitHub's REST API."""
    request = urllib.request.Request(
        f"{os.environ['GITHUB_API_URL']}/repos/{os.environ['GITHUB_REPOSITORY']}/{path}",
        method=method,
        data=None if body is None else json.dumps(body).encode(),
        headers={"Authorization": f"Bearer {os.environ['GITHUB_TOKEN']}", "Accept": "application/vnd.github+json"},
    )
    with urllib.request.urlopen(request, timeout=30) as response:
        found: list[dict[str, Any]] = json.load(response)
        return found


def ours(issue: str) -> "int | None":
    """The id of the comment that an earlier run wrote."""
    for page in range(1, 100):
        found = call("GET", f"{issue}/comments?per_page={PAGE}&page={page}")
        for comment in found:
            if comment["user"]["type"] == "Bot" and comment["body"].startswith(MARK):
                return int(comment["id"])
        if len(found) < PAGE:
            return None
    return None


def main(report: str) -> None:
    """Write the comment, or rewrite it."""
    text = Path(report).read_text(encoding="utf-8")
    cut = "" if len(text) <= LONGEST else "\n\n… cut here; the whole review is in the job's summary."
    body = {"body": f"{MARK}\n{text[:LONGEST]}{cut}"}
    issue = f"issues/{int(os.environ['NUMBER'])}"
    found = ours(issue)
    if found is None:
        call("POST", f"{issue}/comments", body)
    else:
        call("PATCH", f"issues/comments/{found}", body)


if __name__ == "__main__":
    main(sys.argv[1])
