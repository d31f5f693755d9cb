"""Questions asked of a region: times, coverage, comparison, isochrones."""
