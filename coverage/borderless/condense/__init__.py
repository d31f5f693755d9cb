"""A full study made small: the same format, nearly the same answers, a thousandth of the bytes."""
