"""Answers of the commands that ask about an alliance, one module each."""
