"""The chapters of the page about what an alliance is worth."""
