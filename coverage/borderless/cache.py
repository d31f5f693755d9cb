"""The one cache: what was computed before comes back whole and checked, or not at all."""

from __future__ import annotations

import functools
import hashlib
import io
import json
import os
import re
import shutil
import time
import warnings
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path

import numpy as np
import platformdirs

from borderless.errors import BorderlessError, OutputError
from borderless.store import remove_unfinished, write_atomically

CACHE_FORMAT = 3
MAX_MB = 5000
UNUSED_DAYS = 90
_CHECKSUM_BYTES = 32
_NAMES = "names of arrays"
# The first version's names had no kind.
_NAME = re.compile(r"(?:([a-z]+)-)?[0-9a-f]{64}\.npz")


class CacheWarning(UserWarning):
    """The cache was of no help; the answer is right all the same, and only took longer."""


@dataclass(frozen=True)
class Entry:
    """One thing that is kept.

    Parameters
    ----------
    kind
        What it is, such as ``"network"`` or ``"times"``.
    path
        Its file.
    size_bytes
        Its size.
    made_s, used_s
        When it was made and last used, in seconds since 1970.
    """

    kind: str
    path: Path
    size_bytes: int
    made_s: float
    used_s: float


def cache_folder() -> Path:
    """Return the folder of the cache: `BORDERLESS_CACHE`, or the platform's place for caches."""
    return Path(os.environ.get("BORDERLESS_CACHE") or platformdirs.user_cache_path("borderless"))


def cache_key(kind: str, *parts: object) -> str:
    """Return a key for what is computed from `parts`; it changes with the program's own code.

    Parameters
    ----------
    kind
        What is computed, in small letters, such as ``"times"``; the list of the cache shows it.
    parts
        All it depends on.
    """
    text = json.dumps([CACHE_FORMAT, _program(), kind, *parts], sort_keys=True, default=str)
    return f"{kind}-{hashlib.sha256(text.encode()).hexdigest()}"


def cached(key: str, compute: Callable[[], Mapping[str, np.ndarray]]) -> Mapping[str, np.ndarray]:
    """Return the arrays kept under a key, or compute and keep them."""
    kept = cache_get(key)
    if kept is None:
        kept = dict(compute())
        cache_put(key, kept)
    return kept


def cache_get(key: str) -> dict[str, np.ndarray] | None:
    """Return the arrays kept under a key; None when there are none.

    Warns
    -----
    CacheWarning
        Once when the entry is damaged or may not be read, which counts as not there.
    """
    path = _file(key)
    try:
        arrays = _checked(path.read_bytes())
    except (FileNotFoundError, NotADirectoryError):
        return None
    except Exception as error:  # noqa: BLE001 - whatever reading a damaged entry ends in, it is not there
        why = (isinstance(error, OSError) and error.strerror) or error
        _warn(f"{path}: this part of the cache cannot be used ({why}) → it is computed again")
        return None
    with suppress(OSError):
        os.utime(path, ns=(int(time.time() * 1e9), path.stat().st_mtime_ns))
    return arrays


def cache_put(key: str, arrays: Mapping[str, np.ndarray]) -> None:
    """Keep plain arrays under a key, and let go of what was not used for long or is too much.

    `BORDERLESS_CACHE_MAX_MB` sets how much is kept in all (10⁶ bytes each, 5000 by default); the entries
    used last stay. What was not used for 90 days goes. An entry larger than the limit is not kept.

    Raises
    ------
    BorderlessError
        When `BORDERLESS_CACHE_MAX_MB` is not a whole number.

    Warns
    -----
    CacheWarning
        When nothing can be written there, which is no error.
    """
    buffer, limit, path = io.BytesIO(), limit_bytes(), _file(key)
    np.savez(buffer, allow_pickle=False, **arrays, **{_NAMES: np.array(list(arrays), dtype=str)})
    content = buffer.getbuffer()
    if len(content) + _CHECKSUM_BYTES > limit:
        return
    try:
        if path.is_dir() and not path.is_symlink():
            shutil.rmtree(path)
        write_atomically(path, hashlib.sha256(content).digest(), content)
    except (OSError, OutputError) as error:
        cause = error.__cause__ if isinstance(error, OutputError) else error
        why = getattr(cause, "strerror", "") or error
        _warn(f"{path.parent}: the cache cannot be written ({why}) → the next run computes all of it again")
        return
    _let_go(path, limit)


