"""A cache entry is either right or not there, and the cache never grows without end."""

from __future__ import annotations

import errno
import hashlib
import os
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from borderless import cache
from borderless.cache import (
    CacheWarning,
    cache_entries,
    cache_folder,
    cache_get,
    cache_key,
    cache_put,
    cached,
    cached_downloads,
    clear_cache,
    limit_bytes,
)
from borderless.errors import BorderlessError, OutputError

ARRAYS: dict[str, np.ndarray] = {
    "whole": np.array([[1, -2], [2**31 - 1, 0]], dtype=np.int32),
    "long": np.array([2**62], dtype=np.int64),
    "share": np.array([0.1, np.nan, np.inf]),
    "yes": np.array([True, False]),
    "text": np.array(["", "Ü", "a" * 50]),
    "bytes": np.frombuffer(b"\0\xff", dtype=np.uint8),
    "empty": np.empty((0, 7), dtype=np.float64),
}
KEY = cache_key("times", "of a test")
SEVEN: dict[str, np.ndarray] = {"a": np.array([7])}
DAY_S = 86_400


def file_of(folder: Path, key: str = KEY) -> Path:
    return folder / f"{key}.npz"


def assert_healed() -> None:
    """Assert that the next put makes an entry whole, without another warning."""
    cache_put(KEY, SEVEN)
    healed = cache_get(KEY)
    assert healed is not None
    assert healed["a"].tolist() == [7]


def unused_for(path: Path, seconds: float) -> None:
    then = time.time() - seconds
    # used after it was made: then most systems leave it to the program to note the next use
    os.utime(path, (then, then - 1))


def kept_numbers(numbers: range) -> list[int]:
    return [number for number in numbers if cache_get(cache_key("n", number)) is not None]


# keys


def test_keys_depend_on_every_part_and_not_on_the_order_of_names() -> None:
    assert cache_key("a", {"x": 1, "y": 2}) == cache_key("a", {"y": 2, "x": 1})
    parts: list[tuple[object, ...]] = [(), ("b",), ("b", "c"), ("bc",), ({"x": 1},), ({"x": 2},)]
    assert len({cache_key("a", *those) for those in parts} | {cache_key("b")}) == 7


def test_keys_change_with_the_program(monkeypatch: pytest.MonkeyPatch) -> None:
    before = cache_key("a")
    monkeypatch.setattr(cache, "_program", lambda: "another program")
    assert cache_key("a") != before


# reading and writing


