"""Parts of Lambda functions: code, role, log, versions."""
