"""The one writer of results: files are there whole or not at all, and a set of files as a set."""

from __future__ import annotations

import errno
import hashlib
import os
import platform
import re
import secrets
import shutil
import sys
import tempfile
import time
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path

import numpy as np

from borderless.errors import InputError, OutputError, Problem

if sys.platform != "win32":
    import fcntl

_CHUNK = 1 << 20
_NO_ROOM = (errno.ENOSPC, errno.EDQUOT)
# Some file systems cannot flush a folder, which is no fault of the disk.
_NO_SYNC = (errno.EINVAL, errno.ENOTSUP, errno.EBADF)
# host, process, then a new file, an old one that was set aside, or word that there was none
_UNFINISHED = re.compile(r"\.?borderless-([0-9a-f]{8})-(\d+)-\w+(?:\.(\d+)\.new|\.(.+)\.(?:old|none))?")
# Of another computer, or on Windows, nobody can be asked whether a writer lives; by then it does not.
_STALE_AFTER_S = 24 * 3600


def write_set(folder: Path, contents: Mapping[str, bytes], *, last: str) -> tuple[Path, ...]:
    """Write files that belong together, so that old and new ones are never taken for one result.

    Every file is first written beside its place under a hidden name and flushed to the disk. Only when all
    are there, the old files are set aside under hidden names, `last` first, and the new ones are moved into
    place, `last` at the end. So `last`, the file that speaks for the others, is there exactly when all of
    its set are. A process that is killed in between leaves whole files of one set, without `last`; the next
    one that writes here puts the old set back before it begins.

    Parameters
    ----------
    folder
        Where the files go; it is made when missing.
    contents
        File name → the whole file.
    last
        The name in `contents` that makes the set complete.

    Returns
    -------
    tuple of Path
        What was written, in the order in which it was moved into place.

    Raises
    ------
    OutputError
        When the disk refuses. What stood in the folder before is there again, and nothing else.
    """
    names = [*(name for name in contents if name != last), last]
    needed = sum(map(len, contents.values()))
    mark = _mark()
    staged = {name: folder / f"{mark}.{number}.new" for number, name in enumerate(names)}
    with _refusals_told(folder, needed), _made(folder):
        with _alone_in(folder):
            _put_back(folder, last)
        _check_room(folder, needed)
        try:
            for name, path in staged.items():
                with _refusals_of(folder / name):
                    _stage(path, contents[name])
            with _alone_in(folder):
                _swap(folder, staged, mark, last)
        finally:
            for path in staged.values():
                _remove(path)
    return tuple(folder / name for name in names)


def write_atomically(path: Path, *content: bytes | memoryview) -> None:
    """Write a file so that it is there whole or not at all.

    Parameters
    ----------
    path
        Where the file goes; its folder is made when missing.
    content
        The whole file, in one piece or several.

    Raises
    ------
    OutputError
        When the disk refuses; what stood at `path` before is untouched.
    """
    needed = sum(map(len, content))
    staged = path.parent / f"{_mark()}.0.new"
    with _refusals_told(path, needed), _made(path.parent):
        remove_unfinished(path.parent)
        _check_room(path.parent, needed)
        try:
            with _refusals_of(path):
                _stage(staged, *content)
                staged.replace(path)
        finally:
            _remove(staged)


@contextmanager
def scratch() -> Iterator[Path]:
    """Give a folder for files in the making, gone afterwards; those of killed processes go before."""
    for left in _unfinished(Path(tempfile.gettempdir())):
        if left.is_dir():
            shutil.rmtree(left, ignore_errors=True)
    with tempfile.TemporaryDirectory(prefix=_mark().lstrip(".") + "_") as folder:
        yield Path(folder)


def remove_unfinished(folder: Path) -> None:
    """Remove the files that killed processes had not finished writing; those of living ones stay."""
    for path in _unfinished(folder):
        if path.suffix == ".new":
            _remove(path)


