"""One module for each command that asks what an alliance is worth: parse, call, print."""
