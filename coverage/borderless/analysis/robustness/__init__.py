"""How sure the answers are: the same questions under many settings that might be true."""
