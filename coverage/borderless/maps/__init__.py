"""Pages that show results: self-contained HTML made through one escaping gate."""
