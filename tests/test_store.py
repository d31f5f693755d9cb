"""Files are there whole or not at all, and a cache entry is either right or not there."""

from __future__ import annotations

import errno
import os
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from borderless import store
from borderless.errors import OutputError
from borderless.store import (
    cache_folder,
    cache_get,
    cache_key,
    cache_put,
    cached,
    sha256_of,
    sha256_of_bytes,
    write_atomically,
)

ARRAYS = {
    "whole": np.array([[1, -2], [2**31 - 1, 0]], dtype=np.int32),
    "long": np.array([2**62], dtype=np.int64),
    "share": np.array([0.1, np.nan, np.inf]),
    "yes": np.array([True, False]),
    "text": np.array(["", "Ü", "a" * 50]),
    "bytes": np.frombuffer(b"\0\xff", dtype=np.uint8),
    "empty": np.empty((0, 7), dtype=np.float64),
}


@pytest.fixture
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Give a test an empty cache and return its folder."""
    monkeypatch.setenv("BORDERLESS_CACHE", str(tmp_path / "cache"))
    return tmp_path / "cache"


def full_disk(*_: object) -> None:
    raise OSError(errno.ENOSPC, "No space left on device")


def interrupt(*_: object) -> None:
    raise KeyboardInterrupt


# writing


def test_a_file_is_written_whole_and_its_folder_is_made(tmp_path: Path) -> None:
    path = tmp_path / "new" / "folder" / "out.csv"
    write_atomically(path, b"a,b\n")
    assert path.read_bytes() == b"a,b\n"
    assert [file.name for file in path.parent.iterdir()] == ["out.csv"]


def test_a_file_is_replaced_whole(tmp_path: Path) -> None:
    path = tmp_path / "out.csv"
    write_atomically(path, b"long old content")
    write_atomically(path, b"new")
    assert path.read_bytes() == b"new"


def test_others_may_read_what_is_written(tmp_path: Path) -> None:
    write_atomically(tmp_path / "out.csv", b"")
    assert (tmp_path / "out.csv").stat().st_mode & 0o777 == 0o644


@pytest.mark.parametrize("step", ["os.fsync", "os.fdopen", "pathlib.Path.chmod", "pathlib.Path.replace"])
@pytest.mark.parametrize("before", [b"old", None])
def test_whatever_fails_the_old_file_stays_and_no_stub_is_left(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, step: str, before: bytes | None
) -> None:
    path = tmp_path / "out.csv"
    if before is not None:
        path.write_bytes(before)
    monkeypatch.setattr(step, full_disk)
    with pytest.raises(OutputError, match="No space left on device") as caught:
        write_atomically(path, b"new")
    monkeypatch.undo()
    assert str(path) in str(caught.value)
    assert {p.name: p.read_bytes() for p in tmp_path.iterdir()} == (
        {} if before is None else {"out.csv": before}
    )


def test_an_interrupted_write_leaves_the_old_file_and_no_stub(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "out.csv"
    path.write_bytes(b"old")
    monkeypatch.setattr("os.fsync", interrupt)
    with pytest.raises(KeyboardInterrupt):
        write_atomically(path, b"new")
    monkeypatch.undo()
    assert {p.name: p.read_bytes() for p in tmp_path.iterdir()} == {"out.csv": b"old"}


def test_a_file_in_the_way_of_a_folder_is_an_output_error(tmp_path: Path) -> None:
    (tmp_path / "taken").write_bytes(b"")
    with pytest.raises(OutputError, match="could not be written"):
        write_atomically(tmp_path / "taken" / "out.csv", b"new")
    with pytest.raises(OutputError, match="could not be written"):
        write_atomically(tmp_path, b"new")


# hashes


def test_hashes_of_files_and_bytes_agree(tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes(b"abc")
    expected = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
    assert sha256_of(tmp_path / "a") == sha256_of_bytes(b"abc") == expected


def test_the_hash_of_a_folder_follows_its_files(tmp_path: Path) -> None:
    for name in ("b", "a"):
        (tmp_path / name).write_bytes(name.encode())
    before = sha256_of(tmp_path)
    assert before == sha256_of_bytes(b"ab")
    (tmp_path / "a").write_bytes(b"c")
    assert sha256_of(tmp_path) != before


def test_keys_depend_on_every_part_and_not_on_the_order_of_names() -> None:
    assert cache_key("a", {"x": 1, "y": 2}) == cache_key("a", {"y": 2, "x": 1})
    keys = {
        cache_key(*parts) for parts in [("a",), ("b",), ("a", "b"), ("ab",), ("a", {"x": 1}), ("a", {"x": 2})]
    }
    assert len(keys) == 6


def test_keys_change_with_the_program(monkeypatch: pytest.MonkeyPatch) -> None:
    before = cache_key("a")
    monkeypatch.setattr(store, "_program", lambda: "another program")
    assert cache_key("a") != before


# the cache


def test_the_cache_is_where_the_environment_says(cache: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert cache_folder() == cache
    monkeypatch.delenv("BORDERLESS_CACHE")
    assert cache_folder().name == "borderless"


def test_arrays_come_back_as_they_were(cache: Path) -> None:
    cache_put("key", ARRAYS)
    kept = cache_get("key")
    assert kept is not None
    assert list(kept) == list(ARRAYS)
    for name, array in ARRAYS.items():
        assert kept[name].dtype == array.dtype
        assert kept[name].shape == array.shape
        assert kept[name].tobytes() == array.tobytes()
    assert [path.name for path in cache.iterdir()] == ["key.npz"]


def test_what_was_never_kept_is_not_there(cache: Path) -> None:
    assert cache_get("key") is None
    assert not cache.exists()


def cut(content: bytes) -> bytes:
    return content[: len(content) // 2]


def flip(content: bytes) -> bytes:
    middle = len(content) // 2
    return content[:middle] + bytes([content[middle] ^ 1]) + content[middle + 1 :]


@pytest.mark.parametrize(
    "damage",
    [cut, flip, lambda _: b"", lambda c: c[:31], lambda c: c[32:], lambda c: c + b"\0", lambda _: b"{}"],
)
def test_a_damaged_entry_is_a_miss_and_is_healed(cache: Path, damage: Callable[[bytes], bytes]) -> None:
    cache_put("key", ARRAYS)
    file = cache / "key.npz"
    file.write_bytes(damage(file.read_bytes()))
    assert cache_get("key") is None
    assert cached("key", lambda: {"a": np.array([7])})["a"].tolist() == [7]
    healed = cache_get("key")
    assert healed is not None
    assert healed["a"].tolist() == [7]


def test_a_folder_in_place_of_an_entry_is_a_miss_and_no_error(cache: Path) -> None:
    (cache / "key.npz").mkdir(parents=True)
    assert cache_get("key") is None
    cache_put("key", ARRAYS)
    assert cached("key", lambda: {"a": np.array([7])})["a"].tolist() == [7]


def test_a_cache_that_cannot_be_written_is_no_error(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "file").write_bytes(b"")
    monkeypatch.setenv("BORDERLESS_CACHE", str(tmp_path / "file"))
    cache_put("key", ARRAYS)
    assert cached("key", lambda: {"a": np.array([7])})["a"].tolist() == [7]


def test_objects_are_never_pickled_into_the_cache(cache: Path) -> None:
    with pytest.raises(ValueError, match="allow_pickle"):
        cache_put("key", {"a": np.array([{}], dtype=object)})
    assert not cache.exists()


def test_what_is_cached_is_computed_once(cache: Path) -> None:
    calls = []

    def compute() -> dict[str, np.ndarray]:
        calls.append(os.getpid())
        return {"a": np.array([1, 2])}

    first, second = cached("key", compute), cached("key", compute)
    assert first["a"].tolist() == second["a"].tolist() == [1, 2]
    assert len(calls) == 1
    assert cache.is_dir()
