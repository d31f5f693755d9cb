"""The guard for ZIP archives: only wanted members come out, and nothing lands outside the target."""

from __future__ import annotations

import io
import os
import shutil
import stat
import tempfile
import zipfile
import zlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import BinaryIO

from borderless.errors import InputError, OutputError, Problem, ProblemLog

_CHUNK_BYTES = 1 << 18
# Below this, a high ratio costs nothing: a short table of equal rows is no attack.
_SMALL_BYTES = 1 << 16
_METHODS = {zipfile.ZIP_STORED: "stored", zipfile.ZIP_DEFLATED: "deflated"}
# What a list of members takes at most, for each of them: 46 bytes and its name.
_LISTED_BYTES = 46 + 512
_LONGEST_NAME = 255
_AGAIN = "get the file again"
_RESERVED = {"con", "prn", "aux", "nul", *(f"{port}{n}" for port in ("com", "lpt") for n in range(1, 10))}


@dataclass(frozen=True, slots=True)
class ArchiveLimits:
    """How much an archive may hold.

    Parameters
    ----------
    total_bytes
        The wanted members together, unpacked.
    ratio
        Unpacked size to packed size, of each wanted member and of all of them to the whole archive. Tables
        of text reach about 10, an attack 1,000.
    members
        Entries of the archive, wanted or not.
    """

    total_bytes: int = 2_000_000_000
    ratio: int = 100
    members: int = 50_000


class _LongListError(Exception):
    """The list of an archive's members is longer than any that is wanted."""


class _Limited(io.FileIO):
    """A file that refuses to be read in pieces larger than a list of members may be."""

    def __init__(self, path: Path, largest_read: int) -> None:
        super().__init__(path)
        self._largest_read = largest_read

    def read(self, size: int | None = -1, /) -> bytes:
        if size is not None and size > self._largest_read:
            raise _LongListError
        return super().read(size) or b""


def unpack(
    archive: Path, target: Path, wanted: Callable[[str], bool], *, limits: ArchiveLimits | None = None
) -> tuple[Path, ...]:
    """Unpack the wanted members of a ZIP archive into a new folder, all of them or none.

    Names of all members are checked, wanted or not; sizes only of the wanted ones. Everything is checked
    before the first byte is unpacked, and the bytes are counted again while they are.

    Parameters
    ----------
    archive
        An existing file.
    target
        The folder to make. It may exist when it is empty.
    wanted
        Told a member's name with ``/`` between folders; says whether it is unpacked.
    limits
        How much the archive may hold.

    Returns
    -------
    tuple of Path
        The files, in the order of their names.

    Raises
    ------
    InputError
        When the archive is not a ZIP file, is cut off or damaged, holds nothing wanted, or would write
        outside `target`, overwrite itself, fill the disk, or needs a password; every problem is named.
    OutputError
        When the disk refuses; no half of the folder is left.
    """
    limits = limits or ArchiveLimits()
    if target.exists() and (not target.is_dir() or any(target.iterdir())):
        raise InputError([Problem(str(target), why="already holds something", remedy="name a new folder")])
    try:
        with _Limited(archive, limits.members * _LISTED_BYTES) as file, zipfile.ZipFile(file) as opened:
            chosen = _checked(opened, archive, wanted, limits)
            return _unpack_whole(opened, chosen, archive, target)
    except _LongListError as error:
        why, remedy = f"lists far more than {limits.members:,} members", "use an archive with fewer files"
        raise InputError([Problem(archive.name, why=why, remedy=remedy)]) from error
    except (zipfile.BadZipFile, RuntimeError, ValueError, EOFError) as error:
        why = f"is not a whole ZIP archive ({str(error).rstrip('.')})"
        raise InputError([Problem(archive.name, why=why, remedy=_AGAIN)]) from error
    except OSError as error:
        why = f"cannot be read ({error.strerror or error})"
        raise InputError(
            [Problem(archive.name, why=why, remedy="check the file and its permissions")]
        ) from error


def _checked(
    opened: zipfile.ZipFile, archive: Path, wanted: Callable[[str], bool], limits: ArchiveLimits
) -> list[zipfile.ZipInfo]:
    """Return the wanted members by name, or tell everything that is wrong with the archive."""
    log = ProblemLog()
    members = opened.infolist()
    if len(members) > limits.members:
        why = f"holds more than {limits.members:,} members"
        log.error(archive.name, why, "use an archive with fewer files", value=f"{len(members):,}")
        log.raise_errors()
    for member in members:
        _check_name(member, archive.name, log)
    _check_clashes([member for member in members if not member.is_dir()], archive.name, log)
    log.raise_errors()
    chosen = sorted((m for m in members if not m.is_dir() and wanted(m.filename)), key=lambda m: m.filename)
    if not chosen:
        log.error(archive.name, "holds none of the wanted files", "check that it is the right one")
    for member in chosen:
        _check_content(member, archive.name, limits, log)
    total = sum(member.file_size for member in chosen)
    if total > limits.total_bytes:
        why = f"would unpack to more than {limits.total_bytes / 1e9:,.3g} GB"
        log.error(archive.name, why, "use an archive with less in it", value=f"{total:,} bytes")
    size = archive.stat().st_size
    if total > max(_SMALL_BYTES, size * limits.ratio):
        why = f"would unpack to more than {limits.ratio} times its size"
        log.error(archive.name, why, "do not use it: honest tables pack far less", value=f"{total:,} bytes")
    log.raise_errors()
    return chosen


