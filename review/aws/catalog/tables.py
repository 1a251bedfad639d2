"""Tables of inputs, types and words, which this folder has as JSON.

Generated, with a check in `make lint`: `input_types` and `defaults`, from the installed SDK (`make docs`). Generated
from sources that are not installed: `provider_facts` and `computed_in_blocks` (`make provider-facts`, the provider's
source), `managed_policies` and `managed_without_calls` (`make managed-policies`, moto's copy of AWS's documents).

By hand, since nobody publishes them in a form that a program can read; test_hand_kept_tables.py compares the names in
the first three with botocore and the SDK, and test_catalog.py those of `catalog` and `owned_lists`:

- `actions`: which calls the provider's source makes; what each requires is in AWS's service authorization reference
- `holds_data`: what AWS deletes with a resource, and which inputs decide how long it keeps data
- `stated_defaults`, `sets`: `Default` and `TypeSet` in the provider's source, where the SDK's docstrings are silent
- `owned_lists`: notes on the pages of the provider's reference
- `condition_keys`: AWS's page of global condition keys
- `catalog`, `harmless`, `plain_texts`: the review's own decisions
"""

import functools
import json
from pathlib import Path
from typing import Any


@functools.cache
def load_table(name: str) -> Any:
    """The content of a file of the catalog by its name, such as `defaults`."""
    return load_table_beside(__file__, name)


def load_table_beside(module: str, name: str) -> Any:
    """The content of a JSON file beside a module."""
    return json.loads(Path(module).with_name(f"{name}.json").read_text(encoding="utf-8"))
