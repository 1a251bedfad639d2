"""What Lambda functions are made of: code, role, log, versions."""
