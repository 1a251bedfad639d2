"""Variables of the environment that a program gets."""

import os
import re
from collections.abc import Collection, Mapping
from typing import Final

_PASSED: Final = re.compile(
    "AWS_REGION|AWS_DEFAULT_REGION|CI|CONDA_PREFIX|LANG|LANGUAGE|LC_[A-Z]+|LD_LIBRARY_PATH|LOGNAME"
    "|NODE_ENV|NODE_OPTIONS|NODE_PATH|PATH|PYTHON[A-Z0-9]+|TMPDIR|TZ|USER|VIRTUAL_ENV"
)
"""Variables that a program gets of the caller's: none of them gives a right."""
# https://docs.aws.amazon.com/sdkref/latest/guide/settings-reference.html
_SETTINGS: Final = {
    "AWS_CONFIG_FILE": os.devnull,
    "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
    "AWS_EC2_METADATA_DISABLED": "true",
    "AWS_MAX_ATTEMPTS": "1",
    "GRPC_VERBOSITY": "ERROR",
}


def passed(environment: Mapping[str, str], names: Collection[str] = ()) -> dict[str, str]:
    """The variables that a program gets, with those of `names`, and with AWS's metadata service off."""
    return {**{key: value for key, value in environment.items() if key in names or _PASSED.fullmatch(key)}, **_SETTINGS}
