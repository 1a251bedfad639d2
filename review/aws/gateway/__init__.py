"""APIs: routes, demands, permissions, throttles and plans."""
