"""Borderless coverage analysis: how much coverage improves when units respond across borders."""
