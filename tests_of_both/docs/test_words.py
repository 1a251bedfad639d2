"""Words that hide who does what stay out of documents, docstrings, comments and messages."""

import io
import re
import tokenize
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
FOLDERS = ("components", "facts", "handlers", "review", "settings", "topologies")
WORDS = re.compile(r"\b(says|tells|told|anew|for ever)\b", re.IGNORECASE)
KEPT = {
    # Inputs of live resources: another text would be an update.
    "Says hello, and from where",
    "by the free gateway endpoint, whose policy says which",
}
TEXT = {tokenize.COMMENT, tokenize.STRING, getattr(tokenize, "FSTRING_MIDDLE", -1)}


def texts(path: Path) -> Iterator[str]:
    """A document's text; of a module its strings and comments."""
    source = path.read_text(encoding="utf-8")
    if path.suffix != ".py":
        yield source
        return
    tokens = tokenize.generate_tokens(io.StringIO(source).readline) if WORDS.search(source) else ()  # for it is slow
    yield from (token.string for token in tokens if token.type in TEXT)


def test_no_word_is_used_that_the_house_avoids() -> None:
    documents = [
        *ROOT.glob("docs/**/*.md"),
        *ROOT.glob("review/docs/*.md"),
        *(ROOT / name for name in ("README.md", "CONTRIBUTING.md", "SECURITY.md")),
    ]
    modules = [path for folder in FOLDERS for path in (ROOT / folder).rglob("*.py") if "tests" not in path.parts]
    found = [
        f"{path.relative_to(ROOT)}: {match[0]!r} in {text[max(match.start() - 40, 0) : match.end() + 40]!r}"
        for path in (*documents, *modules)
        for text in texts(path)
        if text.strip("\"'") not in KEPT
        for match in WORDS.finditer(text)
    ]
    assert found == []
