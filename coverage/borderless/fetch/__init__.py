"""Study folders from open data: one careful client, one module for each kind of source."""
