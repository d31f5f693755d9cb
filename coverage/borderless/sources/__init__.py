"""The outside world: files in, checked tables out."""