def check_folder(folder: Path, *, keep: Iterable[Path]) -> None:
    """Refuse a folder for results before any work is done for them.

    Parameters
    ----------
    folder
        Where results shall go; it need not exist.
    keep
        Files and folders that results must not overwrite.

    Raises
    ------
    InputError
        When `folder` is a file, cannot be made or written to, or holds something of `keep`.
    """
    place = folder.resolve()
    inside = [path.name for path in keep if place in (path.resolve(), path.resolve().parent)]
    above = next(path for path in (place, *place.parents) if path.exists())
    why = ""
    if inside:
        why = f"holds input of the study ({', '.join(inside)}), which results could overwrite"
    elif not above.is_dir():
        why = "is not a folder" if above == place else f"lies below {above.name}, which is not a folder"
    elif not os.access(above, os.W_OK | os.X_OK):
        why = "cannot be written to"
    if why:
        raise InputError([Problem(str(folder), why=why, remedy="name another folder with --out")])


def sha256_of(path: Path) -> str:
    """Return the SHA-256 of a file, or of a folder's files in the order of their names."""
    digest = hashlib.sha256()
    files = sorted(p for p in path.rglob("*") if p.is_file()) if path.is_dir() else [path]
    for file in files:
        with file.open("rb") as stream:
            while block := stream.read(_CHUNK):
                digest.update(block)
    return digest.hexdigest()


def sha256_of_bytes(content: bytes) -> str:
    """Return the SHA-256 of bytes in memory."""
    return hashlib.sha256(content).hexdigest()


def sha256_of_arrays(arrays: Iterable[np.ndarray]) -> str:
    """Return the SHA-256 of plain arrays in their order: kinds, shapes and numbers."""
    digest = hashlib.sha256()
    for array in arrays:
        digest.update(f"{array.dtype}{array.shape}".encode())
        digest.update(np.ascontiguousarray(array).reshape(-1).view(np.uint8).data)
    return digest.hexdigest()


def size_text(count: float) -> str:
    """Return a number of bytes for people: 999 bytes, 12.3 kB, 12.3 MB, 12.3 GB."""
    if count < 1000:
        return f"{count:.0f} bytes"
    for unit in ("kB", "MB"):
        count /= 1000
        if count < 999.95:
            return f"{count:.1f} {unit}"
    return f"{count / 1000:,.1f} GB"


def _mark() -> str:
    """Return how the names of a write's unfinished files begin: on which computer, by which process."""
    return f".borderless-{_host()}-{os.getpid()}-{secrets.token_hex(4)}"


def _host() -> str:
    return hashlib.sha256(platform.node().encode()).hexdigest()[:8]


def _stage(path: Path, *content: bytes | memoryview) -> None:
    """Write a file and wait until it is on the disk."""
    with path.open("xb") as stream:
        stream.writelines(content)
        stream.flush()
        os.fsync(stream.fileno())


def _swap(folder: Path, staged: Mapping[str, Path], mark: str, last: str) -> None:
    """Set the old files aside and move the new ones into place, or leave all as it was."""
    for name in staged:
        if (folder / name).is_dir():
            raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR), str(folder / name))
    aside: dict[Path, Path] = {}
    at = folder / last
    try:
        for name in (last, *(name for name in staged if name != last)):
            at = folder / name
            kind = "old" if _is_there(at) else "none"
            aside[at] = folder / f"{mark}.{name}.{kind}"
            if kind == "old":
                at.replace(aside[at])
            else:
                aside[at].touch()
            if name == last:
                _flush_folder(folder)
        for name, new in staged.items():
            at = folder / name
            if name == last:
                _flush_folder(folder)
            new.rename(at)
        _flush_folder(folder)
    except BaseException as error:
        _undo(aside, at)
        if isinstance(error, OSError):
            error.filename = str(at)
        raise
    for old in aside.values():
        _remove(old)


