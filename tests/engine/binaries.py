"""Programs that `make engine` needs and this project does not ship: the Pulumi CLI and terraform-provider-aws.

`python3 -m tests.engine.binaries` looks for them before anything is installed, so it uses the standard library only.
"""

from __future__ import annotations

import os
import shutil
import sys
from dataclasses import dataclass
from pathlib import Path

OFFICIAL = "--official"


@dataclass(frozen=True)
class Binaries:
    """Paths of the programs."""

    pulumi: Path
    provider: Path | None
    """terraform-provider-aws. None if the CLI fetches and runs Pulumi's own AWS plugin instead."""

    @staticmethod
    def found(*, official: bool) -> Binaries | str:
        """Returns the binaries, or one line that says how to get the missing one."""
        pulumi = os.environ.get("GATEHOUSE_PULUMI") or shutil.which("pulumi")
        provider = os.environ.get("GATEHOUSE_TERRAFORM_PROVIDER_AWS") or shutil.which("terraform-provider-aws")
        if not pulumi:
            return (
                "this needs the Pulumi CLI: https://www.pulumi.com/docs/install/ "
                "(on PATH, or its path in GATEHOUSE_PULUMI)"
            )
        if official:
            return Binaries(Path(pulumi).resolve(), None)
        if not provider:
            return (
                "this needs terraform-provider-aws 6.x: `terraform init` with hashicorp/aws puts it under "
                ".terraform/providers; its path goes into GATEHOUSE_TERRAFORM_PROVIDER_AWS"
            )
        return Binaries(Path(pulumi).resolve(), Path(provider).resolve())


def main() -> int:
    """Returns 2 and prints what is missing, if anything is."""
    binaries = Binaries.found(official=OFFICIAL in sys.argv[1:])
    if isinstance(binaries, str):
        sys.stderr.write(f"{binaries}\n")
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main())