def _check_name(member: zipfile.ZipInfo, archive: str, log: ProblemLog) -> None:
    # The name as it stands in the archive; zipfile's own is cut at a zero byte and has other separators.
    name = member.orig_filename
    parts = name.removesuffix("/").split("/")
    why = ""
    if "\\" in name:
        why = "has a backslash in its name"
    elif any(ord(letter) < 32 or ord(letter) == 127 for letter in name):
        why = "has a control character in its name"
    elif ":" in name:
        why = "names a drive or has a colon in its name"
    elif name.startswith("/"):
        why = "has an absolute path"
    elif ".." in parts:
        why = "leads out of the folder"
    elif any(part in ("", ".") or part != part.rstrip(". ") for part in parts):
        why = "has an empty or ambiguous part in its path"
    elif any(part.split(".")[0].casefold() in _RESERVED for part in parts):
        why = "has a name that some systems keep for devices"
    elif any(len(part.encode()) > _LONGEST_NAME for part in parts) or len(name.encode()) > 4 * _LONGEST_NAME:
        why = "has too long a name"
    elif stat.S_IFMT(member.external_attr >> 16) not in (0, stat.S_IFREG, stat.S_IFDIR):
        why = "is a link or a special file"
    if why:
        remedy = "do not use this archive, or pack it again from plain files"
        log.error(archive, why, remedy, where="member", value=ascii(name)[1:-1])


def _check_clashes(files: Sequence[zipfile.ZipInfo], archive: str, log: ProblemLog) -> None:
    """Tell of files that would overwrite each other, also where capitals make no difference."""
    seen: set[str] = set()
    for member in files:
        name = member.filename.casefold()
        if name in seen:
            log.error(archive, "is there twice", "pack each file once", where="member", value=member.filename)
        seen.add(name)
    for member in files:
        if any(str(above) in seen for above in PurePosixPath(member.filename.casefold()).parents):
            why = "lies in a folder that is also a file"
            log.error(archive, why, "pack the archive again", where="member", value=member.filename)


def _check_content(member: zipfile.ZipInfo, archive: str, limits: ArchiveLimits, log: ProblemLog) -> None:
    name = member.filename
    if member.flag_bits & 0x1:
        log.error(archive, "needs a password", "unpack it by hand", where="member", value=name)
    if member.compress_type not in _METHODS:
        why = f"is packed by method {member.compress_type}; only {', '.join(_METHODS.values())} are read"
        log.error(archive, why, "pack it again as a plain ZIP", where="member", value=name)
    if member.file_size > max(_SMALL_BYTES, member.compress_size * limits.ratio):
        why = f"would unpack to {member.file_size:,} bytes, more than {limits.ratio} times its packed size"
        log.error(archive, why, "do not use it: honest tables pack far less", where="member", value=name)


def _unpack_whole(
    opened: zipfile.ZipFile, chosen: Sequence[zipfile.ZipInfo], archive: Path, target: Path
) -> tuple[Path, ...]:
    """Unpack beside the target, then move the folder into place."""
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        beside = Path(tempfile.mkdtemp(prefix=f".{target.name}.", suffix=".part", dir=target.parent))
        try:
            for member in chosen:
                place = beside / member.filename
                place.parent.mkdir(parents=True, exist_ok=True)
                with place.open("xb") as out:
                    _copy(opened, member, out, archive.name)
            beside.chmod(0o755)
            if target.is_dir():
                target.rmdir()
            beside.rename(target)
        except BaseException:
            shutil.rmtree(beside, ignore_errors=True)
            raise
    except OSError as error:
        msg = f"{target}: could not be written ({error.strerror or error}) → check space and permissions"
        raise OutputError(msg) from error
    return tuple(target / member.filename for member in chosen)


def _copy(opened: zipfile.ZipFile, member: zipfile.ZipInfo, out: BinaryIO, archive: str) -> None:
    """Write one member, counting: its header may promise less, or more, than it holds."""
    count = 0
    for block in _blocks(opened, member, archive):
        count += len(block)
        if count > member.file_size:
            break
        out.write(block)
    if count != member.file_size:
        why = f"holds {count:,} bytes where its header promises {member.file_size:,}"
        raise InputError([Problem(archive, "member", value=member.filename, why=why, remedy=_AGAIN)])
    out.flush()
    os.fsync(out.fileno())


def _blocks(opened: zipfile.ZipFile, member: zipfile.ZipInfo, archive: str) -> Iterator[bytes]:
    try:
        with opened.open(member) as packed:
            while block := packed.read(_CHUNK_BYTES):
                yield block
    # a wrong offset fails as a read of the file
    except (zipfile.BadZipFile, zlib.error, EOFError, RuntimeError, ValueError, OSError) as error:
        why = f"is damaged ({error})"
        raise InputError(
            [Problem(archive, "member", value=member.filename, why=why, remedy=_AGAIN)]
        ) from error
