"""The report of one stack as plain data; `render` turns it into text, Markdown and JSON."""