def limit_bytes() -> int:
    """Return how much the cache may hold, in bytes: `BORDERLESS_CACHE_MAX_MB`, or 5 GB.

    Raises
    ------
    BorderlessError
        When `BORDERLESS_CACHE_MAX_MB` is not a whole number.
    """
    named = os.environ.get("BORDERLESS_CACHE_MAX_MB", "") or str(MAX_MB)
    if not (named.isascii() and named.isdigit()):
        msg = f"BORDERLESS_CACHE_MAX_MB is {named!r} → give whole megabytes, or leave it out for {MAX_MB}"
        raise BorderlessError(msg)
    return int(named) * 1_000_000


def cache_entries() -> list[Entry]:
    """Return what is kept, what was used last first."""
    return sorted(_entries(), key=lambda entry: (-entry.used_s, entry.path.name))


def cached_downloads() -> list[Path]:
    """Return the files that were downloaded."""
    return sorted(path for path in _downloads().rglob("*") if path.is_file() or path.is_symlink())


def clear_cache() -> int:
    """Remove all that is kept and all that was downloaded, and return how many bytes that freed.

    Other files in the folder stay.

    Raises
    ------
    BorderlessError
        When the folder is no cache but somebody's home, or a whole disk.
    OutputError
        When something cannot be removed.
    """
    folder = cache_folder().resolve()
    if Path.home().resolve().is_relative_to(folder) or folder.is_mount():
        msg = f"{folder} is a home or a whole disk, not a cache → set BORDERLESS_CACHE to a folder of its own"
        raise BorderlessError(msg)
    freed = 0
    sizes = {entry.path: entry.size_bytes for entry in cache_entries()}
    for path in [*sizes, *cached_downloads()]:
        try:
            count = sizes.get(path, path.lstat().st_size)
            path.unlink()
        except FileNotFoundError:
            continue
        except OSError as error:
            msg = f"{path}: could not be removed ({error.strerror}) → check that its folder may be written to"
            raise OutputError(msg) from error
        freed += count
    remove_unfinished(folder)
    shutil.rmtree(_downloads(), ignore_errors=True)
    return freed


@functools.cache
def _program() -> str:
    """Return a hash of the package's code, so that a newer program never believes an older one's cache."""
    digest = hashlib.sha256()
    root = Path(str(files("borderless")))
    for file in sorted(root.rglob("*.py")):
        digest.update(file.relative_to(root).as_posix().encode() + file.read_bytes())
    return digest.hexdigest()


def _file(key: str) -> Path:
    return cache_folder() / f"{key}.npz"


def _downloads() -> Path:
    return cache_folder() / "downloads"


def _checked(raw: bytes) -> dict[str, np.ndarray]:
    """Return the arrays of an entry, of which the checksum comes first."""
    checksum, content = raw[:_CHECKSUM_BYTES], memoryview(raw)[_CHECKSUM_BYTES:]
    if hashlib.sha256(content).digest() != checksum:
        msg = "its checksum is wrong"
        raise ValueError(msg)
    with np.load(io.BytesIO(content), allow_pickle=False) as entry:
        arrays = {name: entry[name] for name in entry.files}
    # Each array has a checksum in the archive, its name has none.
    if set(arrays.pop(_NAMES).tolist()) != set(arrays):
        msg = "the names in it are wrong"
        raise ValueError(msg)
    return arrays


def _entries() -> list[Entry]:
    found = []
    with suppress(OSError):
        for path in cache_folder().iterdir():
            match = _NAME.fullmatch(path.name)
            if match is None or not path.is_file():
                continue
            with suppress(FileNotFoundError):  # somebody else let go of it
                told = path.stat()
                used = max(told.st_atime, told.st_mtime)
                found.append(Entry(match[1] or "older", path, told.st_size, told.st_mtime, used))
    return found


def _let_go(new: Path, limit: int) -> None:
    """Remove entries that were not used for long, and the longest unused ones until the rest is within."""
    found, now = cache_entries(), time.time()
    total = sum(entry.size_bytes for entry in found)
    for entry in reversed(found):
        if entry.path == new or not (total > limit or now - entry.used_s > UNUSED_DAYS * 86_400):
            continue
        with suppress(OSError):
            entry.path.unlink()
        total -= entry.size_bytes


def _warn(text: str) -> None:
    warnings.warn(text, CacheWarning, stacklevel=3)
