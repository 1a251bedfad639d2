"""Send the same calls to `make try`'s gateway and to an emulator, and list each difference with who is right.

    python -m venv /tmp/ministack && /tmp/ministack/bin/pip install ministack
    GATEHOUSE_MINISTACK=/tmp/ministack/bin/python python -m dev.beside_emulator

The status is 1 if a difference has no verdict in `verdicts.py`, or a verdict is met by no difference.
"""

from __future__ import annotations

import json
import re
import sys
from collections import defaultdict
from collections.abc import Iterator
from typing import Any, Final

import httpx

from .both import PYTHON, VARIABLE, both
from .calls import CALLS, Call
from .verdicts import VERDICTS

_HEADERS: Final = (
    "content-type", "content-length", "x-amzn-errortype", "x-one", "x-many", "set-cookie", "apigw-requestid",
    "x-amzn-requestid", "x-amz-apigw-id", "access-control-allow-origin", "access-control-allow-methods",
    "access-control-allow-headers", "access-control-expose-headers", "access-control-max-age", "vary", "x-kind",
    "x-origin",
)  # fmt: skip
# Differ between any two calls, or between the two hosts: only their types are compared.
_VARYING: Final = re.compile(
    r"(request|resource|deployment|api|extendedrequest|apikey|apigw-)id$|time|domain|prefix$|host$|host\.0$|x-amzn-trace-id|length|methodarn"
    r"|sourceip|x-forwarded-(for|port)|accesskey",
    re.IGNORECASE,
)


def flat(value: Any, at: str) -> Iterator[tuple[str, str]]:
    """Each leaf with its place. A varying one as its type."""
    if isinstance(value, dict) and value:
        for key, below in value.items():
            # Names of headers have any case on the way: HTTP/2 has them in lower case.
            yield from flat(below, f"{at}.{key.lower() if 'eaders' in at else key}")
    elif isinstance(value, list) and value:
        for index, below in enumerate(value):
            yield from flat(below, f"{at}.{index}")
    else:
        yield at, type(value).__name__ if _VARYING.search(at) and value is not None else json.dumps(value)


def seen(answer: httpx.Response) -> dict[str, str]:
    """Status, headers and body of an answer, as far as two answers to the same call should agree."""
    found = {"status": str(answer.status_code)}
    for name in _HEADERS:
        values = answer.headers.get_list(name)
        if values:
            varies = _VARYING.search(name)
            found[f"header {name}"] = "present" if varies and name != "content-length" else "; ".join(values)
    if found.get("status") == "200" and "content-length" in answer.headers:
        del found["header content-length"]
    try:
        body = answer.json()
    except ValueError:
        found["body"] = repr(answer.content[:80])
    else:
        found |= dict(flat(body, "body"))
    return found


def differences(ours: dict[str, str], theirs: dict[str, str]) -> Iterator[tuple[str, str, str]]:
    """Place, our value, the emulator's."""
    for place in sorted(ours.keys() | theirs.keys()):
        one, other = ours.get(place, "absent"), theirs.get(place, "absent")
        if one != other:
            yield place, one, other


def main() -> int:
    """Compare. Returns the status."""
    if not PYTHON:
        print(f"{VARIABLE}: set it to a Python that has `ministack`", file=sys.stderr)
        return 2
    rows: dict[tuple[str, str, str, str], list[Call]] = defaultdict(list)
    with both(PYTHON) as served:
        for call in CALLS:
            sent: dict[str, Any] = {"method": call.method, "content": call.body, "trust_env": False, "timeout": 60}
            # Without a client of its own each, the cookies of one answer would be in the next call.
            ours = httpx.request(url=served.local.url(call.api) + call.path, headers=call.headers, **sent)
            theirs = httpx.request(
                url=served.address + call.path, headers={**call.headers, "Host": served.hosts[call.api]}, **sent
            )
            for place, one, other in differences(seen(ours), seen(theirs)):
                rows[call.api, place, one, other].append(call)
    used, unjudged = set(), 0
    for (api, place, one, other), calls in rows.items():
        verdict = next((each for each in VERDICTS if each.fits(api, place, calls[0])), None)
        used.add(verdict)
        unjudged += verdict is None
        more = f" and {len(calls) - 1} more" if len(calls) > 1 else ""
        print(f"\n{calls[0]}{more}: {place}\n  ours     {one}\n  emulator {other}")
        print(f"  {verdict.right}: {verdict.why}" if verdict else "  NO VERDICT")
    print(f"{len(CALLS)} calls, {len(rows)} kinds of difference, {unjudged} without a verdict")
    for each in VERDICTS:
        if each not in used:
            print(f"verdict without a difference: {each}")
    return int(bool(unjudged or set(VERDICTS) - used))


if __name__ == "__main__":
    sys.exit(main())
