"""Whatever the disk refuses, and whenever: the old result or the new one, whole, and a word about it."""

from __future__ import annotations

import errno
from pathlib import Path

import pytest

from borderless import store
from borderless.errors import OutputError
from borderless.store import write_atomically, write_set
from faulty_disk import Moments, faulty_disk

OLD = {f"{n}.csv": f"old {n}".encode() * n for n in range(1, 4)} | {"run.json": b"old"}
NEW = {f"{n}.csv": f"new {n}".encode() * n for n in range(2, 5)} | {"run.json": b"new"}
# What a run replaces, and what it leaves where it is.
AFTER = {"1.csv": OLD["1.csv"]} | NEW
ERRORS = {errno.ENOSPC: "No space left on device", errno.EIO: "", errno.EACCES: "Permission denied"}


def contents(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir()} if folder.exists() else {}


def written(out: Path, moments: Moments) -> str | None:
    """Write the new set on a faulty disk and return what was told, None for success."""
    with faulty_disk(moments):
        try:
            write_set(out, NEW, last="run.json")
        except OutputError as error:
            return str(error)
    return None


@pytest.mark.parametrize("number", ERRORS)
@pytest.mark.parametrize("old", [OLD, {}], ids=["over an old result", "into no folder"])
def test_one_failing_step_leaves_the_old_set_or_the_new_one(
    tmp_path: Path, number: int, old: dict[str, bytes]
) -> None:
    steps = Moments(None)
    assert written(tmp_path / "probe", steps) is None
    refused = 0
    # moving the old set aside takes steps too, so the run is over when no step is left to fail
    for at in range(10_000):
        out = tmp_path / str(at)
        if old:
            write_set(out, old, last="run.json")
        moments = Moments(at, number)
        told = written(out, moments)
        if told is None:
            # removing what is not needed any more may fail, and the next writer tries again
            visible = {name: c for name, c in contents(out).items() if not name.startswith(".")}
            assert visible == (AFTER if old else NEW), moments.seen
        else:
            refused += 1
            assert contents(out) == old, moments.seen
            assert out.exists() is bool(old)
            assert str(out) in told
            assert ERRORS[number] in told
            assert "what was there before is unchanged → " in told
            assert (number == errno.ENOSPC) == ("bytes, " in told or "needs " in told)
        if len(moments.seen) <= at:
            assert (told, contents(out)) == (None, AFTER if old else NEW)
            break
    assert refused >= 4 * len(NEW)


def test_a_disk_that_fails_for_good_keeps_the_old_set_somewhere(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(store, "_lives", lambda _: False)
    for at in range(10_000):
        out = tmp_path / str(at)
        write_set(out, OLD, last="run.json")
        moments = Moments(at, errno.EIO, for_good=True)
        told = written(out, moments)
        left = contents(out)
        visible = {name: content for name, content in left.items() if not name.startswith(".")}
        if told is not None and "could not all be put back" in told:
            assert set(OLD.values()) <= set(left.values())
            assert visible == AFTER or "run.json" not in visible
        else:
            assert visible == (AFTER if told is None else OLD)
        # once the disk is well again, the next writer begins with one of the two
        assert written(out, Moments(at, errno.EIO)) is None or contents(out) in (OLD, AFTER)
        assert written(out, Moments(None)) is None
        assert contents(out) == AFTER
        if len(moments.seen) <= at:
            break


@pytest.mark.parametrize("number", ERRORS)
@pytest.mark.parametrize("old", [b"old", None])
def test_a_single_file_is_old_or_new_too(tmp_path: Path, number: int, old: bytes | None) -> None:
    for at in range(100):
        path = tmp_path / str(at) / "page.html"
        if old is not None:
            write_atomically(path, old)
        moments = Moments(at, number)
        with faulty_disk(moments):
            try:
                write_atomically(path, b"n", b"ew")
            except OutputError as error:
                assert str(path.parent) in str(error)
                assert contents(path.parent) == ({} if old is None else {"page.html": old}), moments.seen
            else:
                assert contents(path.parent)["page.html"] == b"new"
        if len(moments.seen) <= at:
            return
    pytest.fail("it never ended")


def test_the_disk_of_these_tests_sees_every_kind_of_step(tmp_path: Path) -> None:
    write_set(tmp_path, OLD, last="run.json")
    moments = Moments(None)
    with faulty_disk(moments):
        write_set(tmp_path, NEW, last="run.json")
    every = {"open", "write", "write half", "fsync", "rename", "replace", "unlink", "mkdir", "touch"}
    assert set(moments.seen) == every
    assert moments.seen.count("write half") == moments.seen.count("rename") == len(NEW)


def test_every_file_is_on_the_disk_before_any_moves_and_the_manifest_after_all(
    tmp_path: Path,
) -> None:
    write_set(tmp_path, OLD, last="run.json")
    moments = Moments(None)
    with faulty_disk(moments):
        write_set(tmp_path, NEW, last="run.json")
    steps = moments.seen
    first = steps.index("replace")
    assert [steps[:first].count(step) for step in ("write half", "fsync")] == [len(NEW), len(NEW)]
    # the old manifest's leaving is flushed before the next file moves, the new one comes between two flushes
    assert steps[first : first + 2] == ["replace", "fsync"]
    last = len(steps) - 1 - steps[::-1].index("rename")
    assert steps[last - 1 : last + 2] == ["fsync", "rename", "fsync"]
    assert set(steps[last + 2 :]) == {"unlink"}
