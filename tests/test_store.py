"""Files are there whole or not at all, and a set of files is old or new, never a mixture."""

from __future__ import annotations

import errno
import os
import subprocess
import sys
import tempfile
import threading
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import pytest

from borderless import store
from borderless.errors import OutputError
from borderless.store import scratch, sha256_of, sha256_of_bytes, size_text, write_atomically, write_set

OLD = {"a.csv": b"old a", "b.csv": b"old b", "run.json": b"old manifest"}
NEW = {"run.json": b"new manifest", "a.csv": b"new a", "b.csv": b"new b", "c.html": b"new c"}


class Usage(NamedTuple):
    """How full a disk is."""

    total: int = 1000
    free: int = 20


def full_disk(*_: object) -> None:
    raise OSError(errno.ENOSPC, "No space left on device")


def interrupt(*_: object) -> None:
    raise KeyboardInterrupt


def contents(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir()}


def finished_process() -> int:
    """Return the number of a process that lives no more."""
    with subprocess.Popen([sys.executable, "-c", ""]) as process:
        return process.pid


@pytest.fixture
def out(tmp_path: Path) -> Path:
    """Return a folder with an older result."""
    write_set(tmp_path / "out", OLD, last="run.json")
    return tmp_path / "out"


# one file


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


@pytest.mark.skipif(sys.platform == "win32", reason="needs POSIX permissions")
@pytest.mark.parametrize(("mask", "mode"), [(0o022, 0o644), (0o077, 0o600)])
def test_others_may_read_what_is_written_where_the_user_lets_them(
    tmp_path: Path, mask: int, mode: int
) -> None:
    before = os.umask(mask)
    try:
        write_atomically(tmp_path / "out.csv", b"")
    finally:
        os.umask(before)
    assert (tmp_path / "out.csv").stat().st_mode & 0o777 == mode


@pytest.mark.parametrize("step", ["os.fsync", "pathlib.Path.open", "pathlib.Path.replace"])
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


def test_a_folder_that_was_made_for_nothing_goes_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("os.fsync", full_disk)
    with pytest.raises(OutputError):
        write_atomically(tmp_path / "new" / "folder" / "out.csv", b"new")
    assert list(tmp_path.iterdir()) == []


# a set of files


def test_a_set_is_written_with_the_file_that_speaks_for_it_at_the_end(tmp_path: Path) -> None:
    written = write_set(tmp_path / "deep" / "out", NEW, last="run.json")
    assert [path.name for path in written] == ["a.csv", "b.csv", "c.html", "run.json"]
    assert contents(tmp_path / "deep" / "out") == NEW


def test_a_set_replaces_the_one_before_and_nothing_else(out: Path) -> None:
    (out / "mine.txt").write_bytes(b"mine")
    write_set(out, NEW, last="run.json")
    assert contents(out) == NEW | {"mine.txt": b"mine"}


