"""The one writer of results (each file moved into place whole) and the one cache (checksummed)."""

from __future__ import annotations

import functools
import hashlib
import io
import json
import os
import tempfile
from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from importlib.resources import files
from pathlib import Path

import numpy as np
import platformdirs

from borderless.errors import InputError, OutputError, Problem

CACHE_FORMAT = 1
_CHUNK = 1 << 20


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
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(prefix=f".{path.name}.", suffix=".part", dir=path.parent)
        try:
            with os.fdopen(handle, "wb") as stream:
                stream.writelines(content)
                stream.flush()
                os.fsync(stream.fileno())
            Path(name).chmod(0o644)
            Path(name).replace(path)
        except BaseException:
            Path(name).unlink(missing_ok=True)
            raise
    except OSError as error:
        msg = f"{path}: could not be written ({error.strerror or error}) → check space and permissions"
        raise OutputError(msg) from error


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


def cache_key(*parts: object) -> str:
    """Return a key for things computed from `parts`; it changes with the program's own code."""
    text = json.dumps([CACHE_FORMAT, _program(), *parts], sort_keys=True, default=str)
    return hashlib.sha256(text.encode()).hexdigest()


def cached(key: str, compute: Callable[[], Mapping[str, np.ndarray]]) -> Mapping[str, np.ndarray]:
    """Return the arrays kept under a key, or compute and keep them."""
    kept = cache_get(key)
    if kept is None:
        kept = dict(compute())
        cache_put(key, kept)
    return kept


def cache_folder() -> Path:
    """Return the folder of the cache: `BORDERLESS_CACHE`, or the platform's place for caches."""
    return Path(os.environ.get("BORDERLESS_CACHE") or platformdirs.user_cache_path("borderless"))


def cache_put(key: str, arrays: Mapping[str, np.ndarray]) -> None:
    """Keep plain arrays under a key; a cache that cannot be written is no error."""
    buffer = io.BytesIO()
    np.savez(buffer, allow_pickle=False, **arrays)
    content = buffer.getbuffer()
    with suppress(OutputError):
        write_atomically(_cache_file(key), hashlib.sha256(content).digest(), content)


def cache_get(key: str) -> dict[str, np.ndarray] | None:
    """Return the arrays kept under a key; missing or damaged entries give None."""
    try:
        raw = _cache_file(key).read_bytes()
    except OSError:
        return None
    checksum, content = raw[:32], memoryview(raw)[32:]
    if hashlib.sha256(content).digest() != checksum:
        return None
    with np.load(io.BytesIO(content), allow_pickle=False) as entry:
        return {name: entry[name] for name in entry.files}


@functools.cache
def _program() -> str:
    """Return a hash of the package's code, so that a newer program never believes an older one's cache."""
    digest = hashlib.sha256()
    root = Path(str(files("borderless")))
    for file in sorted(root.rglob("*.py")):
        digest.update(file.relative_to(root).as_posix().encode() + file.read_bytes())
    return digest.hexdigest()


def _cache_file(key: str) -> Path:
    return cache_folder() / f"{key}.npz"
