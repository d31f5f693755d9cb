"""The bytes of a file: only files of this machine, of known kinds, and never too many."""

from __future__ import annotations

import gzip
from pathlib import Path

import pytest

from borderless.errors import ProblemLog
from borderless.sources import content
from borderless.sources.content import content_of, is_local_file, other_kind

TABLE = b"id,name\n" + b"1,Oundle\n" * 1000


def read(path: Path) -> tuple[bytes | None, list[str]]:
    log = ProblemLog()
    return content_of(path, log), [problem.why for problem in log]


def test_packed_content_comes_out_whole_also_when_packed_in_two_parts(tmp_path: Path) -> None:
    path = tmp_path / "t.csv.gz"
    path.write_bytes(gzip.compress(TABLE[:5000]) + gzip.compress(TABLE[5000:]) + b"\0" * 100)
    assert read(path) == (TABLE, [])


def test_what_grows_beyond_measure_is_refused_before_it_fills_the_memory(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "t.csv.gz"
    path.write_bytes(gzip.compress(b"0" * 30_000_000))
    monkeypatch.setattr(content, "_SMALL_BYTES", 10_000_000)
    got, (why,) = read(path)
    assert got is None
    size = int(why.partition("more than ")[2].partition(" ")[0].replace(",", ""))
    assert 10_000_000 < size < 13_000_000


def test_a_table_that_packs_well_is_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "t.csv.gz"
    path.write_bytes(gzip.compress("".join(f"{i},Oundle\n" for i in range(999)).encode()))
    monkeypatch.setattr(content, "_SMALL_BYTES", 10)
    assert read(path)[1] == []


def test_a_file_that_is_too_large_is_refused_before_it_is_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "t.csv"
    path.write_bytes(TABLE)
    monkeypatch.setattr(content, "LARGEST_BYTES", len(TABLE))
    assert read(path) == (TABLE, [])
    monkeypatch.setattr(content, "LARGEST_BYTES", len(TABLE) - 1)
    got, (why,) = read(path)
    assert got is None
    assert "is not read" in why


@pytest.mark.parametrize(
    ("path", "why"),
    [
        ("/vsicurl/http://127.0.0.1/a.geojson", "only files on this machine are read"),
        ("/vsizip/a.zip/a.geojson", "only files on this machine are read"),
        ("none.geojson", "there is no such file"),
        ("t.pickle", "may run code when it is read, so it is never read"),
        ("t.GPICKLE", "may run code when it is read, so it is never read"),
        ("t.txt", "this kind of file is not known"),
    ],
)
def test_only_local_files_of_known_kinds_are_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, path: str, why: str
) -> None:
    monkeypatch.chdir(tmp_path)
    for name in ("t.pickle", "t.GPICKLE", "t.txt", "T.CSV"):
        (tmp_path / name).write_bytes(TABLE)
    log = ProblemLog()
    assert not is_local_file(Path(path), log, (".csv", ".geojson"))
    assert [problem.why for problem in log] == [why]
    assert is_local_file(Path("T.CSV"), ProblemLog(), (".csv",))


def test_a_file_is_known_by_how_it_begins() -> None:
    assert other_kind(b"id,name\n1,2\n") is None
    assert other_kind(b"") is None
    kind, remedy = other_kind(b"\xef\xbb\xbf \n<!DOCTYPE html>") or ("", "")
    assert kind == "a web page"
    assert remedy
    database = b"SQLite format 3\x00"
    assert other_kind(database, but="GeoPackage") is None
    assert (other_kind(database) or ("", ""))[0] == "a database such as a GeoPackage"
