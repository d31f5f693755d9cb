"""Results for people and programs: tables, charts, the front page, and the files of a run."""
