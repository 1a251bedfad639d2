"""Where a reader finds a document of Gatehouse: as a file in a clone, and by the command in a project of its own."""

import re
from pathlib import Path
from typing import Final

_PATH: Final = re.compile(r"\b(?:review/)?docs/([a-z-]+)\.md(?: of Gatehouse)?(?![\w#/])")


def name_documents(text: str) -> str:
    """A text whose documents are named by `gatehouse docs NAME`, unless they are files of the current folder."""
    return _PATH.sub(
        lambda match: match[0] if Path(match[0].split()[0]).exists() else f"`gatehouse docs {match[1]}`", text
    )