def test_the_cache_is_where_the_environment_says(empty_cache: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert cache_folder() == empty_cache
    monkeypatch.delenv("BORDERLESS_CACHE")
    assert cache_folder().name == "borderless"


def test_arrays_come_back_as_they_were(empty_cache: Path) -> None:
    cache_put(KEY, ARRAYS)
    kept = cache_get(KEY)
    assert kept is not None
    assert list(kept) == list(ARRAYS)
    for name, array in ARRAYS.items():
        assert kept[name].dtype == array.dtype
        assert kept[name].shape == array.shape
        assert kept[name].tobytes() == array.tobytes()
    assert list(empty_cache.iterdir()) == [file_of(empty_cache)]


def test_what_was_never_kept_is_not_there(empty_cache: Path) -> None:
    assert cache_get(KEY) is None
    assert not empty_cache.exists()


def test_objects_are_never_pickled_into_the_cache(empty_cache: Path) -> None:
    with pytest.raises(ValueError, match="allow_pickle"):
        cache_put(KEY, {"a": np.array([{}], dtype=object)})
    assert not empty_cache.exists()


def test_what_is_cached_is_computed_once(empty_cache: Path) -> None:
    calls = []

    def compute() -> dict[str, np.ndarray]:
        calls.append(os.getpid())
        return {"a": np.array([1, 2])}

    first, second = cached(KEY, compute), cached(KEY, compute)
    assert first["a"].tolist() == second["a"].tolist() == [1, 2]
    assert len(calls) == 1
    assert empty_cache.is_dir()


# damage


def cut(content: bytes) -> bytes:
    return content[: len(content) // 2]


def flip(content: bytes) -> bytes:
    middle = len(content) // 2
    return content[:middle] + bytes([content[middle] ^ 1]) + content[middle + 1 :]


def not_an_archive(_: bytes) -> bytes:
    content = b"right checksum, wrong content"
    return hashlib.sha256(content).digest() + content


def another_name(entry: bytes) -> bytes:
    content = entry[32:].replace(b"whole.npy", b"whale.npy")
    assert content != entry[32:]
    return hashlib.sha256(content).digest() + content


@pytest.mark.parametrize(
    "damage",
    [
        another_name,
        *(cut, flip, not_an_archive, lambda _: b"", lambda c: c[:31], lambda c: c[32:], lambda c: c + b"\0"),
        lambda _: b"{}",
    ],
)
def test_a_damaged_entry_is_a_miss_with_one_warning_and_is_healed(
    empty_cache: Path, damage: Callable[[bytes], bytes]
) -> None:
    cache_put(KEY, ARRAYS)
    file = file_of(empty_cache)
    file.write_bytes(damage(file.read_bytes()))
    with pytest.warns(CacheWarning, match="cannot be used .* → it is computed again") as told:
        assert cache_get(KEY) is None
    assert len(told) == 1
    assert str(file) in str(told[0].message)
    assert_healed()


def test_a_folder_in_place_of_an_entry_is_a_miss_with_one_warning_and_is_healed(empty_cache: Path) -> None:
    file_of(empty_cache).mkdir(parents=True)
    (file_of(empty_cache) / "inside").write_bytes(b"")
    with pytest.warns(CacheWarning, match=r"Is a directory|Permission denied") as told:
        assert cached(KEY, lambda: SEVEN)["a"].tolist() == [7]
    assert len(told) == 1
    assert_healed()


def test_an_entry_that_may_not_be_read_is_a_miss_with_one_warning(
    empty_cache: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refused(_: Path) -> bytes:
        raise PermissionError(errno.EACCES, "Permission denied")

    cache_put(KEY, ARRAYS)
    with monkeypatch.context() as patch, pytest.warns(CacheWarning, match="Permission denied") as told:
        patch.setattr(Path, "read_bytes", refused)
        assert cache_get(KEY) is None
    assert len(told) == 1
    assert empty_cache.is_dir()
    assert_healed()


def test_a_cache_that_cannot_be_written_is_no_error_but_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "file").write_bytes(b"")
    monkeypatch.setenv("BORDERLESS_CACHE", str(tmp_path / "file"))
    with pytest.warns(CacheWarning, match=r"file: the cache cannot be written \(") as told:
        assert cached(KEY, lambda: SEVEN)["a"].tolist() == [7]
    assert len(told) == 1
    assert cache_entries() == []


# many at once

SHARE = """
import os, sys, warnings
import numpy as np
from borderless.cache import cache_get, cache_put
warnings.simplefilter("error")
key, times = sys.argv[1], int(sys.argv[2])
children = []
for who in range(8):
    children.append(os.fork())
    if children[-1] == 0:
        torn = True
        try:
            for number in range(times):
                kept = cache_get(key)
                if kept is not None:
                    value = kept["number"][0]
                    assert (kept["number"] == value).all() and (kept["squared"] == value**2).all()
                mine = np.full(25_000, 1000 * who + number)
                cache_put(key, {"number": mine, "squared": mine**2})
            torn = False
        finally:
            os._exit(torn)
codes = [os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) for child in children]
sys.exit(str(codes) if any(codes) else 0)
"""


@pytest.mark.skipif(sys.platform == "win32", reason="needs copies of a process")
@pytest.mark.parametrize("times", [25, pytest.param(500, marks=pytest.mark.slow)])
def test_eight_processes_on_one_entry_never_read_a_torn_one(empty_cache: Path, times: int) -> None:
    words = [sys.executable, "-P", "-c", SHARE, KEY, str(times)]
    ended = subprocess.run(words, capture_output=True, text=True, check=False, timeout=300)
    assert (ended.returncode, ended.stderr) == (0, "")
    assert list(empty_cache.iterdir()) == [file_of(empty_cache)]
    assert cache_get(KEY) is not None


# how much is kept


def test_beyond_the_limit_the_entries_unused_for_longest_go(
    empty_cache: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    entry = {"a": np.zeros(300_000, dtype=np.uint8)}
    for number in range(3):
        cache_put(cache_key("n", number), entry)
        unused_for(file_of(empty_cache, cache_key("n", number)), 100 - number)
    assert kept_numbers(range(1)) == [0]  # which uses it
    monkeypatch.setenv("BORDERLESS_CACHE_MAX_MB", "1")
    cache_put(cache_key("n", 3), entry)
    assert kept_numbers(range(4)) == [0, 2, 3]


def test_what_was_not_used_for_long_goes(empty_cache: Path) -> None:
    for number, days in ((0, 91), (1, 89)):
        cache_put(cache_key("n", number), SEVEN)
        unused_for(file_of(empty_cache, cache_key("n", number)), days * DAY_S)
    cache_put(KEY, SEVEN)
    assert kept_numbers(range(2)) == [1]


def test_an_entry_larger_than_the_limit_is_not_kept_and_drives_out_nothing(
    empty_cache: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    cache_put(KEY, SEVEN)
    monkeypatch.setenv("BORDERLESS_CACHE_MAX_MB", "1")
    cache_put(cache_key("n", 1), {"a": np.zeros(1_000_000, dtype=np.uint8)})
    assert list(empty_cache.iterdir()) == [file_of(empty_cache)]


def test_what_was_just_made_stays_whatever_the_clock_of_the_others(
    empty_cache: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    entry = {"a": np.zeros(600_000, dtype=np.uint8)}
    cache_put(cache_key("n", 0), entry)
    unused_for(file_of(empty_cache, cache_key("n", 0)), -1000)
    monkeypatch.setenv("BORDERLESS_CACHE_MAX_MB", "1")
    cache_put(cache_key("n", 1), entry)
    assert kept_numbers(range(2)) == [1]


@pytest.mark.parametrize("named", ["-1", "1.5", "5 GB", "²"])
def test_a_limit_that_is_no_number_is_told(named: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BORDERLESS_CACHE_MAX_MB", named)
    with pytest.raises(BorderlessError, match=r"BORDERLESS_CACHE_MAX_MB is .* → give whole megabytes"):
        limit_bytes()


def test_without_a_limit_there_is_one(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BORDERLESS_CACHE_MAX_MB", "")
    assert limit_bytes() == 5_000_000_000


# what is kept, and clearing it


def test_what_is_kept_is_told_without_opening_it(empty_cache: Path) -> None:
    cache_put(cache_key("network", 1), ARRAYS)
    file_of(empty_cache, cache_key("network", 1)).write_bytes(b"damaged")
    cache_put(KEY, SEVEN)
    (empty_cache / f"{'0' * 64}.npz").write_bytes(b"of the first version")
    for age_s, key in ((50, cache_key("network", 1)), (0, KEY), (100, "0" * 64)):
        unused_for(file_of(empty_cache, key), age_s)
    assert [(entry.kind, entry.size_bytes) for entry in cache_entries()] == [
        ("times", file_of(empty_cache).stat().st_size),
        ("network", 7),
        ("older", 20),
    ]


def test_reading_an_entry_is_using_it_and_not_making_it(
    empty_cache: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    cache_put(KEY, SEVEN)
    made_s = cache_entries()[0].made_s
    # a time that no system notes by itself when a file is read
    monkeypatch.setattr("time.time", lambda: made_s + 5000)
    cache_get(KEY)
    (entry,) = cache_entries()
    assert (entry.made_s, entry.used_s) == pytest.approx((made_s, made_s + 5000), abs=0.01)
    assert empty_cache.is_dir()


def test_clearing_frees_what_is_kept_and_downloaded_and_leaves_the_rest(empty_cache: Path) -> None:
    cache_put(KEY, SEVEN)
    cache_put(cache_key("network", 1), ARRAYS)
    (empty_cache / "downloads" / "deep").mkdir(parents=True)
    (empty_cache / "downloads" / "deep" / "roads.osm.pbf").write_bytes(bytes(1000))
    (empty_cache / "mine.npz").write_bytes(b"mine")
    assert [path.name for path in cached_downloads()] == ["roads.osm.pbf"]
    expected = 1000 + sum(entry.size_bytes for entry in cache_entries())
    assert clear_cache() == expected
    assert [path.name for path in empty_cache.iterdir()] == ["mine.npz"]
    assert clear_cache() == 0


def test_a_home_is_never_cleared(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Path, "home", lambda: tmp_path / "home")
    (tmp_path / "home" / "downloads").mkdir(parents=True)
    (tmp_path / "home" / "downloads" / "mine").write_bytes(b"mine")
    for folder in (tmp_path / "home", tmp_path, Path("/")):
        monkeypatch.setenv("BORDERLESS_CACHE", str(folder))
        with pytest.raises(BorderlessError, match="set BORDERLESS_CACHE to a folder of its own"):
            clear_cache()
    assert (tmp_path / "home" / "downloads" / "mine").read_bytes() == b"mine"


def test_what_cannot_be_removed_is_told(empty_cache: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refused(_: Path) -> None:
        raise PermissionError(errno.EACCES, "Permission denied")

    cache_put(KEY, SEVEN)
    with monkeypatch.context() as patch:
        patch.setattr(Path, "unlink", refused)
        with pytest.raises(OutputError, match=r"times-.*could not be removed \(Permission denied\)"):
            clear_cache()
    assert cache_get(KEY) is not None
    assert empty_cache.is_dir()
