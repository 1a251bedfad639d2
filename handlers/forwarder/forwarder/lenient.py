"""Heads that few backends write: with single line feeds, folded lines, or whitespace in front of colons."""

from .headers import count_controls
from .refusal import malformed


def tidy_lines(text: str) -> list[str]:
    """Returns the lines as RFC 9112 wants them. Raises Refused if they contain control characters."""
    tidy: list[str] = []
    # Nothing follows the last two line ends.
    for line in text.replace("\r\n", "\n").split("\n")[:-2]:
        if line[:1] in (" ", "\t") and len(tidy) > 1:
            # RFC 9112 5.2: obsolete line folding, which a gateway replaces with a space.
            tidy[-1] = tidy[-1].rstrip(" \t") + " " + line.strip(" \t")
        else:
            # RFC 9112 5.1: whitespace before the colon is removed.
            name, colon, value = line.partition(":")
            tidy.append((name.rstrip(" \t") if tidy else name) + colon + value)
    if count_controls("".join(tidy).encode("latin-1")):
        raise malformed("a header that is none")
    return tidy
