"""Chapters of the page about what an alliance is worth, one module each."""