def _undo(aside: Mapping[Path, Path], at: Path) -> None:
    """Take new files away again and put the old ones back, the one that speaks for them at the end."""
    try:
        for target, old in reversed(list(aside.items())):
            _back(old, target)
    except OSError as error:
        msg = (
            f"{at}: could not be written, and the files from before could not all be put back "
            f"({error.strerror}); they are kept in {at.parent} under names that begin with .borderless-"
            " → mend what is wrong with the disk and run again"
        )
        raise OutputError(msg) from error


def _put_back(folder: Path, last: str) -> None:
    """Put the old set back where a killed process was moving a new one into place."""
    remove_unfinished(folder)
    left = ((path, _UNFINISHED.fullmatch(path.name)) for path in _unfinished(folder))
    kept = [(path, match[4]) for path, match in left if match and match[4]]
    complete = (folder / last).exists()
    for old, name in sorted(kept, key=lambda entry: entry[1] == last):
        if complete:
            _remove(old)
        else:
            _back(old, folder / name)


def _back(old: Path, target: Path) -> None:
    """Put an old file back, or the nothing that was there before."""
    if old.suffix == ".none":
        target.unlink(missing_ok=True)
        _remove(old)
    elif _is_there(old):
        old.replace(target)


def _remove(path: Path) -> None:
    """Remove an unfinished file; where the disk refuses, the next one that writes here tries again."""
    with suppress(OSError):
        path.unlink()


def _is_there(path: Path) -> bool:
    return path.exists() or path.is_symlink()


def _unfinished(folder: Path) -> list[Path]:
    """Return what processes that live no more left in a folder."""
    with suppress(OSError):
        return [path for path in folder.iterdir() if _is_left(path)]
    return []


def _is_left(path: Path) -> bool:
    match = _UNFINISHED.fullmatch(path.name)
    if match is None:
        return False
    if match[1] == _host() and sys.platform != "win32":
        return not _lives(int(match[2]))
    with suppress(OSError):
        return time.time() - path.lstat().st_mtime > _STALE_AFTER_S
    return False


def _lives(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except (OSError, OverflowError):  # somebody else's
        return True
    return True


def _flush_folder(folder: Path) -> None:
    """Wait until the names in a folder are on the disk, where the system can do that."""
    if sys.platform == "win32":
        return
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    except OSError as error:
        if error.errno not in _NO_SYNC:
            raise
    finally:
        os.close(handle)


@contextmanager
def _alone_in(folder: Path) -> Iterator[None]:
    """Let one process at a time move files in a folder, where the system can do that."""
    if sys.platform == "win32":
        yield
        return
    handle = os.open(folder, os.O_RDONLY)
    try:
        with suppress(OSError):  # some network drives cannot
            fcntl.flock(handle, fcntl.LOCK_EX)
        yield
    finally:
        os.close(handle)


@contextmanager
def _made(folder: Path) -> Iterator[None]:
    """Make a folder; when nothing comes of it, the folders that were missing go again."""
    missing = [path for path in (folder, *folder.parents) if not path.exists()]
    try:
        folder.mkdir(parents=True, exist_ok=True)
        yield
    except BaseException:
        for path in missing:
            with suppress(OSError):
                path.rmdir()
        raise


def _check_room(folder: Path, needed: int) -> None:
    room = shutil.disk_usage(folder)
    # Some network drives tell of no room at all.
    if room.total and needed > room.free:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


@contextmanager
def _refusals_of(path: Path) -> Iterator[None]:
    """Let what the disk refuses name the file that was to be written, not its hidden copy."""
    try:
        yield
    except OSError as error:
        error.filename = str(path)
        raise


@contextmanager
def _refusals_told(path: Path, needed: int) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        why, remedy = error.strerror or str(error), "check that it may be written to"
        if error.errno in _NO_ROOM:
            above = next(place for place in (path.absolute(), *path.absolute().parents) if place.is_dir())
            why += f": needs {size_text(needed)}, {size_text(shutil.disk_usage(above).free)} free"
            remedy = "make room, or name another folder"
        msg = f"{error.filename or path}: could not be written ({why}); what was there before is unchanged"
        raise OutputError(f"{msg} → {remedy}") from error
