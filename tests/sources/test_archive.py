"""The guard for ZIP archives refuses before it unpacks, and leaves nothing outside its target."""

from __future__ import annotations

import io
import random
import stat
import struct
import time
import tracemalloc
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from borderless.errors import InputError, OutputError
from borderless.sources.archive import ArchiveLimits, unpack

STREET = "2024-01/2024-01-leicestershire-street.csv"
ROWS = "Month,Longitude,Latitude\n" + "2024-01,-1.13,52.63\n" * 9
BOMB_BYTES = 100_000_000


def street(name: str) -> bool:
    return name.endswith("-street.csv")


def anything(name: str) -> bool:
    return bool(name)


def packed(**members: str | bytes) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return buffer.getvalue()


def packed_by(method: int) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", method) as archive:
        archive.writestr("a-street.csv", ROWS)
    return buffer.getvalue()


def zeros() -> bytes:
    buffer = io.BytesIO()
    with (
        zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive,
        archive.open("a-street.csv", "w") as out,
    ):
        for _ in range(BOMB_BYTES // 1_000_000):
            out.write(bytes(1_000_000))
    return buffer.getvalue()


def link(mode: int = stat.S_IFLNK) -> bytes:
    buffer = io.BytesIO()
    info = zipfile.ZipInfo("a-street.csv")
    info.external_attr = (mode | 0o777) << 16
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr(info, "/etc/passwd")
    return buffer.getvalue()


def promising(size: int, content: bytes = b"x" * 1000) -> bytes:
    """Return an archive whose headers promise another size than its member has."""
    raw = bytearray(packed(**{"a-street.csv": content}))
    for mark, offset in ((b"PK\x03\x04", 22), (b"PK\x01\x02", 24)):
        struct.pack_into("<I", raw, raw.index(mark) + offset, size)
    return bytes(raw)


def flagged(bits: int) -> bytes:
    raw = bytearray(packed(**{"a-street.csv": ROWS}))
    for mark, offset in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        struct.pack_into("<H", raw, raw.index(mark) + offset, bits)
    return bytes(raw)


def twice(*names: str) -> bytes:
    buffer = io.BytesIO()
    with pytest.MonkeyPatch.context() as patch, zipfile.ZipFile(buffer, "w") as archive:
        patch.setattr("warnings.warn", lambda *_, **__: None)
        for name in names:
            archive.writestr(name, ROWS)
    return buffer.getvalue()


def renamed(old: bytes, new: bytes) -> bytes:
    """Return an archive with a name that zipfile would not write."""
    assert len(old) == len(new)
    return packed(**{old.decode(): ROWS}).replace(old, new)


def endless_list() -> bytes:
    """Return an archive that says its list of members is 4 GB long."""
    raw = bytearray(packed(**{"a-street.csv": ROWS}))
    end = raw.rindex(b"PK\x05\x06")
    struct.pack_into("<I", raw, end + 12, 0x7FFF_FFFF)
    return bytes(raw)


HOSTILE: dict[str, tuple[Callable[[], bytes], str]] = {
    "ratio of 1,000": (zeros, "100 times its packed size"),
    "out of the folder": (lambda: packed(**{"../x-street.csv": ROWS}), "leads out of the folder"),
    "out, deep inside": (lambda: packed(**{"a/../../x-street.csv": ROWS}), "leads out of the folder"),
    "out, beside a wanted one": (lambda: packed(**{STREET: ROWS, "../x": ""}), "leads out of the folder"),
    "absolute": (lambda: packed(**{"/tmp/x-street.csv": ROWS}), "absolute path"),
    "drive": (lambda: packed(**{"C:/x-street.csv": ROWS}), "names a drive"),
    "stream of a file": (lambda: packed(**{"a.txt:x-street.csv": ROWS}), "names a drive"),
    "backslash": (lambda: packed(**{"..\\x-street.csv": ROWS}), "backslash"),
    "zero byte": (lambda: renamed(b"a_street.csv", b"a\x00street.csv"), "control character"),
    "line break": (lambda: renamed(b"a_street.csv", b"a\nstreet.csv"), "control character"),
    "empty part": (lambda: packed(**{"a//b-street.csv": ROWS}), "ambiguous part"),
    "dot at the end": (lambda: packed(**{"a./b-street.csv": ROWS}), "ambiguous part"),
    "device": (lambda: packed(**{"NUL.x-street.csv": ROWS}), "keep for devices"),
    "long name": (lambda: packed(**{"x" * 300 + "-street.csv": ROWS}), "too long a name"),
    "symlink": (link, "is a link or a special file"),
    "pipe": (lambda: link(stat.S_IFIFO), "is a link or a special file"),
    "password": (lambda: flagged(0x1), "needs a password"),
    "another method": (lambda: packed_by(zipfile.ZIP_BZIP2), "is packed by method 12"),
    "the same name twice": (lambda: twice("a-street.csv", "a-street.csv"), "is there twice"),
    "the same name in capitals": (lambda: twice("a-street.csv", "A-Street.csv"), "is there twice"),
    "a file that is a folder": (lambda: twice("a", "a/b-street.csv"), "a folder that is also a file"),
    "less than promised": (lambda: promising(1500), "1,000 bytes where its header promises 1,500"),
    "more than promised": (lambda: promising(10), "is damaged"),
    "truncated": (lambda: packed(**{STREET: ROWS})[:-30], "not a whole ZIP archive"),
    "no archive": (lambda: b"<html>Not today</html>", "not a whole ZIP archive"),
    "empty": (lambda: b"", "not a whole ZIP archive"),
    "nothing wanted": (lambda: packed(**{"a.txt": ROWS}), "none of the wanted files"),
    "endless list": (endless_list, "not a whole ZIP archive"),
}


@pytest.fixture
def place(tmp_path: Path) -> Iterator[Path]:
    """Give a test a target, and look afterwards whether anything stands beside it."""
    inner = tmp_path / "inner"
    inner.mkdir()
    yield inner / "target"
    assert {path.name for path in inner.iterdir()} <= {"target", "archive.zip"}
    assert [path.name for path in tmp_path.iterdir()] == ["inner"]


def kept(place: Path, raw: bytes) -> Path:
    archive = place.with_name("archive.zip")
    archive.write_bytes(raw)
    return archive


def test_only_wanted_members_come_out_in_the_order_of_their_names(place: Path) -> None:
    later = STREET.replace("01", "02")
    raw = packed(**{later: ROWS, STREET: ROWS, "2024-01/2024-01-kent-outcomes.csv": "x", "2024-03/": ""})
    assert unpack(kept(place, raw), place, street) == (place / STREET, place / later)
    assert (place / STREET).read_text(encoding="utf-8") == ROWS
    assert sorted(p.name for p in place.rglob("*.csv")) == [Path(STREET).name, Path(later).name]


def test_an_empty_folder_may_be_the_target_and_a_full_one_may_not(place: Path) -> None:
    place.mkdir()
    archive = kept(place, packed(**{STREET: ROWS}))
    unpack(archive, place, street)
    with pytest.raises(InputError, match="already holds something"):
        unpack(archive, place, street)
    assert (place / STREET).read_text(encoding="utf-8") == ROWS


@pytest.mark.parametrize("kind", HOSTILE)
def test_hostile_and_broken_archives_are_refused_by_name(kind: str, place: Path) -> None:
    make, why = HOSTILE[kind]
    archive = kept(place, make())
    with pytest.raises(InputError, match=why) as caught:
        unpack(archive, place, anything if kind != "nothing wanted" else street)
    assert not place.exists()
    assert all(problem.file == "archive.zip" and problem.remedy for problem in caught.value.problems)


def test_a_bomb_is_refused_at_once_and_in_little_memory(place: Path) -> None:
    archive = kept(place, zeros())
    tracemalloc.start()
    began = time.perf_counter()
    with pytest.raises(InputError, match="100 times"):
        unpack(archive, place, street)
    took, (_, peak) = time.perf_counter() - began, tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert took < 1
    assert peak < 5_000_000


def test_a_header_that_hides_a_bomb_does_not_get_it_unpacked(place: Path) -> None:
    archive = kept(place, promising(1_000, bytes(50_000_000)))
    tracemalloc.start()
    with pytest.raises(InputError, match="is damaged"):
        unpack(archive, place, street)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 5_000_000


def test_limits_are_the_callers(place: Path) -> None:
    archive = kept(place, packed(**{STREET: ROWS, "b-street.csv": ROWS}))
    with pytest.raises(InputError, match="more than 1 members"):
        unpack(archive, place, street, limits=ArchiveLimits(members=1))
    longer = kept(place, packed(**{f"{i:03}-street.csv": ROWS for i in range(100)}))
    with pytest.raises(InputError, match="lists far more than 1 members"):
        unpack(longer, place, street, limits=ArchiveLimits(members=1))
    archive = kept(place, packed(**{STREET: ROWS, "b-street.csv": ROWS}))
    with pytest.raises(InputError, match="would unpack to more than"):
        unpack(archive, place, street, limits=ArchiveLimits(total_bytes=2 * len(ROWS) - 1))
    unpack(archive, place, street, limits=ArchiveLimits(total_bytes=2 * len(ROWS), members=2))


def test_members_that_share_their_bytes_are_weighed_against_the_whole_archive(place: Path) -> None:
    # 40 names for the same 100 kB: each for itself has an honest ratio
    body = bytes(range(256)) * 400
    single = packed(**{"00-street.csv": body})
    start, end = single.index(b"PK\x01\x02"), single.rindex(b"PK\x05\x06")
    entry = single[start:end]
    entries = b"".join(entry.replace(b"00-", f"{i:02}-".encode()) for i in range(40))
    closing = bytearray(single[end:])
    struct.pack_into("<HHI", closing, 8, 40, 40, len(entries))
    with pytest.raises(InputError, match="times its size"):
        unpack(kept(place, single[:start] + entries + bytes(closing)), place, street)


@pytest.mark.parametrize("seed", range(100))
def test_flipped_bytes_end_in_the_right_files_or_a_refusal(seed: int, place: Path) -> None:
    chance = random.Random(seed)
    raw = bytearray(packed(**{STREET: ROWS, "b-street.csv": ROWS * 5, "c.txt": "x"}))
    for _ in range(chance.randint(1, 4)):
        raw[chance.randrange(len(raw))] ^= 1 << chance.randrange(8)
    try:
        files = unpack(kept(place, bytes(raw)), place, anything)
    except InputError as error:
        assert all(problem.file == "archive.zip" for problem in error.problems)
        assert not place.exists()
    else:
        assert {file.read_text(encoding="utf-8") for file in files} <= {ROWS, ROWS * 5, "x"}


def test_every_problem_of_an_archive_is_told_at_once(place: Path) -> None:
    with pytest.raises(InputError) as caught:
        unpack(kept(place, packed(**{"../a": "", "/b": "", "c\\d": ""})), place, anything)
    assert [problem.value for problem in caught.value.problems] == ["../a", "/b", "c\\\\d"]


def test_a_disk_that_refuses_leaves_no_half_folder(place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(_: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("borderless.sources.archive.os.fsync", full)
    with pytest.raises(OutputError, match="No space left"):
        unpack(kept(place, packed(**{STREET: ROWS})), place, street)
    assert not place.exists()


def test_a_missing_archive_is_named(place: Path) -> None:
    with pytest.raises(InputError, match=r"gone\.zip: cannot be read"):
        unpack(place.with_name("gone.zip"), place, street)
