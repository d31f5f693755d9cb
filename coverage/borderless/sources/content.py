"""The bytes of an input file: of this machine, not too many, and of the kind that its name says."""

from __future__ import annotations

import warnings
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from borderless.errors import ProblemLog

#: The largest table that is read, unpacked, bytes. All of England's census output areas take 40 MB.
LARGEST_BYTES = 2_000_000_000
# A table packs to a tenth; what packs to a hundredth and is still large was made to fill a memory.
_LARGEST_RATIO = 100
_SMALL_BYTES = 50_000_000
_CHUNK = 1 << 20
_GZIP = b"\x1f\x8b"
_LOCAL = "check its name in study.toml; only local files are read"
_TRUNCATED = "the file may be truncated; fetch it again"
_CODE = (".pickle", ".pkl", ".gpickle", ".joblib", ".npy", ".npz")
_OTHER_KINDS = (
    (
        b"PK\x03\x04",
        "an Excel workbook or a ZIP archive",
        "save the sheet as “CSV UTF-8”, or unpack the archive",
    ),
    (b"\xd0\xcf\x11\xe0", "an old Excel workbook", "save the sheet as “CSV UTF-8”"),
    (b"SQLite format 3\x00", "a database such as a GeoPackage", "rename it to .gpkg"),
    (b"\x1f\x8b", "packed with gzip", "add .gz to its name"),
    (b"%PDF", "a PDF", "export the table as “CSV UTF-8”"),
    (b"\x89PNG", "a picture", "name the table itself"),
    (b"<!DOCTYPE", "a web page", "download the file itself, not the page about it"),
    (b"<html", "a web page", "download the file itself, not the page about it"),
    (b"<HTML", "a web page", "download the file itself, not the page about it"),
    (b"\x80\x04", "pickled Python, which runs code when it is read", "export the table as “CSV UTF-8”"),
)


def is_local_file(path: Path, log: ProblemLog, kinds: tuple[str, ...]) -> bool:
    """Tell whether a path is a file on this machine whose name ends in one of `kinds`; report if not."""
    name = path.name
    if str(path).startswith(("/vsi", "http:", "https:", "ftp:")) or "://" in str(path):
        log.error(name, "only files on this machine are read", "download it first", value=path)
    elif _is(Path.is_dir, path):
        log.error(name, "is a folder, not a file", "name the file in it", value=path.name)
    elif not _is(Path.is_file, path):
        log.error(name, "there is no such file", _LOCAL)
    elif name.lower().endswith(_CODE):
        log.error(
            name, "may run code when it is read, so it is never read", f"export it as {', '.join(kinds)}"
        )
    elif not name.lower().endswith(kinds):
        log.error(name, "this kind of file is not known", f"use {', '.join(kinds)}")
    else:
        return True
    return False


def content_of(path: Path, log: ProblemLog) -> bytes | None:
    """Return what a file holds, unpacked when its name ends in ``.gz``; None with an error in the log."""
    try:
        if path.stat().st_size > LARGEST_BYTES:
            why = f"is {path.stat().st_size / 1e9:.1f} GB; more than {LARGEST_BYTES / 1e9:g} GB is not read"
            log.error(path.name, why, "cut it to the area of the study")
            return None
        content = path.read_bytes()
    except OSError as error:
        log.error(path.name, f"cannot be read ({error.strerror or error})", "check the file's permissions")
        return None
    if path.suffix.lower() == ".gz":
        return _unpacked(path.name, content, log)
    return content


def other_kind(content: bytes, *, but: str = "") -> tuple[str, str] | None:
    """Return what content looks like instead of the kind `but`, and what to do; None when it may be right."""
    start = content.removeprefix(b"\xef\xbb\xbf").lstrip()[:32] if content[:1] != b"\x80" else content[:32]
    for magic, kind, remedy in _OTHER_KINDS:
        if start.startswith(magic) and (not but or but not in kind):
            return kind, remedy
    return None


@contextmanager
def remarks_told(name: str, log: ProblemLog) -> Iterator[None]:
    """Tell what libraries remark on a file while they read it, as notices; other warnings go their way.

    Where an error is told of the file, the remarks that led to it are not.
    """
    before = len(log.errors)
    with warnings.catch_warnings(record=True) as remarks:
        warnings.simplefilter("always")
        yield
    ours = [remark for remark in remarks if issubclass(remark.category, UserWarning | RuntimeWarning)]
    told = dict.fromkeys(str(remark.message).splitlines()[0] for remark in ours)
    for text in told if len(log.errors) == before else ():
        log.notice(name, f"the library that reads it remarks: {text[:200]}")
    for other in (remark for remark in remarks if remark not in ours):
        warnings.warn_explicit(other.message, other.category, other.filename, other.lineno)


def _is(kind: Callable[[Path], bool], path: Path) -> bool:
    """Ask the system what a path is; it has no file of a name that is too long."""
    try:
        return kind(path)
    except (OSError, ValueError):
        return False


def _unpacked(name: str, content: bytes, log: ProblemLog) -> bytes | None:
    if not content.startswith(_GZIP):
        kind = "is empty" if not content else "cannot be read (not a gzip file)"
        log.error(name, kind, "take .gz off its name if it is not packed, or fetch it again")
        return None
    parts, size, rest = [], 0, content
    try:
        while rest:
            stream = zlib.decompressobj(wbits=31)
            while not stream.eof:
                part = stream.decompress(rest, _CHUNK)
                rest = stream.unconsumed_tail
                size += len(part)
                parts.append(part)
                if size > LARGEST_BYTES or (size > _SMALL_BYTES and size > _LARGEST_RATIO * len(content)):
                    why = f"grows from {len(content):,} to more than {size:,} bytes when unpacked; not read"
                    log.error(name, why, "fetch it again; a table packs to about a tenth")
                    return None
                if not part and not rest and not stream.eof:
                    log.error(name, "cannot be read (it ends too early)", _TRUNCATED)
                    return None
            rest = stream.unused_data.lstrip(b"\0")
    except zlib.error as error:
        log.error(name, f"cannot be read ({error})", _TRUNCATED)
        return None
    return b"".join(parts)