def test_at_no_moment_do_old_and_new_files_stand_side_by_side(
    out: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen = []

    def look(name: str) -> Callable[[Path, Path], Path]:
        move: Callable[[Path, Path], Path] = getattr(Path, name)

        def moved(path: Path, target: Path) -> Path:
            done = move(path, target)
            seen.append({p.name: p.read_bytes() for p in out.iterdir() if not p.name.startswith(".")})
            return done

        return moved

    for name in ("replace", "rename"):
        monkeypatch.setattr(Path, name, look(name))
    write_set(out, NEW, last="run.json")
    assert len(seen) == len(OLD) + len(NEW)
    for files in seen:
        assert files.items() <= OLD.items() or files.items() <= NEW.items()
        assert "run.json" not in files or files == NEW


@pytest.mark.parametrize("fault", [full_disk, interrupt])
@pytest.mark.parametrize("step", ["os.fsync", "pathlib.Path.open", "pathlib.Path.rename"])
def test_whatever_fails_the_old_set_stays(
    out: Path, monkeypatch: pytest.MonkeyPatch, step: str, fault: Callable[..., None]
) -> None:
    monkeypatch.setattr(step, fault)
    with pytest.raises((OutputError, KeyboardInterrupt)):
        write_set(out, NEW, last="run.json")
    monkeypatch.undo()
    assert contents(out) == OLD


def test_a_folder_in_the_place_of_a_file_is_refused_before_anything_moves(out: Path) -> None:
    (out / "c.html").mkdir()
    with pytest.raises(OutputError, match=r"c\.html: could not be written \(Is a directory\)"):
        write_set(out, NEW, last="run.json")
    (out / "c.html").rmdir()
    assert contents(out) == OLD


def test_a_link_is_replaced_and_what_it_leads_to_stays(out: Path, tmp_path: Path) -> None:
    (tmp_path / "theirs").write_bytes(b"theirs")
    (out / "a.csv").unlink()
    (out / "a.csv").symlink_to(tmp_path / "theirs")
    write_set(out, NEW, last="run.json")
    assert contents(out) == NEW
    assert (tmp_path / "theirs").read_bytes() == b"theirs"


def test_a_disk_that_is_known_to_be_too_small_is_told_with_sizes(
    out: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("shutil.disk_usage", lambda _: Usage())
    monkeypatch.setattr("os.fsync", lambda _: pytest.fail("it wrote"))
    with pytest.raises(OutputError) as caught:
        write_set(out, NEW, last="run.json")
    assert str(out) in str(caught.value)
    assert "needs 27 bytes, 20 bytes free" in str(caught.value)
    assert "what was there before is unchanged → make room" in str(caught.value)
    assert contents(out) == OLD


def test_a_drive_that_tells_of_no_room_at_all_is_believed_when_it_takes_the_files(
    out: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("shutil.disk_usage", lambda _: Usage(total=0, free=0))
    write_set(out, NEW, last="run.json")
    assert contents(out) == NEW


def test_old_files_that_cannot_be_put_back_are_kept_and_the_next_write_puts_them_back(
    out: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = Path.replace

    def back_fails(path: Path, target: Path) -> Path:
        if path.suffix == ".old":
            raise PermissionError(errno.EACCES, "Permission denied")
        return real(path, target)

    monkeypatch.setattr(Path, "rename", full_disk)
    monkeypatch.setattr(Path, "replace", back_fails)
    with pytest.raises(OutputError, match=r"could not all be put back .* begin with \.borderless-"):
        write_set(out, NEW, last="run.json")
    monkeypatch.undo()
    assert "run.json" not in contents(out)
    assert sorted(contents(out).values()) == sorted(OLD.values())
    monkeypatch.setattr(store, "_lives", lambda _: False)
    monkeypatch.setattr("os.fsync", full_disk)
    with pytest.raises(OutputError):
        write_set(out, NEW, last="run.json")
    assert contents(out) == OLD


def test_two_writers_of_one_folder_leave_one_whole_set(tmp_path: Path) -> None:
    sets = [
        {f"{n}.csv": bytes([who]) * 1000 for n in range(5)} | {"run.json": bytes([who])} for who in (1, 2)
    ]
    for _ in range(20):
        writers = [
            threading.Thread(target=write_set, args=(tmp_path, files), kwargs={"last": "run.json"})
            for files in sets
        ]
        for writer in writers:
            writer.start()
        for writer in writers:
            writer.join()
        assert contents(tmp_path) in sets


# what killed processes leave


def left_by(process: int, host: str, name: str) -> str:
    return f".borderless-{host}-{process}-0123abcd.{name}"


def test_what_a_killed_writer_left_goes_and_what_a_living_one_writes_stays(out: Path) -> None:
    dead, host = finished_process(), store._host()
    (out / left_by(dead, host, "0.new")).write_bytes(b"half")
    living = left_by(os.getppid(), host, "0.new")
    elsewhere = left_by(dead, "00000000", "0.new")
    for name in (living, elsewhere, ".borderless-notes.new", ".hidden.part"):
        (out / name).write_bytes(b"")
    others = {living, elsewhere, ".borderless-notes.new", ".hidden.part"}
    write_atomically(out / "a.csv", b"newer a")
    assert set(contents(out)) == {*OLD, *others}
    (out / left_by(dead, host, "0.new")).write_bytes(b"half")
    write_set(out, NEW, last="run.json")
    assert set(contents(out)) == {*NEW, *others}


@pytest.mark.parametrize("here", [True, False])
def test_where_nobody_can_be_asked_a_day_is_enough(
    out: Path, monkeypatch: pytest.MonkeyPatch, here: bool
) -> None:
    if here:
        monkeypatch.setattr(sys, "platform", "win32")
    left = out / left_by(os.getpid(), store._host() if here else "00000000", "0.new")
    left.write_bytes(b"")
    for age_s, stays in ((3600, True), (2 * 24 * 3600, False)):
        then = left.stat().st_ctime - age_s
        os.utime(left, (then, then))
        store.remove_unfinished(out)
        assert left.exists() is stays


@pytest.mark.parametrize("complete", [True, False])
def test_the_old_set_is_put_back_unless_the_new_one_is_complete(
    out: Path, monkeypatch: pytest.MonkeyPatch, complete: bool
) -> None:
    dead, host = finished_process(), store._host()
    for name in OLD:
        (out / name).rename(out / left_by(dead, host, f"{name}.old"))
    new = NEW if complete else {"a.csv": b"new a"}
    for name, content in new.items():
        (out / name).write_bytes(content)
    monkeypatch.setattr("os.fsync", full_disk)
    with pytest.raises(OutputError):
        write_set(out, NEW, last="run.json")
    assert contents(out) == (NEW if complete else OLD)


def test_files_in_the_making_go_with_their_folder_also_after_a_kill(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    left = tmp_path / f"borderless-{store._host()}-{finished_process()}-0123abcd_xyz"
    left.mkdir()
    (left / "half.gpkg").write_bytes(b"half")
    (tmp_path / "theirs").mkdir()
    with scratch() as folder:
        (folder / "file").write_bytes(b"")
        with scratch() as other:
            assert (folder / "file").exists()
        assert {path.name for path in tmp_path.iterdir()} == {folder.name, "theirs"}
        assert not other.exists()
    assert [path.name for path in tmp_path.iterdir()] == ["theirs"]


@pytest.mark.parametrize(
    ("count", "text"),
    [(0, "0 bytes"), (999, "999 bytes"), (1000, "1.0 kB"), (12_345_678, "12.3 MB"), (5e12, "5,000.0 GB")],
)
def test_sizes_are_told_for_people(count: float, text: str) -> None:
    assert size_text(count) == text


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
