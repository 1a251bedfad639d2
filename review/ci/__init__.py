"""The steps of a deployment from CI: `gatehouse ci review`, `gate`, `plan`, `deploy`, `image`, `trial`, `sweep`."""
