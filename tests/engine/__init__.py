"""The real Pulumi engine and the real AWS provider, against an emulator of AWS on this machine."""
