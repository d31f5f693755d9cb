"""The chapters of the page on what an alliance is worth, one module for each."""
