"""Objects of an .osm file that no longer exist: deleted in JOSM, or the past of a file with history."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from xml.parsers import expat

from borderless.errors import InputError, Problem

_CHUNK_BYTES = 1 << 22
# JOSM and files with history say so in attributes that osmium passes over
_MARKS = (b"delete", b"visible")
_KINDS = ("node", "way", "relation")


@dataclass(frozen=True)
class Deleted:
    """Ids of objects that no longer exist, by kind."""

    node: frozenset[int] = frozenset()
    way: frozenset[int] = frozenset()
    relation: frozenset[int] = frozenset()


def deleted_objects(path: Path) -> Deleted:
    """Return what an .osm file marks as deleted: ``action="delete"`` or ``visible="false"``.

    Parameters
    ----------
    path
        An XML file without a document type; see :func:`borderless.sources.xml_guard.refuse_document_type`.

    Raises
    ------
    InputError
        If the file lists changes to a map (osmChange) instead of a map.
    """
    found: dict[str, set[int]] = {kind: set() for kind in _KINDS}

    def start(name: str, attributes: dict[str, str]) -> None:
        gone = attributes.get("action") == "delete" or attributes.get("visible") == "false"
        if gone and name in found and attributes.get("id", "").lstrip("-").isdecimal():
            found[name].add(int(attributes["id"]))

    _refuse_changes(path)
    if _mentions(path, _MARKS):
        parser = expat.ParserCreate()
        parser.StartElementHandler = start
        try:
            with path.open("rb") as file:
                parser.ParseFile(file)
        except (expat.ExpatError, ValueError, LookupError):
            # osmium reads the file next, and says what is wrong with it
            return Deleted()
    return Deleted(**{kind: frozenset(ids) for kind, ids in found.items()})


def _refuse_changes(path: Path) -> None:
    with path.open("rb") as file:
        if b"<osmChange" in file.read(4096):
            why = "lists changes to a map (osmChange), not a map"
            remedy = "apply them to an extract: osmium apply-changes"
            raise InputError([Problem(path.name, why=why, remedy=remedy)])


def _mentions(path: Path, words: tuple[bytes, ...]) -> bool:
    overlap = max(map(len, words))
    with path.open("rb") as file:
        tail = b""
        while chunk := file.read(_CHUNK_BYTES):
            if any(word in tail + chunk for word in words):
                return True
            tail = chunk[-overlap:]
    return False
