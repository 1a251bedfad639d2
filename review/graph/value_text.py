"""Long texts, cut short."""


def truncate(text: str, most: int) -> str:
    """A text with at most so many letters."""
    return text if len(text) <= most else text[: most - 3] + "…"
