"""A gate for XML road files: no document type, no entities, plain UTF-8."""

from __future__ import annotations

from pathlib import Path

from borderless.errors import InputError, Problem

_CHUNK_BYTES = 1 << 22
_FORBIDDEN = (b"<!DOCTYPE", b"<!ENTITY")
_WIDE_ENCODINGS = (b"\xff\xfe", b"\xfe\xff", b"<\x00", b"\x00<")


def refuse_document_type(path: Path) -> None:
    """Refuse XML that declares a document type or entities, which road files never need.

    Entities are how a small file blows up to gigabytes or pulls in other files, so they are not left to
    the parser's mercy.

    Parameters
    ----------
    path
        An existing XML file.

    Raises
    ------
    InputError
        If the file declares a document type or an entity, or is not in a plain 8-bit encoding.
    """
    overlap = max(map(len, _FORBIDDEN))
    with path.open("rb") as file:
        tail = b""
        first = True
        while chunk := file.read(_CHUNK_BYTES):
            if first and chunk.startswith(_WIDE_ENCODINGS):
                raise InputError([_problem(path, "XML in UTF-16 or UTF-32 is not read", "save it as UTF-8")])
            first = False
            text = tail + chunk
            if any(word in text for word in _FORBIDDEN):
                why = "declares a document type or entities (<!DOCTYPE, <!ENTITY)"
                raise InputError([_problem(path, why, "remove the declaration; road files do not need one")])
            tail = chunk[-overlap:]


def _problem(path: Path, why: str, remedy: str) -> Problem:
    return Problem(path.name, why=why, remedy=remedy)
