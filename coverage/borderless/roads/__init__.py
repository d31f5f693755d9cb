"""Road network: speeds, simplification, snapping and shortest travel times."""
