"""Security groups and their rules. Every rule of a stack is declared here."""
