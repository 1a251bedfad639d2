"""A report as text for a terminal, Markdown for a pull request, JSON for programs."""
