"""What each command answers: tables, plain values and words, one module for each."""
