"""Prices of a project: `prices.yaml` beside `Pulumi.yaml`, which the review reads before its own table.

`gatehouse prices` writes the file from AWS's price list.
"""

from __future__ import annotations

import argparse
import datetime
import difflib
import json
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final

import yaml

from ..evaluate.problems import Problem, StackFileError
from ..evaluate.project_file import find_project_folder, load
from ..evaluate.stack_file import list_stacks
from ..evaluate.yaml_text import read_mapping
from ..facts import regions
from .prices import TABLE, expand_rows
from .queries import find_query
from .refresh import RefreshError, connect, explain_api_errors, refresh

NAME: Final = "prices.yaml"
_KEYS: Final = ("source", "read", "items")
_HEAD: Final = """\
# Prices in dollars, which the review reads before its own. `gatehouse prices` asks AWS for them. You can also write
# them: an item, its regions, and a number, or tiers such as [[10240, 0.09], [null, 0.085]].
"""


def read_project_prices(folder: Path) -> Mapping[str, Any]:
    """The project's prices by item and region, with their source. Empty without a file. Raises StackFileError."""
    path = folder / NAME
    if not path.exists():
        return {}
    document = read_mapping(path, NAME)
    mistakes = [
        *(Problem("", key, f"not read here: {', '.join(_KEYS)} are") for key in document if key not in _KEYS),
        *(_check_item(item, prices) for item, prices in (document.get("items") or {}).items()),
    ]
    if found := [mistake for mistake in mistakes if mistake is not None]:
        raise StackFileError(NAME, found)
    return document


def _check_item(item: str, prices: Any) -> Problem | None:
    items = json.loads(TABLE.read_text(encoding="utf-8"))["items"]
    if item not in items and not item.startswith("ec2-"):
        near = difflib.get_close_matches(str(item), items, n=1)
        return Problem("items", str(item), f"no such item{f'; did you mean {near[0]}?' if near else ''}")
    if not isinstance(prices, Mapping):
        return Problem("items", item, "want regions with a number of dollars, such as {eu-central-1: 0.027}")
    for region, usd in prices.items():
        if not regions.is_region(str(region)):
            return Problem(f"items.{item}", str(region), "no such region")
        if not _is_price(usd):
            return Problem(
                f"items.{item}", str(region), f"got {usd!r}; want dollars, or tiers that end with [null, dollars]"
            )
    return None


def _is_price(usd: Any) -> bool:
    if isinstance(usd, list):
        whole = all(isinstance(tier, list) and len(tier) == 2 and _is_number(tier[1]) for tier in usd)
        return bool(usd) and whole and usd[-1][0] is None and all(_is_number(tier[0]) for tier in usd[:-1])
    return _is_number(usd)


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and value >= 0


def main(arguments: Sequence[str], name: str = "gatehouse prices", client: Any = None) -> int:
    """Write the file from AWS's price list. Returns the exit status: 2 if AWS cannot be asked."""
    parser = argparse.ArgumentParser(
        prog=name,
        description=f"Ask AWS's price list for the regions of the stack files, and write {NAME} beside Pulumi.yaml.",
        epilog="It needs boto3 and credentials with pricing:GetProducts. The calls are free. Prices that it does not "
        "find stay as they are in the file.",
    )
    parser.add_argument("--project", type=Path, metavar="DIR", help="folder of Pulumi.yaml; else the nearest above")
    parser.add_argument(
        "--region", action="append", default=[], help="this region, in place of those of the stack files"
    )
    parser.add_argument("--instance", action="append", default=[], help="add this EC2 type, such as m7g.large")
    options = parser.parse_args(arguments)
    try:
        folder = load(options.project or find_project_folder(Path.cwd())).root
        earlier = dict(read_project_prices(folder).get("items") or {})
        wanted = options.region or _list_regions(folder)
        today = datetime.datetime.now(tz=datetime.UTC).date()
        with explain_api_errors():
            found, kept = _ask_aws(client or connect(), wanted, options.instance, today)
    except (StackFileError, RefreshError) as error:
        print(error, file=sys.stderr)
        return 2
    items = {item: {**earlier.get(item, {}), **found.get(item, {})} for item in sorted({*earlier, *found})}
    document = {"source": f"AWS price API, read {today.isoformat()}", "read": f"{today:%Y-%m}", "items": items}
    (folder / NAME).write_text(_HEAD + yaml.safe_dump(document, sort_keys=False), encoding="utf-8")
    print("\n".join(f"not found: {line}" for line in kept))
    print(f"{NAME} has {sum(map(len, items.values()))} prices for {', '.join(wanted)}")
    return 0


def _list_regions(folder: Path) -> list[str]:
    """The regions that the stack files name. Raises RefreshError without one."""
    project = load(folder)
    files = [read_mapping(project.stack_dir / f"Pulumi.{stack}.yaml") for stack in list_stacks(project)]
    named = sorted({str(region) for file in files if (region := (file.get("config") or {}).get("aws:region"))})
    if not named:
        raise RefreshError("no stack file here names a region: write aws:region, or give --region eu-west-1")
    return named


def _ask_aws(
    client: Any, wanted: Sequence[str], instances: Sequence[str], today: datetime.date
) -> tuple[dict[str, Any], list[str]]:
    """What the price list has for all items that there is a query for, and a line for what it has not."""
    ours = json.loads(TABLE.read_text(encoding="utf-8"))["items"]
    names = {item: entry for item, entry in ours.items() if find_query(item) is not None}
    more = {f"ec2-{kind}": {"what": f"{kind} Linux", "unit": "hour"} for kind in instances}
    table = {
        "sources": {},
        "items": {item: {**entry, "prices": {}} for item, entry in {**names, **more}.items()},
        "as_of": "",
    }
    outcome = refresh(table, client, today, wanted)
    items = {item: entry["prices"] for item, entry in expand_rows(table)["items"].items() if entry["prices"]}
    return {item: prices[source] for item, prices in items.items() for source in prices}, outcome.kept
